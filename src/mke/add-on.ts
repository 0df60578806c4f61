import type { Era } from "./served.ts";

export type AddOnState = "ready" | "progressing" | "failed" | "unknown";

/** What a controller of MKE says about a service that backups need. */
export interface AddOn {
  /** Undefined for a HelmRelease in a cluster of neither era. */
  readonly era: Era | undefined;
  /** Of the object that says so: Addon, HelmRelease, ServiceSet, MultiClusterService, ClusterDeployment. */
  readonly kind: string;
  /** As kubectl takes it: addons.blueprint.mirantis.com. */
  readonly resource: string;
  /** Undefined for a cluster-wide object. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly service: Service;
  /** What is installed, where the object says it; of k0rdent's objects each has several. */
  readonly release: { readonly namespace: string | undefined; readonly name: string };
  /** The cluster that it is installed in, where that is another one than this. */
  readonly cluster: string | undefined;
  readonly state: AddOnState;
  /** The controller's own word: UpgradeFailed, Provisioning. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** Since when it is so. */
  readonly since: Date | undefined;
  /** Of the chart or of what is in it, whichever the object names. */
  readonly version: string | undefined;
  /** The chart, or k0rdent's template for it. */
  readonly chart: string | undefined;
}

export type Service = "velero" | "minio" | "backup";

/** MKE names releases after features and mirrors charts under other names, so any of an object's names may tell. */
export function serviceNamed(...names: readonly (string | undefined)[]): Service | undefined {
  const has = (pattern: RegExp) => names.some((name) => name !== undefined && pattern.test(name));
  if (has(/velero/i)) return "velero";
  if (has(/minio/i)) return "minio";
  return has(/(^|[-_.])backups?($|[-_.])/i) ? "backup" : undefined;
}
