// What a thorough look finds of volumes, repositories and of what no backup holds.
import { known } from "../../../src/health/fact.ts";
import type { Claim, Namespace } from "../../../src/health/probes/kinds.ts";
import type { VolumeTransfer } from "../../../src/velero/types.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { minute, hour, day } = sample.units;
const { backup, stamp, thorough } = sample;
const good = backup("good", 2 * hour);

const namespace = (name: string, age = 9 * day, labels = {}): Namespace => ({
  metadata: { name, creationTimestamp: stamp(age), labels },
});
const claim = (name: string, age = 9 * day): Claim => ({
  metadata: { name, namespace: "shop", creationTimestamp: stamp(age) },
  status: { phase: "Bound" },
});
const podIn = (name: string) => ({
  metadata: { name: "web-1", namespace: name },
  spec: { volumes: [{ name: "files", persistentVolumeClaim: { claimName: "data" } }] },
});
const transfer = (phase: string, change: Partial<VolumeTransfer> = {}): VolumeTransfer => ({
  kind: "PodVolumeBackup",
  metadata: { name: "good-abcde", namespace: "mke", labels: { "velero.io/backup-name": "good" } },
  spec: { node: "node-1", volume: "files", pod: { namespace: "shop", name: "web-1" } },
  status: { phase },
  ...change,
});
const skipped = (skippedReason: string) => ({
  dataMoved: false,
  skipped: true,
  skippedReason,
  claim: { namespace: "shop", name: "data" },
});
const onlyShop = backup("good", 2 * hour, {}, { spec: { storageLocation: "default", includedNamespaces: ["shop"] } });
const inUse = known([podIn("shop"), podIn("bank"), podIn("kube-system"), podIn("k0rdent")]);
const everything = known([
  namespace("shop"),
  namespace("bank"),
  namespace("kube-system"),
  namespace("k0rdent"),
  namespace("mke"),
]);
const repository = (name: string, volumeNamespace: string) => ({
  metadata: { name, creationTimestamp: stamp(day) },
  spec: { volumeNamespace, backupStorageLocation: "default" },
  status: { phase: "NotReady", message: "error to connect to repo: invalid repository password." },
});

