import { authorityOf, bucketKeys, bucketSettings } from "../velero/bucket-access.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { Context } from "./command.ts";

/** MinIO's answer about itself, which only its root keys get: the location's are, as MKE sets it up. Throws a Failure. */
export async function askMinio(
  context: Pick<Context, "cluster" | "store" | "insecureSkipTlsVerify">,
  location: BackupStorageLocation,
  signal: AbortSignal,
): Promise<string> {
  const { insecureSkipTlsVerify } = context;
  const cluster = await context.cluster();
  const [store, keys, ca] = await Promise.all([
    context.store(),
    bucketKeys(cluster, location, signal),
    insecureSkipTlsVerify ? undefined : authorityOf(cluster, location, signal),
  ]);
  const settings = bucketSettings(location, { ca, insecureSkipTlsVerify });
  // MinIO keeps what is about itself where a bucket of that name would be.
  const probe = store.probe({ ...settings, bucket: "minio", forcePathStyle: true }, () => keys);
  const { content } = await probe.ask({ method: "GET", key: "admin/v3/info" }, signal);
  return content.toString("utf8");
}
