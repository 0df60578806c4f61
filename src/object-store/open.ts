import type { Cluster } from "../kube/cluster.ts";
import type { BucketSettings, ObjectStore, Trust } from "./object-store.ts";
import { openProbe } from "./probe.ts";
import { Road, type RoadOptions } from "./road.ts";
import { openBucket } from "./s3.ts";
import { openLink } from "./signed-link.ts";

/** Opens the bucket, by signed URLs or by keys. They name the host Velero uses, which is often a Service that only pods can reach. */
export function openObjectStore(cluster: Cluster, options: RoadOptions = {}): ObjectStore {
  const roads = new Map<string, Road>();
  const roadTo = (origin: URL, { ca, andUsual = false, insecureSkipTlsVerify }: Trust): Road => {
    const trust = { ca, andUsual, insecureSkipTlsVerify };
    const key = JSON.stringify([origin.origin, trust]);
    const road = roads.get(key) ?? new Road(new URL(origin.origin), trust, cluster, options);
    roads.set(key, road);
    return road;
  };
  return {
    open: (url, trust, how) => openLink(roadTo(url, trust), url, how),
    bucket: (settings, keys) => openBucket(settings, keys, roadTo(originOf(settings), settings)),
    probe: (settings, keys) => openProbe(settings, keys, roadTo(originOf(settings), settings)),
    prepare: (origin, trust) => roadTo(origin, trust).prepare(),
    close() {
      for (const road of roads.values()) road.close();
    },
  };
}

/** AWS's own endpoints are one origin as far as connections go: the agent is given each host by the request. */
const originOf = ({ endpoint, region, bucket }: BucketSettings): URL =>
  new URL(endpoint ?? `https://${bucket}.s3.${region}.amazonaws.com`);
