import { secrets } from "../../core/resource.ts";
import { isAvailable } from "../../velero/storage-location.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import { ask, type Fact, knownValue } from "../fact.ts";
import { type MinioState, readMinioState } from "../minio-state.ts";
import { locationsIn } from "../object-store.ts";
import type { ProbeOptions } from "./thorough.ts";

/** Milliseconds: the way into the cluster has to be opened first. */
const minioLimit = 10_000;

/** What MinIO in the cluster says of its drives; undefined where no location that works is kept by it. */
export async function lookAtMinio(
  locations: Fact<readonly BackupStorageLocation[]>,
  { namespace, askMinio, signal }: ProbeOptions,
): Promise<Fact<MinioState> | undefined> {
  const [location] = locationsIn((knownValue(locations) ?? []).filter(isAvailable), namespace);
  if (location === undefined || askMinio === undefined) return undefined;
  const read = async (end: AbortSignal) => readMinioState(await askMinio(location, end));
  return ask({ verb: "get", kind: secrets, signal, limit: minioLimit, read });
}
