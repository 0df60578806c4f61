import { randomUUID } from "node:crypto";
import { quickPace, waitUntil } from "../core/wait.ts";
import type { Cluster } from "../kube/cluster.ts";
import { downloadRequests } from "./kinds.ts";

/**
 * Asks the server for a signed URL to a stored file, by the kind and name of a DownloadRequest's target. The Restore kinds
 * need the restore's backup to exist still. The URL is a credential: it must not reach a screen or a log.
 * Throws kind timeout when the server does not answer in time.
 */
export async function signedUrl(
  cluster: Cluster,
  namespace: string,
  target: { kind: string; name: string },
  { signal, limit }: { signal: AbortSignal; limit: number },
): Promise<URL> {
  const name = `${target.name.slice(0, 216)}-${randomUUID()}`;
  const question = { metadata: { name, namespace }, spec: { target } };
  await cluster.create(downloadRequests, question, { fleeting: true, signal });
  try {
    const request = await waitUntil(() => cluster.get(downloadRequests, { namespace, name }, signal), {
      until: ({ status }) => Boolean(status?.downloadURL),
      every: quickPace,
      limit,
      signal,
      what: "the Velero server to sign a link",
    });
    return new URL(request.status?.downloadURL ?? "");
  } finally {
    // Velero keeps a request for ten minutes; many looks would pile them up. Not being allowed to tidy up is no failure.
    await cluster.delete(downloadRequests, { namespace, name }).catch(() => undefined);
  }
}
