import { hasReason } from "../core/failure.ts";
import { globMatcher } from "../core/glob.ts";
import { compareText } from "../core/order.ts";
import type { KubeObject } from "../core/resource.ts";
import type { Archive } from "./archive.ts";
import { kindFilter } from "./kind-words.ts";
import { type ListedResource, readResourceList } from "./resource-list.ts";
import { manifests } from "./tarball.ts";

/** What a backup holds, by its resource list; backups without one are read whole. In the order of namespaces, kinds and names. */
export async function readContents(archive: Archive, backup: string): Promise<ListedResource[]> {
  const listed = await readResourceList(archive, "backup", backup).catch((error: unknown) => {
    if (hasReason(error, "NotFound")) return fromTarball(archive, backup);
    throw error;
  });
  return listed.toSorted(
    (a, b) =>
      compareText(a.namespace ?? "", b.namespace ?? "") ||
      compareText(a.kind, b.kind) ||
      compareText(a.apiVersion, b.apiVersion) ||
      compareText(a.name, b.name),
  );
}

async function fromTarball(archive: Archive, backup: string): Promise<ListedResource[]> {
  const found: ListedResource[] = [];
  for await (const { namespace, name, manifest } of manifests(archive, backup)) {
    const { apiVersion = "", kind = "" } = manifest;
    found.push({ apiVersion, kind, namespace, name });
  }
  return found;
}

/** What was asked for: all where nothing is said. `*` and `?` stand for any characters in names and namespaces. */
export interface Asked {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Those of the listed objects that were asked for. */
export function choose(listed: readonly ListedResource[], { kind, name, namespace }: Asked): ListedResource[] {
  const isKind = kind === undefined ? () => true : kindFilter(kind);
  const isName = name === undefined ? () => true : globMatcher(name);
  const isNamespace = namespace === undefined ? () => true : globMatcher(namespace);
  return listed.filter(
    (one) =>
      isKind(one) &&
      isName(one.name) &&
      (one.namespace === undefined ? namespace === undefined : isNamespace(one.namespace)),
  );
}

/**
 * The manifests of listed objects, in the list's order. The tarball is read until the last of them was found, and no others
 * are kept. An object that it does not hold is left out.
 */
export async function readManifests(
  archive: Archive,
  backup: string,
  wanted: readonly ListedResource[],
): Promise<KubeObject[]> {
  const left = new Set(wanted.map(keyOf));
  if (left.size === 0) return [];
  const places = new Set(wanted.map(({ namespace, name }) => placeOf(namespace, name)));
  const found = new Map<string, KubeObject>();
  // Which folder a kind lies in is only known to the cluster that was backed up, so every object of such a name is looked at.
  const mayBe = ({ namespace, name }: { namespace: string | undefined; name: string }) =>
    places.has(placeOf(namespace, name));
  for await (const { namespace, name, manifest } of manifests(archive, backup, { wanted: mayBe })) {
    const { apiVersion = "", kind = "" } = manifest;
    const key = keyOf({ apiVersion, kind, namespace, name });
    if (!left.delete(key)) continue;
    found.set(key, manifest);
    if (left.size === 0) break;
  }
  return wanted.map((one) => found.get(keyOf(one))).filter((manifest) => manifest !== undefined);
}

const placeOf = (namespace: string | undefined, name: string): string => `${namespace ?? ""}/${name}`;
const keyOf = ({ apiVersion, kind, namespace, name }: ListedResource): string =>
  `${apiVersion}/${kind}/${placeOf(namespace, name)}`;

/** How many objects of each kind there are in each namespace; the namespace "" is the cluster itself. */
export interface NamespaceCounts {
  readonly namespace: string;
  readonly count: number;
  readonly kinds: readonly { readonly apiVersion: string; readonly kind: string; readonly count: number }[];
}

/** Counts by namespace and kind, in the order of the list. */
export function countByNamespace(listed: readonly ListedResource[]): NamespaceCounts[] {
  const byNamespace = Map.groupBy(listed, ({ namespace = "" }) => namespace);
  return [...byNamespace].map(([namespace, objects]) => ({
    namespace,
    count: objects.length,
    kinds: [...Map.groupBy(objects, ({ apiVersion, kind }) => `${apiVersion}/${kind}`).values()].map((ofKind) => ({
      apiVersion: ofKind[0]?.apiVersion ?? "",
      kind: ofKind[0]?.kind ?? "",
      count: ofKind.length,
    })),
  }));
}
