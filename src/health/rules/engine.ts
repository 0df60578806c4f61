import { sourceName } from "../../mke/configuration.ts";
import { type EngineFound, isUsable, k0rdentNamespace, type NativeBackup } from "../../mke/engine.ts";
import { bringsVelero, declaredIn, nativeSchedule } from "../../mke/engine-words.ts";
import { type Absence, absenceOf } from "../absence.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";

const installIt =
  "Install Velero with its Helm chart or `velero install`, with a bucket of yours as its location; this program finds it in whatever namespace.";

const texts = {
  "engine.none": {
    severity: "fail",
    summary: "No Velero takes backups in this cluster",
    cause:
      "No namespace holds a Velero server or a BackupStorageLocation, and MKE declares no Velero: from 4.1.2 on it brings none. What `mkectl backup` writes leaves no trace in the cluster.",
    remedy: `${installIt} For etcd and MKE's own state run mkectl backup.`,
    doc: pages.veleroOnMke,
  },
  "engine.native": {
    severity: "fail",
    summary: "Only MKE itself takes backups in this cluster",
    cause:
      "MKE's own backups hold etcd and its configuration, no volumes. This program works with Velero's backups, and no Velero is here: it can neither list, restore nor judge MKE's.",
    remedy: `Restore MKE's backups with mkectl restore, of the version that wrote them. ${installIt}`,
    doc: pages.nativeSchedule,
  },
  "engine.native-failed": {
    severity: "warn",
    summary: "MKE's own last backup failed",
    cause: "The newest MkeBackup record, which MKE 4.2 keeps of its backups of etcd and configuration, says so.",
    remedy: "Read the record, then run mkectl backup again.",
    doc: pages.nativeSchedule,
  },
  "engine.foreign-only": {
    severity: "fail",
    summary: "The only Velero is k0rdent's own",
    cause:
      "The chart of k0rdent brings a Velero without any BackupStorageLocation, for backups of k0rdent's management alone. It backs up nothing until somebody gives it a location.",
    remedy: `Leave that one alone. ${installIt}`,
    doc: pages.veleroOnMke,
  },
  "engine.absent": {
    severity: "fail",
    summary: "MKE declares Velero, and none is there",
    cause:
      "The configuration says that MKE runs Velero, but no namespace holds a server or a location: mke-operator has not installed it yet, or cannot.",
    remedy:
      "Look at mke-operator and at what it says about its services, then apply mke4.yaml again with mkectl apply.",
    doc: pages.mkeBackup,
  },
  "engine.not-bundled": {
    severity: "fail",
    summary: "MKE declares a Velero that it does not bring any more",
    cause:
      "The section backup.storage_provider is of MKE up to 4.1.1. From 4.1.2 on MKE installs no Velero, whatever its configuration still says.",
    remedy: `${installIt} Take the section out of mke4.yaml.`,
    doc: pages.veleroOnMke,
  },
  "engine.left-behind": {
    severity: "fail",
    summary: "Velero's objects are left without a server",
    cause:
      "The namespace holds BackupStorageLocations, but no server works on them: MKE removed its Velero with an upgrade to 4.1.2 or later, or Velero was moved to another namespace. Backups that are listed there can be neither used nor expire.",
    remedy:
      "Use the other Velero where there is one. Otherwise install Velero into that namespace: it takes the locations and backups over as they are. MinIO's data is gone with its pod, if MKE kept it.",
    doc: pages.veleroOnMke,
  },
  "engine.several": {
    severity: "warn",
    summary: "Several Veleros take backups in this cluster",
    cause:
      "Each lists the backups of its own namespace alone, so one may be looked at while the other fails. Where two keep them in the same store, each also lists, expires and deletes those of the other.",
    remedy: "Name the one that is meant with --namespace, or remove one; never give two the same bucket and prefix.",
    doc: pages.location,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const engineRules = defineFamily({
  title: "What takes backups",
  rules: texts,
  judge(facts) {
    const engine = knownValue(facts.engine);
    if (engine === undefined) return [];
    return [...absent(facts, engine, absenceOf(facts)), ...several(facts, engine), ...nativeFailed(engine)];
  },
});

function absent(facts: Facts, engine: EngineFound, absence: Absence | undefined): Found[] {
  // Of a Velero that is switched off the configuration's rule tells.
  if (absence === undefined || absence === "disabled") return [];
  const declared = declaredIn(knownValue(facts.configuration));
  const mke = `MKE${declared?.mkeVersion === undefined ? "" : ` ${declared.mkeVersion}`}`;
  const from = declared === undefined ? "No MKE configuration was read" : sourceName(declared.source);
  const foreign = engine.veleros.find(({ namespace }) => namespace === k0rdentNamespace);
  const about = ["server"] as const;
  const explained = (id: string) => `kubectl mkebackup doctor --explain ${id}`;
  const nowhere = "No namespace holds a Velero server or a location";
  switch (absence) {
    case "absent":
      return [
        {
          id: "engine.absent",
          severity: "fail",
          about,
          title: `${mke} declares Velero, and none is there`,
          evidence: say`${from} declares backups with Velero. ${foreign === undefined ? nowhere : `The only Velero, in ${foreign.namespace}, has no location`}.`,
          next: kubectl(facts, "get deployments,pods"),
        },
      ];
    case "not-bundled":
      return [
        {
          id: "engine.not-bundled",
          severity: "fail",
          about,
          title: `${mke} declares a Velero that it does not bring any more`,
          evidence: say`${from} has backup.storage_provider, which MKE follows up to 4.1.1. ${nowhere}.`,
          next: explained("engine.not-bundled"),
        },
      ];
    case "native": {
      const { count = 0, newest, resource } = engine.native ?? {};
      const records =
        newest === undefined ? "" : say` There are ${count} MkeBackup records, the newest ${recordOf(newest)}.`;
      const schedule = nativeSchedule(declared)
        ? `${from} schedules MKE's own backups`
        : "MKE has taken backups itself";
      return [
        {
          id: "engine.native",
          severity: "fail",
          about,
          title: "Only MKE itself takes backups in this cluster",
          evidence: say`${schedule}; no Velero is here.${records}`,
          next: resource === undefined ? explained("engine.native") : kubectl(facts, `get ${resource}`),
        },
      ];
    }
    case "foreign":
      return [
        {
          id: "engine.foreign-only",
          severity: "fail",
          about,
          title: "The only Velero is k0rdent's own",
          evidence: say`Deployment ${foreign?.server?.name ?? "velero"} in ${k0rdentNamespace} has no location to keep backups in, and no other namespace holds a Velero.`,
          next: explained("engine.foreign-only"),
        },
      ];
    case "left-behind":
      return [leftBehind(facts, engine, mke)];
    case "none": {
      const off =
        nativeSchedule(declared) === false ? ` Its own backups are off: backup.schedule.enabled is false.` : "";
      const why =
        declared === undefined
          ? `${from}.`
          : bringsVelero(declared.mkeVersion) === false
            ? `${mke} brings none, as none does since 4.1.2.${off}`
            : `${from} declares none.${off}`;
      return [
        {
          id: "engine.none",
          severity: "fail",
          about,
          title: "No Velero takes backups in this cluster",
          evidence: say`${nowhere}. ${why}`,
          next: explained("engine.none"),
        },
      ];
    }
  }
}

function leftBehind(facts: Facts, { veleros }: EngineFound, mke: string): Found {
  const own = veleros.find(({ namespace }) => namespace === facts.namespace);
  const other = veleros.find((velero) => velero !== own && isUsable(velero));
  const checked = own?.locations.find(({ lastValidation }) => lastValidation !== undefined)?.lastValidation;
  const names = own?.locations.map(({ name }) => name).join(", ") ?? "";
  const last = checked === undefined ? "" : say`, last checked ${checked}`;
  const why =
    other === undefined
      ? `${mke} brings no Velero, as none does since 4.1.2`
      : `The Velero that runs is in namespace ${other.namespace}`;
  return {
    id: "engine.left-behind",
    severity: "fail",
    about: ["server"],
    title: `Velero's objects in namespace ${facts.namespace} are left without a server`,
    evidence: say`It holds a location (${names})${last}, and no server. ${why}.`,
    next:
      other === undefined
        ? kubectl(facts, "get backupstoragelocations.velero.io,backups.velero.io")
        : `kubectl mkebackup status -n ${other.namespace}`,
  };
}

function several(facts: Facts, { veleros }: EngineFound): Found[] {
  const usable = veleros.filter(isUsable);
  const other = usable.find(({ namespace }) => namespace !== facts.namespace);
  if (usable.length < 2 || other === undefined) return [];
  const names = usable.map(({ namespace }) => namespace);
  const stores = usable.flatMap(({ namespace, locations }) => locations.map(({ store }) => ({ namespace, store })));
  const shared = stores.find(({ namespace, store }) =>
    stores.some((each) => each.namespace !== namespace && each.store === store),
  );
  const warning = shared === undefined ? "" : ` Two of them keep backups in the same place: ${shared.store.trim()}.`;
  return [
    {
      id: "engine.several",
      severity: "warn",
      about: ["server"],
      title: "Several Veleros take backups in this cluster",
      evidence: say`A server and a location are in each of the namespaces ${names.join(", ")}. This is about ${facts.namespace}.${warning}`,
      next: `kubectl mkebackup status -n ${other.namespace}`,
    },
  ];
}

const recordOf = ({ name, created, state }: NativeBackup) =>
  say`${name}${state === undefined ? "" : ` (${state})`}${created === undefined ? "" : say` of ${created}`}`;

function nativeFailed({ native }: EngineFound): Found[] {
  if (native?.newest?.failed !== true) return [];
  const { newest, resource, count, failed } = native;
  const place = newest.namespace === undefined ? "" : `-n ${newest.namespace} `;
  return [
    {
      id: "engine.native-failed",
      severity: "warn",
      about: ["server"],
      title: `MKE's own last backup failed: ${newest.name}`,
      evidence: say`The record says ${newest.state ?? "so"}${newest.created === undefined ? "" : say`; it is of ${newest.created}`}. Of ${count} records ${failed} failed.`,
      next: `kubectl ${place}describe ${resource} ${newest.name}`,
    },
  ];
}
