import type { KubeObject } from "../core/resource.ts";
import type { Archive } from "./archive.ts";
import { isRecord } from "./json-file.ts";
import { pathOf } from "./stored-file.ts";
import { tarEntries } from "./tar.ts";
import { damaged, unpacked } from "./unpack.ts";

/** Where an object lies in a backup's tarball. */
export interface ItemPath {
  /** deployments.apps, pods */
  readonly resource: string;
  /** Undefined for what belongs to the whole cluster. */
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface Item extends ItemPath {
  readonly manifest: KubeObject;
}

export interface ManifestOptions {
  readonly signal?: AbortSignal;
  /** Whether an object is asked for; all are when left out. Others are passed over without being kept or parsed. */
  wanted?(path: ItemPath): boolean;
}

/**
 * The objects of a backup, each once, as its tarball arrives; nothing is stored. Stopping ends the transfer. Throws what the
 * archive throws, and a Failure with reason Damaged for a tarball that cannot be read.
 */
export async function* manifests(
  archive: Archive,
  name: string,
  { signal, wanted = () => true }: ManifestOptions = {},
): AsyncGenerator<Item> {
  const file = { kind: "BackupContents", name } as const;
  const what = pathOf(file);
  const { content } = await archive.open(file, signal === undefined ? {} : { signal });
  // Each object lies there twice, the second time under its version; some archives have only that one.
  const seen = new Set<string>();
  try {
    for await (const { path, read } of tarEntries(unpacked(content, what), what)) {
      const item = itemPath(path);
      if (item === undefined || !wanted(item)) continue;
      const key = `${item.resource}/${item.namespace ?? ""}/${item.name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield { ...item, manifest: parse((await read()).toString("utf8"), `${path} in ${what}`) };
    }
  } finally {
    content.destroy();
  }
}

/** resources/deployments.apps/namespaces/shop/web.json, with or without v1-preferredversion; undefined for other files. */
export function itemPath(path: string): ItemPath | undefined {
  const [, resource, namespace, name] =
    /^resources\/([^/]+)\/(?:[^/]+-preferredversion\/)?(?:cluster|namespaces\/([^/]+))\/([^/]+)\.json$/.exec(path) ??
    [];
  return resource === undefined || name === undefined ? undefined : { resource, namespace, name };
}

function parse(text: string, what: string): KubeObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw damaged(what, "it is not JSON", cause);
  }
  const metadata = isRecord(parsed) ? parsed["metadata"] : undefined;
  if (!isRecord(metadata) || typeof metadata["name"] !== "string") throw damaged(what, "it is no Kubernetes object");
  return parsed as KubeObject;
}
