import type { BackupStorageLocation } from "../velero/types.ts";
import type { BackupConfiguration, ConfiguredField, Provider } from "./configuration.ts";
import { nested } from "./interpret.ts";

/** What a location tells of the configuration that it was made from. Nothing stands for what it does not tell. */
export function derivedFrom(location: BackupStorageLocation): BackupConfiguration {
  const { metadata, spec } = location;
  const provider: Provider = isInCluster(spec?.config?.["s3Url"]) ? "InCluster" : "External";
  const options: Record<Provider, readonly (readonly [key: string, value: unknown])[]> = {
    InCluster: [["exposed", spec?.config?.["publicUrl"] === undefined ? undefined : true]],
    External: [
      ["provider", spec?.provider?.replace(/^velero\.io\//, "")],
      ["bucket", spec?.objectStorage?.bucket],
      ["region", spec?.config?.["region"]],
      ["credentials_file_profile", spec?.config?.["profile"]],
    ],
  };
  const group = provider === "InCluster" ? "in_cluster_options" : "external_options";
  const fields = [
    derived(["type"], provider),
    ...options[provider].filter(([, value]) => value !== undefined).map(([key, value]) => derived([group, key], value)),
  ];
  return {
    source: { kind: "BackupStorageLocation", namespace: metadata.namespace ?? "", name: metadata.name },
    mkeVersion: undefined,
    engine: "velero",
    enabled: undefined,
    provider,
    backup: nested(fields),
    fields,
    problems: [],
  };
}

const derived = (path: readonly string[], value: unknown): ConfiguredField => ({
  path: ["backup", "storage_provider", ...path],
  value,
  origin: "derived",
  known: true,
  used: true,
});

/** A name that only the cluster's own DNS answers: minio, minio.mke, minio.mke.svc, minio.mke.svc.cluster.local. */
function isInCluster(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const [first = "", second, third, ...rest] = new URL(url).hostname.split(".");
  if (third === "svc") return true;
  return third === undefined && rest.length === 0 && (second === undefined || first.includes("minio")) && first !== "";
}
