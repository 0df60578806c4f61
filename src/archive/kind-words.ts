/** A kind as a file names it: apps/v1 and Deployment. */
export interface NamedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What a person named: a kind in one of its spellings, and perhaps one object of it. */
export interface ObjectWord {
  /** As typed: pods, po, deployments.apps, apps/v1/Deployment. */
  readonly kind: string;
  readonly name: string | undefined;
}

/** Whether something is of the kind that a word means. */
export interface KindFilter {
  (of: NamedKind): boolean;
  /** The same for a resource as folders of a backup are named: deployments.apps, pods. */
  resource(name: string): boolean;
}

/** kubectl's short names of what every cluster serves. */
const short: Readonly<Record<string, string>> = {
  cj: "cronjobs",
  cm: "configmaps",
  crd: "customresourcedefinitions",
  crds: "customresourcedefinitions",
  csr: "certificatesigningrequests",
  deploy: "deployments",
  ds: "daemonsets",
  ep: "endpoints",
  ev: "events",
  hpa: "horizontalpodautoscalers",
  ing: "ingresses",
  limits: "limitranges",
  netpol: "networkpolicies",
  no: "nodes",
  ns: "namespaces",
  pc: "priorityclasses",
  pdb: "poddisruptionbudgets",
  po: "pods",
  pv: "persistentvolumes",
  pvc: "persistentvolumeclaims",
  quota: "resourcequotas",
  rc: "replicationcontrollers",
  rs: "replicasets",
  sa: "serviceaccounts",
  sc: "storageclasses",
  sts: "statefulsets",
  svc: "services",
};

const isVersion = (text: string): boolean => /^v\d+((alpha|beta)\d+)?$/i.test(text);

/** Reads KIND and KIND/NAME. A kind may be written with its version: v1/Pod/web-1, apps/v1/Deployment. */
export function readObjectWord(word: string): ObjectWord {
  const parts = word.split("/");
  const ofKind =
    parts.length >= 2 && isVersion(parts[0] ?? "") ? 2 : parts.length >= 3 && isVersion(parts[1] ?? "") ? 3 : 1;
  const name = parts.slice(ofKind).join("/");
  return { kind: parts.slice(0, ofKind).join("/"), name: name === "" ? undefined : name };
}

/** Takes every spelling that kubectl takes, and those that files of backups use; the case does not matter. */
export function kindFilter(word: string): KindFilter {
  const wanted = readKind(word.toLowerCase());
  const isGroup = (group: string) =>
    wanted.group === undefined ||
    group === wanted.group ||
    (wanted.group !== "" && group.startsWith(`${wanted.group}.`));
  const isNamed = (kind: string, plural: string) => wanted.name === kind || wanted.name === plural;
  const ofKind = ({ apiVersion, kind }: NamedKind) => {
    const { group, version } = splitVersion(apiVersion.toLowerCase());
    const asked = wanted.version === undefined || wanted.version === version;
    return asked && isGroup(group) && isNamed(kind.toLowerCase(), pluralOf(kind));
  };
  return Object.assign(ofKind, {
    resource(name: string) {
      const [plural = "", ...group] = name.toLowerCase().split(".");
      return isGroup(group.join(".")) && (wanted.name === plural || pluralOf(wanted.name) === plural);
    },
  });
}

interface WantedKind {
  /** A kind or its plural, in lower case. */
  readonly name: string;
  /** Undefined = any; "" = the core group. */
  readonly group: string | undefined;
  readonly version: string | undefined;
}

function readKind(word: string): WantedKind {
  const slash = word.lastIndexOf("/");
  if (slash !== -1) return { name: word.slice(slash + 1), ...splitVersion(word.slice(0, slash)) };
  const [first = "", ...rest] = word.split(".");
  const [version, ...group] = isVersion(rest[0] ?? "") ? rest : [undefined, ...rest];
  return {
    name: Object.hasOwn(short, first) ? (short[first] ?? first) : first,
    group: rest.length === 0 ? undefined : group.join("."),
    version,
  };
}

function splitVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.lastIndexOf("/");
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

/** deployments.apps, pods: how the API names a kind, as far as its plural can be told from its name. */
export function resourceOf({ apiVersion, kind }: NamedKind): string {
  const { group } = splitVersion(apiVersion);
  return group === "" ? pluralOf(kind) : `${pluralOf(kind)}.${group}`;
}

/** English plurals, which all of Kubernetes' own kinds have. */
export function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === "endpoints") return name;
  if (/(s|x|z|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
