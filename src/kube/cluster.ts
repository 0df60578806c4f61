import type { Duplex } from "node:stream";
import type { KubeObject, ResourceKind } from "../core/resource.ts";

export interface ListQuery {
  /** Every namespace when left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Ends the request, and the paging. */
  readonly signal?: AbortSignal | undefined;
}

export interface ObjectReference {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/**
 * The cluster as commands see it. Every method throws a Failure whose `reason` is the API server's
 * (NotFound, Forbidden, AlreadyExists, Invalid, …), "NoSuchKind" when the kind is not served, or "Unreachable".
 */
export interface Cluster {
  /** The kubeconfig context's name; "" when the client runs in a pod. */
  readonly context: string;
  readonly server: string;
  get<T extends KubeObject>(kind: ResourceKind<T>, reference: ObjectReference, signal?: AbortSignal): Promise<T>;
  /** All pages, in the server's order (by name). */
  list<T extends KubeObject>(kind: ResourceKind<T>, query?: ListQuery): Promise<T[]>;
  /** Page by page, at most 500 objects each. */
  pages<T extends KubeObject>(kind: ResourceKind<T>, query?: ListQuery): AsyncIterable<T[]>;
  /** Sent once, never again: a lost answer is an error. `dryRun` lets the server check without storing. */
  create<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options?: { dryRun?: boolean; signal?: AbortSignal },
  ): Promise<T>;
  delete(kind: ResourceKind, reference: ObjectReference, signal?: AbortSignal): Promise<void>;
  /** gitVersion of the API server, v1.34.4. */
  version(signal?: AbortSignal): Promise<string>;
  /** A byte stream to a port of a pod, through the API server. */
  connect(pod: { namespace: string; name: string; port: number }, signal?: AbortSignal): Promise<Duplex>;
}