testRules({
  "a complete backup left a volume out": {
    facts: {
      thorough: thorough({
        backupVolumes: known(
          new Map([
            [
              "good",
              [
                skipped(
                  "csiSnapshot: skipped b/c it's not a CSI volume;volumeSnapshot: no applicable volumesnapshotter found;",
                ),
              ],
            ],
          ]),
        ),
      }),
      backups: known([good]),
    },
    found: ["warn backup.volumes-skipped"],
    evidence:
      /^Not in good: shop\/data \(skipped b\/c it's not a CSI volume; no applicable volumesnapshotter found\)\.$/,
    next: "kubectl mkebackup describe backup/good --details",
  },
  "a volume is left out on purpose": {
    facts: {
      thorough: thorough({
        backupVolumes: known(
          new Map([
            [
              "good",
              [
                skipped(
                  "podvolume: opted out due to annotation in pod shop/web-1;volumeSnapshot: no applicable volumesnapshotter found;",
                ),
              ],
            ],
          ]),
        ),
      }),
      backups: known([good]),
    },
    found: [],
  },
  "a backup that wanted no volumes": {
    facts: {
      thorough: thorough({
        backupVolumes: known(new Map([["good", [skipped("volumeSnapshot: not satisfy the criteria;")]]])),
      }),
      backups: known([backup("good", hour, {}, { spec: { storageLocation: "default", snapshotVolumes: false } })]),
    },
    found: [],
  },

  "a transfer's backup is gone": {
    facts: {
      thorough: thorough({
        nodes: known([{ metadata: { name: "node-1" } }]),
        transfers: known([transfer("InProgress")]),
      }),
    },
    found: ["warn volume.left-behind"],
    evidence: /^PodVolumeBackup good-abcde \(InProgress\): its backup good is gone\.$/,
    next: "kubectl -n mke delete podvolumebackups.velero.io good-abcde",
  },
  "a transfer that has ended outlives its backup": {
    facts: { thorough: thorough({ transfers: known([transfer("Completed")]) }) },
    found: ["warn volume.left-behind"],
    evidence: /: its backup good is gone, and no owner is named\.$/,
    next: "kubectl -n mke delete podvolumebackups.velero.io good-abcde",
  },
  "a transfer that has ended goes with its owner": {
    facts: {
      thorough: thorough({
        transfers: known([
          transfer("Completed", {
            metadata: {
              name: "good-abcde",
              labels: { "velero.io/backup-name": "good" },
              ownerReferences: [{ kind: "Backup", name: "good", uid: "1" }],
            },
          }),
        ]),
      }),
    },
    found: [],
  },
  "a transfer's backup has ended": {
    facts: {
      backups: known([good]),
      thorough: thorough({
        nodes: known([{ metadata: { name: "node-1" } }]),
        transfers: known([transfer("Prepared")]),
      }),
    },
    found: ["warn volume.left-behind"],
    evidence: /its backup good has ended\.$/,
  },
  "a transfer's node is gone": {
    facts: {
      backups: known([sample.running("good", minute, "InProgress")]),
      thorough: thorough({
        nodes: known([{ metadata: { name: "node-2" } }]),
        transfers: known([transfer("InProgress")]),
      }),
    },
    found: ["warn volume.left-behind"],
    evidence: /node node-1 is gone\.$/,
    next: `kubectl -n mke patch podvolumebackups.velero.io good-abcde --type merge -p '{"metadata":{"finalizers":null},"status":{"phase":"Failed"}}' && kubectl -n mke delete podvolumebackups.velero.io good-abcde --ignore-not-found`,
  },
  "transfers that have ended, or whose backup runs": {
    facts: {
      backups: known([good, sample.running("b2", minute, "InProgress")]),
      thorough: thorough({
        nodes: known([{ metadata: { name: "node-1" } }]),
        transfers: known([
          transfer("Completed"),
          transfer("Canceled"),
          transfer("InProgress", { metadata: { name: "b2-x", labels: { "velero.io/backup-name": "b2" } } }),
        ]),
      }),
    },
    found: [],
  },

  "a namespace is in no backup": {
    facts: { backups: known([onlyShop]), thorough: thorough({ namespaces: everything, runningPods: inUse }) },
    found: ["warn coverage.namespaces"],
    evidence: /^bank: pods or claims live there/,
    next: "kubectl mkebackup create --include-namespaces bank",
  },
  "every namespace is in a backup": {
    facts: { backups: known([good]), thorough: thorough({ namespaces: everything, runningPods: inUse }) },
    found: [],
  },
  "a schedule includes the namespace": {
    facts: {
      backups: known([onlyShop]),
      schedules: known([sample.schedule("nightly", hour, { template: { includedNamespaces: ["b*"] } })]),
      thorough: thorough({ namespaces: everything, runningPods: inUse }),
    },
    found: [],
  },
  "a backup leaves the namespace out by name": {
    facts: {
      backups: known([
        backup("good", hour, {}, { spec: { storageLocation: "default", excludedNamespaces: ["bank"] } }),
      ]),
      thorough: thorough({ namespaces: everything, runningPods: inUse }),
    },
    found: [],
  },
  "a namespace that is new, one that is labelled, and one that is empty": {
    facts: {
      backups: known([onlyShop]),
      thorough: thorough({
        namespaces: known([
          namespace("shop"),
          namespace("bank", hour),
          namespace("k0rdent", 9 * day),
          namespace("empty"),
        ]),
        runningPods: inUse,
      }),
    },
    found: [],
  },
  "without any backup there is another problem": {
    facts: { backups: known([]), thorough: thorough({ namespaces: everything, runningPods: inUse }) },
    found: ["warn backup.none"],
  },

  "a claim's data is in no backup": {
    facts: {
      backups: known([good]),
      thorough: thorough({ namespaces: everything, runningPods: inUse, claims: known([claim("data")]) }),
    },
    found: ["warn coverage.volumes"],
    evidence: /^shop\/data: backups include the namespace/,
    next: "kubectl mkebackup create --include-namespaces shop --default-volumes-to-fs-backup",
  },
  "a claim's files were copied": {
    facts: {
      backups: known([good]),
      thorough: thorough({
        namespaces: everything,
        runningPods: inUse,
        claims: known([claim("data")]),
        transfers: known([transfer("Completed")]),
      }),
    },
    found: [],
  },
  "a claim's data may be in a snapshot": {
    facts: {
      backups: known([backup("good", hour, { csiVolumeSnapshotsAttempted: 1 })]),
      thorough: thorough({ namespaces: everything, runningPods: inUse, claims: known([claim("data")]) }),
    },
    found: [],
  },
  "a claim is in a snapshot, by Velero's own list": {
    facts: {
      backups: known([good]),
      thorough: thorough({
        namespaces: everything,
        runningPods: inUse,
        claims: known([claim("data")]),
        backupVolumes: known(
          new Map([["good", [{ dataMoved: false, skipped: false, claim: { namespace: "shop", name: "data" } }]]]),
        ),
      }),
    },
    found: [],
  },
  "a claim is younger than the newest backup": {
    facts: {
      backups: known([good]),
      thorough: thorough({ namespaces: everything, runningPods: inUse, claims: known([claim("data", hour)]) }),
    },
    found: [],
  },
  "a claim that was skipped is told of once": {
    facts: {
      backups: known([good]),
      thorough: thorough({
        namespaces: everything,
        runningPods: inUse,
        claims: known([claim("data")]),
        backupVolumes: known(new Map([["good", [skipped("volumeSnapshot: no applicable volumesnapshotter found;")]]])),
      }),
    },
    found: ["warn backup.volumes-skipped"],
  },

  "a repository cannot be opened": {
    facts: {
      repositories: known([repository("shop-default-kopia", "shop")]),
      thorough: thorough({ namespaces: everything }),
    },
    found: ["warn repository.not-ready"],
    evidence:
      /^Volumes of shop cannot be backed up or restored\. Velero says: error to connect to repo: invalid repository password\.$/,
    next: "kubectl -n mke describe backuprepositories.velero.io shop-default-kopia",
  },
  "a repository of a location that is gone": {
    facts: {
      locations: known([sample.location({}, {}, "other")]),
      backups: known([good]),
      repositories: known([repository("shop-default-kopia", "shop")]),
    },
    found: ["warn location.no-default", "warn repository.not-ready"],
  },
  "a repository of a location that is not available": {
    facts: {
      locations: known([sample.location(), sample.location({ phase: "Unavailable", message: "x" }, {}, "other")]),
      repositories: known([
        {
          ...repository("shop-other-kopia", "shop"),
          spec: { volumeNamespace: "shop", backupStorageLocation: "other" },
        },
      ]),
    },
    found: ["fail location.unavailable"],
  },
  "a repository of a namespace that is gone": {
    facts: {
      repositories: known([repository("old-default-kopia", "old")]),
      thorough: thorough({ namespaces: everything }),
    },
    found: ["warn repository.not-ready"],
    evidence: /^Its namespace or location exists no longer: old-default-kopia\. /,
    next: "kubectl -n mke delete backuprepositories.velero.io old-default-kopia",
  },
});
