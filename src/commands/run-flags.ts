import { defineFlags } from "./command.ts";

const what = "What is backed up:";
const volumes = "Volumes:";
const how = "How and where:";

/** What to take and how: the flags of Velero's `backup create`, with the same meaning. */
export const backupFlags = defineFlags({
  "include-namespaces": { type: "list", value: "NAMES", group: what, describe: "Namespaces to back up (default: all)" },
  "exclude-namespaces": { type: "list", value: "NAMES", group: what, describe: "Namespaces to leave out" },
  "include-resources": {
    type: "list",
    value: "KINDS",
    group: what,
    describe: "Kinds to back up: deployments.apps,secrets (default: all)",
  },
  "exclude-resources": { type: "list", value: "KINDS", group: what, describe: "Kinds to leave out" },
  "include-cluster-resources": {
    type: "switch",
    group: what,
    describe:
      "Back up cluster-scoped objects: all, or with =false none (default: all in a full backup, else those related)",
  },
  "include-cluster-scoped-resources": {
    type: "list",
    value: "KINDS",
    group: what,
    describe: "Cluster-scoped kinds to back up; this family does not mix with the three flags above",
  },
  "exclude-cluster-scoped-resources": {
    type: "list",
    value: "KINDS",
    group: what,
    describe: "Cluster-scoped kinds to leave out",
  },
  "include-namespace-scoped-resources": {
    type: "list",
    value: "KINDS",
    group: what,
    describe: "Namespaced kinds to back up",
  },
  "exclude-namespace-scoped-resources": {
    type: "list",
    value: "KINDS",
    group: what,
    describe: "Namespaced kinds to leave out",
  },
  selector: {
    type: "text",
    alias: "l",
    value: "SELECTOR",
    group: what,
    describe: "Only objects with these labels: app=web,tier!=db",
  },
  "or-selector": {
    type: "text",
    value: "SELECTORS",
    group: what,
    describe: "Objects that fit any of several selectors: 'app=web or app=db'",
  },
  "resource-policies-configmap": {
    type: "text",
    value: "NAME",
    group: what,
    describe: "ConfigMap with Velero's resource policies",
  },
  "ordered-resources": {
    type: "text",
    value: "ORDER",
    group: what,
    describe: "Objects to take in this order: 'pods=shop/a,shop/b;secrets=shop/c'",
  },
  "default-volumes-to-fs-backup": {
    type: "switch",
    group: volumes,
    describe: "Back up the files of all pod volumes (default: the server's setting)",
  },
  "snapshot-volumes": {
    type: "switch",
    group: volumes,
    describe: "Take snapshots of PersistentVolumes (default: the server's setting)",
  },
  "snapshot-move-data": {
    type: "switch",
    group: volumes,
    describe: "Move the data of CSI snapshots to the location (default: the server's setting)",
  },
  "csi-snapshot-timeout": {
    type: "text",
    value: "DURATION",
    group: volumes,
    describe: "How long a CSI snapshot may take (default: the server's 10m)",
  },
  ttl: {
    type: "text",
    value: "DURATION",
    group: how,
    describe: "How long the backup is kept: 720h is 30 days (default: the server's 720h)",
  },
  "storage-location": {
    type: "text",
    value: "NAME",
    group: how,
    describe: "Location to keep it in (default: the default location)",
  },
  "from-schedule": { type: "text", value: "NAME", group: how, describe: "Take what this schedule would take" },
  "item-operation-timeout": {
    type: "text",
    value: "DURATION",
    group: how,
    describe: "How long asynchronous operations of plugins may take (default: the server's 4h)",
  },
  labels: { type: "map", value: "K=V", group: how, describe: "Labels of the Backup object" },
  annotations: { type: "map", value: "K=V", group: how, describe: "Annotations of the Backup object" },
});

/** How the program waits for what it started. */
export const runFlags = defineFlags({
  "no-wait": { type: "switch", describe: "Return as soon as the request was sent" },
  timeout: {
    type: "duration",
    value: "DURATION",
    describe: "Stop waiting after this time, exit 124; the work goes on (default: no limit)",
  },
  "dry-run": {
    type: "text",
    choices: ["none", "client", "server"],
    default: "none",
    value: "MODE",
    describe: "client: only show what would be sent; server: let the server check it too",
  },
});
