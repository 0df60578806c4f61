import type { Cluster } from "../kube/cluster.ts";
import type { Bucket, BucketKeys, BucketSettings, ObjectStore, Trust } from "./object-store.ts";
import { Road, type RoadOptions } from "./road.ts";
import { openLink } from "./signed-link.ts";

/** Opens the bucket, by signed URLs or by keys. They name the host Velero uses, which is often a Service that only pods can reach. */
export function openObjectStore(cluster: Cluster, options: RoadOptions = {}): ObjectStore {
  const roads = new Map<string, Road>();
  const ends: (() => void)[] = [];
  const roadTo = (origin: URL, { ca, andUsual = false, insecureSkipTlsVerify }: Trust): Road => {
    const trust = { ca, andUsual, insecureSkipTlsVerify };
    const key = JSON.stringify([origin.origin, trust]);
    const road = roads.get(key) ?? new Road(new URL(origin.origin), trust, cluster, options);
    roads.set(key, road);
    return road;
  };
  return {
    open: (url, trust, how) => openLink(roadTo(url, trust), url, how),
    bucket: (settings, keys) => lateBucket(settings, keys, roadTo, (end) => ends.push(end)),
    prepare: (origin, trust) => roadTo(origin, trust).prepare(),
    close() {
      for (const end of ends) end();
      for (const road of roads.values()) road.close();
    },
  };
}

/** A bucket whose S3 client is loaded when the first object is asked for. */
function lateBucket(
  settings: BucketSettings,
  keys: BucketKeys,
  roadTo: (origin: URL, trust: Trust) => Road,
  onOpen: (close: () => void) => void,
): Bucket {
  const open = async (): Promise<Bucket> => {
    const { openBucket } = await import("./s3.ts");
    const made = openBucket(settings, keys, roadTo(originOf(settings), settings));
    onOpen(made.close);
    return made;
  };
  let opened: Promise<Bucket> | undefined;
  const bucket = () => (opened ??= open());
  return {
    open: async (key, options) => (await bucket()).open(key, options),
    async *list(prefix, signal) {
      yield* (await bucket()).list(prefix, signal);
    },
  };
}

/** AWS's own endpoints are one origin as far as connections go: the agent is given each host by the request. */
const originOf = ({ endpoint, region, bucket }: BucketSettings): URL =>
  new URL(endpoint ?? `https://${bucket}.s3.${region}.amazonaws.com`);
