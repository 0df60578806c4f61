import { isRecord, listOf } from "./json-file.ts";

// What an API server and its controllers write by themselves. Two objects that differ in nothing else are the same to the person
// who compares a backup with a cluster.

/** Fields of metadata that the server alone writes. */
const serverMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generateName",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

/** Annotations that controllers and kubectl keep for themselves. */
const ownAnnotations = [
  "autoscaling.alpha.kubernetes.io/conditions",
  "autoscaling.alpha.kubernetes.io/current-metrics",
  "control-plane.alpha.kubernetes.io/leader",
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deployment.kubernetes.io/revision",
  "deployment.kubernetes.io/revision-history",
  "deprecated.daemonset.template.generation",
  "endpoints.kubernetes.io/last-change-trigger-time",
  "kubectl.kubernetes.io/last-applied-configuration",
  "pv.kubernetes.io/bind-completed",
  "pv.kubernetes.io/bound-by-controller",
  "volume.beta.kubernetes.io/storage-provisioner",
  "volume.kubernetes.io/selected-node",
  "volume.kubernetes.io/storage-provisioner",
  "velero.io/backup-name",
  "velero.io/restore-name",
];

/** Labels that controllers, and Velero when it restores, put on what they make. */
const ownLabels = [
  "batch.kubernetes.io/controller-uid",
  "controller-uid",
  "velero.io/backup-name",
  "velero.io/restore-name",
  "velero.io/volume-snapshot-name",
];

/** Fields of spec that the server fills in when an object is made, by kind. */
const filledIn: Readonly<Record<string, readonly string[]>> = {
  Namespace: ["finalizers"],
  PersistentVolumeClaim: ["volumeName"],
  Pod: ["nodeName", "serviceAccount"],
  Service: ["healthCheckNodePort"],
};

type Values = Readonly<Record<string, unknown>>;

/** A manifest without what the server and its controllers manage; what is empty then is left out, too. Values are not copied. */
export function meaningful(manifest: Values): Values {
  const { status: _, metadata, spec, ...rest } = manifest;
  const kind = String(manifest["kind"] ?? "");
  return pruned({
    ...rest,
    ...(kind === "ServiceAccount" ? { secrets: ownSecrets(rest["secrets"]) } : {}),
    metadata: cleanMetadata(metadata),
    spec: isRecord(spec) ? cleanSpec(kind, spec) : spec,
  });
}

function cleanMetadata(metadata: unknown): unknown {
  if (!isRecord(metadata)) return metadata;
  return pruned({
    ...(without(metadata, serverMetadata) as Values),
    labels: without(metadata["labels"], ownLabels),
    annotations: without(metadata["annotations"], ownAnnotations),
    ownerReferences: Array.isArray(metadata["ownerReferences"])
      ? metadata["ownerReferences"].map((owner) => without(owner, ["uid"]))
      : undefined,
  });
}

function cleanSpec(kind: string, whole: Values): Values {
  const spec = without(whole, filledIn[kind] ?? []) as Values;
  switch (kind) {
    case "Service":
      return cleanService(spec);
    case "Pod":
      return cleanPod(spec);
    case "PersistentVolume":
      return { ...spec, claimRef: without(spec["claimRef"], ["uid", "resourceVersion"]) };
    case "Job":
      return { ...spec, selector: cleanSelector(spec["selector"]), template: cleanTemplate(spec["template"]) };
    default:
      return isRecord(spec["template"]) ? { ...spec, template: cleanTemplate(spec["template"]) } : spec;
  }
}

/** An address that was given out is no one's choice; None is. */
function cleanService(spec: Values): Values {
  const isHeadless = spec["clusterIP"] === "None";
  return isHeadless ? spec : (without(spec, ["clusterIP", "clusterIPs"]) as Values);
}

/** The token that every pod gets is mounted under a name that is drawn anew. */
function cleanPod(spec: Values): Values {
  const isToken = (entry: unknown) => isRecord(entry) && /^kube-api-access-\w{5}$/.test(String(entry["name"]));
  const kept = (entries: unknown) => (Array.isArray(entries) ? entries.filter((entry) => !isToken(entry)) : entries);
  const containers = (of: unknown) =>
    Array.isArray(of)
      ? of.map((one) => (isRecord(one) ? pruned({ ...one, volumeMounts: kept(one["volumeMounts"]) }) : one))
      : of;
  return pruned({
    ...spec,
    volumes: kept(spec["volumes"]),
    containers: containers(spec["containers"]),
    initContainers: containers(spec["initContainers"]),
  });
}

function cleanTemplate(template: unknown): unknown {
  if (!isRecord(template) || !isRecord(template["metadata"])) return template;
  const { creationTimestamp: _, labels, ...metadata } = template["metadata"];
  return pruned({ ...template, metadata: pruned({ ...metadata, labels: without(labels, ownLabels) }) });
}

function cleanSelector(selector: unknown): unknown {
  return isRecord(selector)
    ? pruned({ ...selector, matchLabels: without(selector["matchLabels"], ownLabels) })
    : selector;
}

/** Without the tokens that old servers made for each account. */
const ownSecrets = (secrets: unknown): unknown =>
  Array.isArray(secrets)
    ? secrets.filter((one) => !(isRecord(one) && /-(token|dockercfg)-\w{5}$/.test(String(one["name"]))))
    : secrets;

const without = (value: unknown, keys: readonly string[]): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key))) : value;

/** Without the fields of the first level that say nothing: a server writes some of them and not others. */
const pruned = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => !isNothing(value)));

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);

/** Objects that come and go by themselves: nobody makes or restores them. */
const fleeting = [
  "backuprepositories.velero.io",
  "backups.velero.io",
  "datadownloads.velero.io",
  "datauploads.velero.io",
  "deletebackuprequests.velero.io",
  "downloadrequests.velero.io",
  "endpoints",
  "endpointslices.discovery.k8s.io",
  "events",
  "events.events.k8s.io",
  "leases.coordination.k8s.io",
  "podvolumebackups.velero.io",
  "podvolumerestores.velero.io",
  "restores.velero.io",
  "serverstatusrequests.velero.io",
];

/** Whether objects of a resource (pods, leases.coordination.k8s.io) are compared only when they are asked for. */
export const isFleeting = (resource: string): boolean => fleeting.includes(resource);

/** The object that makes and keeps this one, as `Kind/name` in lower case; undefined when nobody does. */
export function controllerOf(manifest: Values): string | undefined {
  const metadata = manifest["metadata"];
  const owners = isRecord(metadata) ? listOf(metadata["ownerReferences"]).filter(isRecord) : [];
  const owner = owners.find((one) => one["controller"] === true);
  return owner === undefined ? undefined : `${owner["kind"]}/${owner["name"]}`;
}
