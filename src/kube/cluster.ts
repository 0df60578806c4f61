import type { Duplex } from "node:stream";
import type { KubeObject, ResourceKind } from "../core/resource.ts";
import type { ServedKind } from "./discovery.ts";
import type { NameAndAge } from "./names.ts";

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
 * (NotFound, Forbidden, AlreadyExists, Invalid, …), "NoSuchKind" when the kind is not served, "Unreachable",
 * "Untrusted" when TLS failed, or "ProxyRefused". Reads are repeated when the server asks for it or the connection breaks.
 */
export interface Cluster {
  /** The kubeconfig context's name; "" when the client runs in a pod. */
  readonly context: string;
  readonly server: string;
  get<T extends KubeObject>(kind: ResourceKind<T>, reference: ObjectReference, signal?: AbortSignal): Promise<T>;
  /** Everything, in the server's order (by namespace and name), as it was at one moment. */
  list<T extends KubeObject>(kind: ResourceKind<T>, query?: ListQuery): Promise<T[]>;
  /**
   * Page by page, at most 500 objects each, in the server's order. An object that is there all the time comes exactly once;
   * of those that are created or deleted meanwhile, later pages may show either.
   */
  pages<T extends KubeObject>(kind: ResourceKind<T>, query?: ListQuery): AsyncIterable<T[]>;
  /** The names alone, of any number of objects in one small answer. */
  names(kind: ResourceKind, query?: Pick<ListQuery, "namespace" | "signal">): Promise<NameAndAge[]>;
  /**
   * Sent once, never again: when the answer is lost, the error says that nobody knows whether the object was created.
   * `dryRun` lets the server check without storing; a `fleeting` object is a question that goes by itself, so nobody is
   * told to look whether it is there.
   */
  create<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options?: { dryRun?: boolean; fleeting?: boolean; signal?: AbortSignal },
  ): Promise<T>;
  /** JSON merge patch (RFC 7386): fields that are null go. Sent once, as create is; resolves to the changed object. */
  patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    reference: ObjectReference,
    change: object,
    signal?: AbortSignal,
    options?: { dryRun?: boolean },
  ): Promise<T>;
  /**
   * Sent once, as create is. A `lastWord` tidies up after a question: it is sent although the command was interrupted, given
   * up after two seconds, and the command's end waits for it.
   */
  delete(
    kind: ResourceKind,
    reference: ObjectReference,
    signal?: AbortSignal,
    options?: { lastWord?: boolean },
  ): Promise<void>;
  /** gitVersion of the API server, v1.34.4. */
  version(signal?: AbortSignal): Promise<string>;
  /** Every kind served, in two requests; none from servers before Kubernetes 1.27. */
  kinds(signal?: AbortSignal): Promise<ServedKind[]>;
  /**
   * A byte stream to a port of a pod, through the API server. It must stand within the request's time limit. It breaks with
   * a Failure when nothing listens there; it cannot end one direction alone.
   */
  connect(pod: { namespace: string; name: string; port: number }, signal?: AbortSignal): Promise<Duplex>;
  /**
   * What a container wrote, in bytes as they come, each line behind its time (RFC 3339 with nanoseconds) and a space. Ends
   * with the container where it is followed, and may break with a Failure at any moment. Asked once.
   */
  logs(
    container: { namespace: string; pod: string; name: string },
    options?: {
      follow?: boolean;
      /** Whole seconds count. */
      since?: Date;
      /** Of the container that ran before this one. */
      previous?: boolean;
      /** Only so many lines, the last ones. */
      last?: number;
      signal?: AbortSignal;
    },
  ): Promise<AsyncIterable<Buffer>>;
}
