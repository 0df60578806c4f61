import { defineFlags } from "./command.ts";
import { backupFlags } from "./run-flags.ts";

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
  selector: { ...backupFlags.selector, group: what },
  "or-selector": { ...backupFlags["or-selector"], group: what },
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
  "item-operation-timeout": { ...backupFlags["item-operation-timeout"], group: how },
  labels: { type: "map", value: "K=V", group: how, describe: "Labels of the Restore object" },
  annotations: { type: "map", value: "K=V", group: how, describe: "Annotations of the Restore object" },
});
