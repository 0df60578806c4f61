import { defineFlags } from "./command.ts";

const what = "What is restored:";
const how = "How:";

/** The flags of Velero's `restore create`, with the same meaning. */
export const restoreFlags = defineFlags({
  "restore-name": {
    type: "text",
    value: "NAME",
    group: how,
    describe: "Name of the Restore (default: BACKUP-YYYYMMDDhhmmss)",
  },
  "from-schedule": {
    type: "text",
    value: "NAME",
    group: what,
    describe: "Restore from the newest usable backup of this schedule",
  },
  "include-namespaces": {
    type: "list",
    value: "NAMES",
    group: what,
    describe: "Namespaces of the backup to restore (default: all)",
  },
  "exclude-namespaces": { type: "list", value: "NAMES", group: what, describe: "Namespaces to leave out" },
  "include-resources": {
    type: "list",
    value: "KINDS",
    group: what,
    describe: "Kinds to restore: deployments.apps,secrets (default: all)",
  },
  "exclude-resources": { type: "list", value: "KINDS", group: what, describe: "Kinds to leave out" },
  "include-cluster-resources": {
    type: "switch",
    group: what,
    describe: "Restore cluster-scoped objects: all, or with =false none (default: those related)",
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
  "namespace-mappings": {
    type: "list",
    value: "OLD:NEW",
    group: how,
    describe: "Restore a namespace under another name",
  },
  "existing-resource-policy": {
    type: "text",
    choices: ["none", "update"],
    value: "POLICY",
    group: how,
    describe: "Objects that exist: none leaves them, update changes them towards the backup (default: none)",
  },
  "restore-volumes": { type: "switch", group: how, describe: "Restore volumes from snapshots (default: true)" },
  "preserve-nodeports": { type: "switch", group: how, describe: "Keep the node ports of Services (default: false)" },
  "status-include-resources": {
    type: "list",
    value: "KINDS",
    group: how,
    describe: "Kinds whose status is restored too",
  },
  "status-exclude-resources": { type: "list", value: "KINDS", group: how, describe: "Kinds whose status is not" },
  "resource-modifier-configmap": {
    type: "text",
    value: "NAME",
    group: how,
    describe: "ConfigMap with rules that change objects on their way",
  },
  "write-sparse-files": { type: "switch", group: how, describe: "Restore volumes' files sparsely" },
  "item-operation-timeout": {
    type: "text",
    value: "DURATION",
    group: how,
    describe: "How long asynchronous operations of plugins may take (default: the server's 4h)",
  },
  labels: { type: "map", value: "K=V", group: how, describe: "Labels of the Restore object" },
  annotations: { type: "map", value: "K=V", group: how, describe: "Annotations of the Restore object" },
});
