import { sourceName, valueAt } from "../../mke/configuration.ts";
import { bringsVelero } from "../../mke/engine-words.ts";
import { mkeNamespace } from "../../mke/mke-config.ts";
import { defaultLocation } from "../../velero/storage-location.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand } from "../facts.ts";
import { serviceOf } from "../object-store.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";

const texts = {
  "config.not-applied": {
    severity: "warn",
    summary: "Velero keeps backups elsewhere than MKE's configuration says",
    cause:
      "The configuration says InCluster and the default location is outside of the cluster, or the reverse: the change was not applied, or somebody made a location by hand.",
    remedy: "Apply mke4.yaml, or correct it.",
    doc: pages.mkeBackup,
  },
  "config.drift": {
    severity: "warn",
    summary: "What runs differs from MKE's configuration",
    cause:
      "A field of the backup section says one thing and the cluster shows another: the change was not applied, or an object was changed by hand, which MKE will take back.",
    remedy: "Correct the side that is wrong: mke4.yaml and mkectl apply, never MKE's objects.",
    doc: pages.mkeBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const driftRules = defineFamily({
  title: "MKE's configuration against what runs",
  rules: texts,
  judge: (facts) => judgeDrift(facts),
});

/** One field: what is declared, what there is. */
interface Difference {
  readonly field: string;
  readonly declared: string;
  readonly found: string;
}

/** What is declared and what runs can differ: the change failed, or somebody made or changed an object by hand. */
function judgeDrift(facts: Facts): Found[] {
  const configuration = knownValue(facts.configuration);
  const location = defaultLocation(knownValue(facts.locations) ?? []);
  if (configuration === undefined || location === undefined || configuration.enabled !== true) return [];
  // MKE configures the Velero of its own namespace alone, and none at all from 4.1.2 on.
  if (facts.namespace !== mkeNamespace || bringsVelero(configuration.mkeVersion) === false) return [];
  const { provider, source } = configuration;
  if (provider === undefined || source.kind === "BackupStorageLocation") return [];
  const { name } = location.metadata;
  const common = { severity: "warn", about: ["configuration"], next: ownCommand(facts, "config") } as const;
  const isInside = serviceOf(location, facts.namespace) !== undefined;
  if (isInside !== (provider === "InCluster")) {
    return [
      {
        ...common,
        id: "config.not-applied",
        title: "Velero keeps backups elsewhere than MKE's configuration says",
        evidence: say`${sourceName(source)} says ${provider}, but location ${name} is ${isInside ? "inside" : "outside"} the cluster.`,
      },
    ];
  }
  const differences = provider === "External" ? external(facts) : inCluster(facts);
  if (differences.length === 0) return [];
  const listed = differences.map(({ field, declared, found }) => `${field} is ${declared}, but ${found}`);
  return [
    {
      ...common,
      id: "config.drift",
      about: ["configuration", `location/${name}`],
      title: "What runs differs from MKE's configuration",
      evidence: say`${sourceName(source)}: ${listed.join("; ")}.`,
    },
  ];
}

/** The location's own spec, field by field. What is declared empty is MKE's to fill in. */
function external(facts: Facts): Difference[] {
  const { spec, metadata } = defaultLocation(knownValue(facts.locations) ?? []) ?? {};
  const compared = [
    ["provider", spec?.provider?.replace(/^velero\.io\//, "")],
    ["bucket", spec?.objectStorage?.bucket],
    ["region", spec?.config?.["region"]],
    ["credentials_file_profile", spec?.config?.["profile"] ?? "default"],
  ] as const;
  return compared.flatMap(([field, found]): Difference[] => {
    const declared = declaredValue(facts, "external_options", field)?.value;
    if (typeof declared !== "string" || declared === "" || declared === found) return [];
    return [{ field, declared, found: `location ${metadata?.name} has ${found || "none"}` }];
  });
}

function inCluster(facts: Facts): Difference[] {
  const store = knownValue(facts.objectStore);
  if (store === undefined) return [];
  const differences: Difference[] = [];
  const distributed = valueAt(fieldsOf(facts), "storage_provider", "in_cluster_options", "distributed");
  const runsDistributed = store.kind === "StatefulSet" && store.wanted > 1;
  // Scaled to 0, nobody can tell how many it had.
  if (typeof distributed === "boolean" && store.wanted > 0 && distributed !== runsDistributed) {
    const found = `MinIO runs in ${store.wanted} pod${store.wanted === 1 ? "" : "s"} of ${store.kind} ${store.name}`;
    differences.push({ field: "distributed", declared: String(distributed), found });
  }
  return [...differences, ...exposure(facts), ...console(facts)];
}

/** Only where it is set: the default is of a time before MKE left the NodePort out. */
function exposure(facts: Facts): Difference[] {
  const declared = declaredValue(facts, "in_cluster_options", "exposed");
  const services = knownValue(facts.thorough?.services);
  const service = services?.find(({ metadata }) => metadata.name === storeService(facts));
  if (declared?.origin !== "set" || typeof declared.value !== "boolean" || service === undefined) return [];
  const type = service.spec?.type ?? "ClusterIP";
  if (declared.value === (type !== "ClusterIP")) return [];
  return [
    { field: "exposed", declared: String(declared.value), found: `Service ${service.metadata.name} is a ${type}` },
  ];
}

/** MinIO's console is reached through an Ingress. */
function console(facts: Facts): Difference[] {
  const declared = declaredValue(facts, "in_cluster_options", "enable_ui");
  const ingresses = knownValue(facts.thorough?.ingresses);
  if (declared?.origin !== "set" || typeof declared.value !== "boolean" || ingresses === undefined) return [];
  const leadsToStore = ingresses.find(({ spec }) =>
    (spec?.rules ?? []).some(({ http }) =>
      (http?.paths ?? []).some(({ backend }) => backend?.service?.name === storeService(facts)),
    ),
  );
  if (declared.value === (leadsToStore !== undefined)) return [];
  const found =
    leadsToStore === undefined ? "no Ingress leads to MinIO" : `Ingress ${leadsToStore.metadata.name} leads to MinIO`;
  return [{ field: "enable_ui", declared: String(declared.value), found }];
}

function storeService(facts: Facts): string | undefined {
  const location = defaultLocation(knownValue(facts.locations) ?? []);
  return location === undefined ? undefined : serviceOf(location, facts.namespace)?.name;
}

const fieldsOf = (facts: Facts) => knownValue(facts.configuration)?.fields ?? [];

const declaredValue = (facts: Facts, group: string, key: string) =>
  fieldsOf(facts).find(({ path }) => path.join(".") === `backup.storage_provider.${group}.${key}`);
