import { isAvailable, unavailableReason } from "../../velero/storage-location.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand } from "../facts.ts";
import { lastGoodBackup, locationsIn, lostBackups, lostRepositories } from "../object-store.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { startOf } from "../runs.ts";
import { restartsOf, type WorkloadState } from "../workload.ts";
import { lastLines, nextForPods, notReady, restartsSaid } from "./server.ts";

const texts = {
  "storage.down": {
    severity: "fail",
    summary: "MinIO, where backups are kept, is not running",
    cause:
      "Its pods are not ready: scaled to 0, an image that cannot be pulled, a node without room. Nothing can be backed up or restored.",
    remedy: "Read why in the pod's events.",
    doc: pages.mkeInCluster,
  },
  "storage.restarting": {
    severity: "warn",
    summary: "MinIO keeps restarting, or ran out of memory",
    cause: "Its container ended several times lately, or the kernel ended it at its memory limit.",
    remedy: "Raise its memory limit through MKE, or read what it wrote before it ended.",
    doc: pages.mkeInCluster,
  },
  "storage.degraded": {
    severity: "warn",
    summary: "A distributed MinIO runs with a part of its pods only",
    cause:
      "A pod of its StatefulSet is not ready. Each has drives of its own, and MinIO needs more than half of them to write.",
    remedy: "Read why in the pod's events, before another one goes.",
    doc: pages.mkeInCluster,
  },
  "storage.drives": {
    severity: "warn",
    summary: "Drives of MinIO are offline",
    cause: "A drive, or the pod that has it, does not answer MinIO. With half of them gone it does not write any more.",
    remedy: "Look at the pod that has the drive, and at its volume.",
    doc: pages.mkeInCluster,
  },
  "storage.full": {
    severity: "warn",
    summary: "MinIO's drives are nearly full",
    cause:
      "Less than a tenth is free. Without a persistent volume this is the node's own disk, and the kubelet evicts pods from a full one: MinIO too, with every backup.",
    remedy: "Delete backups that nobody needs, shorten the time that schedules keep them, or give MinIO more room.",
    doc: pages.mkeInCluster,
  },
  "storage.ephemeral": {
    severity: "warn",
    summary: "Backups live in MinIO's pod and die with it",
    cause:
      "MKE deploys MinIO without a persistent volume (emptyDir). When its pod is replaced (a drain, an eviction, a new version), every backup is gone.",
    remedy:
      "Let MKE use external storage for what has to last. Until then copy what matters out of the cluster: a download saves a backup's objects, not its volumes.",
    doc: pages.mkeInCluster,
  },
  "backup.lost": {
    severity: "warn",
    summary: "Backups are lost, though Velero still lists them",
    cause:
      "MinIO's pod was replaced after they were taken, and what it kept went with it. Velero forgets them only at its next sync.",
    remedy: "Take a new backup; those are gone.",
    doc: pages.mkeInCluster,
  },
  "repository.lost": {
    severity: "fail",
    summary: "Volume backups lost their repository",
    cause:
      "MinIO's pod was replaced, and the repository of volume data with it, but Velero still counts on it: backups with volumes of the namespace fail, at the latest when the node agents restart.",
    remedy: "Delete the BackupRepository object: the next backup makes a new repository.",
    doc: pages.fileSystemBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const objectStoreRules = defineFamily({
  title: "MinIO in the cluster",
  rules: texts,
  judge: (facts) => judgeObjectStore(facts),
});

function judgeObjectStore(facts: Facts): Found[] {
  const store = knownValue(facts.objectStore);
  if (store === undefined) return [];
  const problems: Found[] = [];
  if (store.ready === 0) {
    const kept = locationsIn(knownValue(facts.locations) ?? [], facts.namespace);
    const broken = kept.filter((location) => !isAvailable(location) && location.status?.phase);
    const [first] = broken;
    const said = first === undefined ? "" : ` Velero says: ${unavailableReason(first).replace(/\.$/, "")}.`;
    problems.push({
      id: "storage.down",
      severity: "fail",
      about: ["object-store", ...broken.map(({ metadata }) => `location/${metadata.name}` as const)],
      title: "MinIO, where backups are kept, is not running",
      evidence: say`${notReady(store, "MinIO")}${said}${lastLines(facts, store)}`,
      next: nextForPods(facts, store),
    });
  }
  const restarts = store.ready > 0 ? restartsOf(store, facts.now) : undefined;
  if (restarts !== undefined) {
    problems.push({
      id: "storage.restarting",
      severity: "warn",
      about: ["object-store"],
      title: restarts.outOfMemory ? "MinIO ran out of memory" : "MinIO keeps restarting",
      evidence: say`${restartsSaid(restarts, store)} What reads or writes a backup then fails.${lastLines(facts, store)}`,
      next: nextForPods(facts, store),
    });
  }
  if (store.ready > 0 && store.ready < store.wanted) {
    problems.push({
      id: "storage.degraded",
      severity: "warn",
      about: ["object-store"],
      title: "MinIO runs with a part of its pods only",
      evidence: say`${notReady(store, "MinIO")} With half of its drives it takes no backups any more.`,
      next: nextForPods(facts, store),
    });
  }
  if (!store.persistent) {
    const good = lastGoodBackup(facts);
    problems.push({
      id: "storage.ephemeral",
      severity: "warn",
      about: ["object-store"],
      title: "Backups live in MinIO's pod and die with it",
      evidence:
        good === undefined
          ? say`MinIO has no persistent volume (emptyDir), as MKE deploys it. External storage keeps them.`
          : say`MinIO has no persistent volume (emptyDir), as MKE deploys it. External storage keeps them; a download saves a backup's objects, not its volumes.`,
      next: ownCommand(facts, good === undefined ? "config" : `download ${good.metadata.name}`),
    });
  }
  return [...problems, ...drives(facts), ...lost(facts, store), ...withoutRepository(facts, store)];
}

/** Less than this part is nearly nothing. */
const roomWanted = 0.1;

function drives(facts: Facts): Found[] {
  const all = knownValue(facts.thorough?.minio);
  const store = knownValue(facts.objectStore);
  const offline = (all?.drives ?? []).filter(
    ({ endpoint, state }) => state !== "ok" && !isOfMissingPod(endpoint, store),
  );
  const full = (all?.drives ?? []).filter(
    ({ total, available }) => total !== undefined && available !== undefined && available < total * roomWanted,
  );
  const [fullest] = full.toSorted((a, b) => (a.available ?? 0) - (b.available ?? 0));
  const common = { severity: "warn", about: ["object-store"] } as const;
  const check = ownCommand(facts, "storage check");
  const found: Found[] = [];
  if (offline.length > 0) {
    found.push({
      ...common,
      id: "storage.drives",
      title: offline.length === 1 ? "A drive of MinIO is offline" : `Drives of MinIO are offline (${offline.length})`,
      evidence: say`MinIO says: ${offline.map(({ endpoint, state }) => `${endpoint} ${state}`).join(", ")}.`,
      next: check,
    });
  }
  if (fullest !== undefined) {
    const percent = Math.floor((100 * (fullest.available ?? 0)) / (fullest.total ?? 1));
    found.push({
      ...common,
      id: "storage.full",
      title: "MinIO's drives are nearly full",
      evidence: say`${percent}% of ${fullest.endpoint} is free.`,
      next: ownCommand(facts, "list backups"),
    });
  }
  return found;
}

/** A drive such as http://minio-3.minio-headless:9000/data whose pod is not ready: it is told of with the pod. */
function isOfMissingPod(endpoint: string, store: WorkloadState | undefined): boolean {
  if (store === undefined || store.ready >= store.wanted) return false;
  const [pod] = /(?<=:\/\/)[^.:/]+/.exec(endpoint) ?? [];
  return !store.pods?.some(({ name, ready }) => ready && name === pod);
}

function lost(facts: Facts, store: WorkloadState): Found[] {
  const backups = lostBackups(facts).toSorted((a, b) => startOf(b) - startOf(a));
  const [newest] = backups;
  if (newest === undefined) return [];
  const replaced = store.pods?.[0]?.created;
  const { name } = newest.metadata;
  return [
    {
      id: "backup.lost",
      severity: "warn",
      about: ["object-store", "backups"],
      title:
        backups.length === 1
          ? `Backup ${name} is lost, though Velero still lists it`
          : `${backups.length} backups are lost, though Velero still lists them`,
      evidence: say`MinIO's pod ${wentAway(replaced)}, and what it kept with it.`,
      next: ownCommand(facts, "create"),
    },
  ];
}

function withoutRepository(facts: Facts, store: WorkloadState): Found[] {
  const repositories = lostRepositories(facts);
  const [first] = repositories;
  // While MinIO is away, that it is away says enough.
  if (first === undefined || store.ready === 0) return [];
  const names = repositories.map(({ metadata }) => metadata.name).join(" ");
  return [
    {
      id: "repository.lost",
      severity: "fail",
      about: ["object-store", "backups"],
      title:
        repositories.length === 1
          ? `Volume backups of namespace ${first.spec?.volumeNamespace} lost their repository`
          : `Volume backups of ${repositories.length} namespaces lost their repositories`,
      evidence: say`MinIO's pod ${wentAway(store.pods?.[0]?.created)}, and the repository with it, but Velero still counts on it: backups with volumes fail, at the latest when the node agents restart. Without its object the next backup makes a new one.`,
      next: kubectl(facts, `delete backuprepositories.velero.io ${names}`),
    },
  ];
}

const wentAway = (replaced: Date | undefined) => (replaced === undefined ? "is gone" : say`was replaced ${replaced}`);
