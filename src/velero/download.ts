import { randomUUID } from "node:crypto";
import { mayPass } from "../core/failure.ts";
import { quickPace, waitUntil } from "../core/wait.ts";
import type { Cluster } from "../kube/cluster.ts";
import { downloadRequests } from "./kinds.ts";

export interface SigningOptions {
  readonly signal: AbortSignal;
  /** Milliseconds that the server may take. */
  readonly limit: number;
  /** Asked when the server takes longer than usual; throws when no server runs that could answer. */
  checkServer?(): Promise<void>;
}

/** A running server signs within a few milliseconds; after this many it is worth a look whether one runs. */
const usualTime = 1000;

/**
 * Asks the server for a signed URL to a stored file, by the kind and name of a DownloadRequest's target. The Restore kinds
 * need the restore's backup to exist still. The URL is a credential: it must not reach a screen or a log.
 * Throws kind timeout when the server does not answer in time, reason Forbidden when the user may not ask, Invalid when the
 * server knows no such file.
 */
export async function signedUrl(
  cluster: Cluster,
  namespace: string,
  target: { kind: string; name: string },
  { signal, limit, checkServer }: SigningOptions,
): Promise<URL> {
  const name = `${target.name.slice(0, 216)}-${randomUUID()}`;
  const start = performance.now();
  let isThere = false;
  try {
    await cluster.create(
      downloadRequests,
      { metadata: { name, namespace }, spec: { target } },
      { fleeting: true, signal },
    );
    isThere = true;
    const look = async () => {
      if (performance.now() - start > usualTime) await checkServer?.();
      return cluster.get(downloadRequests, { namespace, name }, signal);
    };
    const request = await waitUntil(look, {
      until: ({ status }) => Boolean(status?.downloadURL),
      every: quickPace,
      limit,
      signal,
      what: "the Velero server to sign a link",
    });
    forget();
    return new URL(request.status?.downloadURL ?? "");
  } catch (error) {
    // The answer may have been lost, and the request be there.
    if (isThere || signal.aborted || mayPass(error)) forget();
    signal.throwIfAborted();
    throw error;
  }

  /** Velero keeps a request for ten minutes; many looks would pile them up. Not being allowed to tidy up is no failure. */
  function forget(): void {
    // Nobody waits for it here: the file is read meanwhile.
    cluster.delete(downloadRequests, { namespace, name }, undefined, { lastWord: true }).catch(() => undefined);
  }
}
