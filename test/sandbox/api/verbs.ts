// The verbs of the API on stored objects: list in pages, get, create, update, patch, delete.
import { checkNamespace, checkObject, readObject } from "./admission.ts";
import { apiVersionOf, type KubernetesObject, type ResourceType } from "./objects.ts";
import { fieldSelector, labelSelector, type Matches } from "./selectors.ts";
import {
  badRequest,
  changedMeanwhile,
  conflict,
  deleted,
  expired,
  invalid,
  notFound,
  StatusError,
  unsupportedMediaType,
} from "./status.ts";
import { type Store, timestamp } from "./store.ts";

/** Where a request points, and what came with it. */
export interface Target {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface Answer {
  readonly code: number;
  readonly body: object;
}

export function selected({ type, query }: Target): Matches {
  const byLabel = labelSelector(query.get("labelSelector"));
  const byField = fieldSelector(query.get("fieldSelector"), type);
  return (object) => byLabel(object) && byField(object);
}

/** An object as it is sent inside a list: the server's own kinds leave out what the list says already. */
function listItem(type: ResourceType, object: KubernetesObject): object {
  if (type.custom !== undefined) return object;
  const { apiVersion: _, kind: __, ...item } = object;
  return item;
}

interface Continuation {
  readonly start: string;
  readonly revision: number;
}

function readContinuation(token: string): Continuation {
  try {
    const { start, rv } = JSON.parse(Buffer.from(token, "base64url").toString()) as { start: string; rv: number };
    return { start, revision: rv };
  } catch {
    throw badRequest("continue key is not valid: illegal base64 data at input byte 0");
  }
}

const pageKey = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ""}/${metadata.name}`;

/** A page of a list; `continue` in its metadata leads to the next one. */
export function list(store: Store, target: Target): Answer {
  const { type, namespace, query } = target;
  const limit = Number(query.get("limit") ?? 0);
  const token = query.get("continue") ?? "";
  const { start, revision } = token === "" ? { start: "", revision: store.revision } : readContinuation(token);
  if (revision > store.revision)
    throw expired("The provided continue parameter is too old to display a consistent list result.");
  const objects = store
    .list(type, namespace)
    .filter(selected(target))
    .filter((object) => pageKey(object) > start);
  const page = limit > 0 ? objects.slice(0, limit) : objects;
  const last = page.at(-1);
  const more = objects.length > page.length && last !== undefined;
  const selective = query.has("labelSelector") || query.has("fieldSelector");
  const metadata = {
    resourceVersion: String(revision),
    ...(more
      ? {
          continue: Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: pageKey(last) })).toString(
            "base64url",
          ),
        }
      : {}),
    ...(more && !selective ? { remainingItemCount: objects.length - page.length } : {}),
  };
  const items = page.map((object) => listItem(type, object));
  return { code: 200, body: { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items } };
}

function existing(store: Store, { type, namespace, name }: Target): KubernetesObject {
  const object = store.get(type, namespace, name);
  if (object === undefined) throw notFound(type, name);
  return object;
}

export const get = (store: Store, target: Target): Answer => ({ code: 200, body: existing(store, target) });

const isDryRun = (target: Target) => target.query.get("dryRun") === "All";

export function create(store: Store, target: Target): Answer {
  const { type, namespace } = target;
  const object = readObject(type, namespace, target.body);
  // Who creates an object has no say in these.
  for (const field of ["uid", "creationTimestamp", "resourceVersion", "generation", "deletionTimestamp"] as const) {
    delete object.metadata[field];
  }
  if (namespace !== undefined) checkNamespace(store, type, namespace, object.metadata.name);
  const prepared = store.prepared(type, object);
  checkObject(type, prepared);
  if (!isDryRun(target)) return { code: 201, body: store.create(type, prepared) };
  if (store.get(type, namespace, prepared.metadata.name) !== undefined) store.create(type, prepared);
  return { code: 201, body: prepared };
}

/** Stores a changed object, keeping what belongs to the server. */
function save(store: Store, target: Target, changed: KubernetesObject): Answer {
  const { type, namespace, name } = target;
  const before = existing(store, target);
  const { resourceVersion } = changed.metadata;
  if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) {
    throw conflict(type, name, changedMeanwhile);
  }
  if (changed.metadata.name !== name) {
    throw badRequest(`the name of the object (${changed.metadata.name}) does not match the name on the URL (${name})`);
  }
  const { uid, creationTimestamp, generation, deletionTimestamp } = before.metadata;
  const kept = {
    uid,
    creationTimestamp,
    generation,
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
  const object = {
    ...changed,
    metadata: { ...changed.metadata, ...kept, resourceVersion: before.metadata.resourceVersion },
  };
  checkObject(type, object as KubernetesObject);
  if (isDryRun(target)) return { code: 200, body: object };
  const stored = store.update(type, namespace, name, (draft) => {
    for (const key of Object.keys(draft)) Reflect.deleteProperty(draft, key);
    Object.assign(draft, object);
  });
  return { code: 200, body: stored ?? object };
}

export function update(store: Store, target: Target): Answer {
  const object = readObject(target.type, target.namespace, target.body);
  existing(store, target);
  if (target.type.custom !== undefined && object.metadata.resourceVersion === undefined) {
    const message = "Invalid value: 0x0: must be specified for an update";
    throw invalid(target.type, target.name, [
      { reason: "FieldValueInvalid", message, field: "metadata.resourceVersion" },
    ]);
  }
  return save(store, target, object);
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** JSON merge patch, RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

const mergeMediaType = "application/merge-patch+json";
const strategicMediaType = "application/strategic-merge-patch+json";

export function patch(store: Store, target: Target, contentType: string): Answer {
  const accepted = target.type.custom === undefined ? [mergeMediaType, strategicMediaType] : [mergeMediaType];
  const mediaType = contentType.split(";")[0]?.trim() ?? "";
  if (!accepted.includes(mediaType)) throw unsupportedMediaType(["application/json-patch+json", ...accepted]);
  return save(store, target, mergePatch(existing(store, target), target.body) as KubernetesObject);
}

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string };
}

export function remove(store: Store, target: Target): Answer {
  const { type, namespace, name, query } = target;
  const object = existing(store, target);
  const options: DeleteOptions = isMap(target.body) ? target.body : {};
  const wanted = options.preconditions?.uid;
  if (wanted !== undefined && wanted !== object.metadata.uid) {
    throw conflict(
      type,
      name,
      `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${object.metadata.uid}`,
    );
  }
  if (isDryRun(target)) return { code: 200, body: object };
  const atOnce = type.plural === "pods" && (options.gracePeriodSeconds ?? query.get("gracePeriodSeconds")) === 0;
  if (atOnce) store.remove(type, namespace, name);
  if (!store.delete(type, namespace, name)) return { code: 200, body: existing(store, target) };
  return { code: 200, body: type.plural === "pods" ? object : deleted(type, object) };
}

export function removeAll(store: Store, target: Target): Answer {
  const { type, namespace } = target;
  const objects = store.list(type, namespace).filter(selected(target));
  for (const { metadata } of objects) store.delete(type, metadata.namespace, metadata.name);
  const items = objects.map((object) => listItem(type, object));
  return {
    code: 200,
    body: {
      kind: `${type.kind}List`,
      apiVersion: apiVersionOf(type),
      metadata: { resourceVersion: String(store.revision) },
      items,
    },
  };
}

/** The scale subresource: what `kubectl scale` reads and writes. */
export function scale(store: Store, target: Target, method: string): Answer {
  interface Scalable extends KubernetesObject {
    spec: { replicas?: number; selector?: { matchLabels?: Record<string, string> } };
    status?: { replicas?: number };
  }
  const type: ResourceType<Scalable> = target.type as ResourceType<Scalable>;
  if (method !== "GET") {
    const replicas = isMap(target.body) && isMap(target.body["spec"]) ? target.body["spec"]["replicas"] : undefined;
    if (typeof replicas !== "number") throw new StatusError(400, "BadRequest", "spec.replicas is missing");
    store.update(type, target.namespace, target.name, (draft) => {
      draft.spec.replicas = replicas;
    });
  }
  const { metadata, spec, status } = existing(store, target) as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp = timestamp() } = metadata;
  const selector = Object.entries(spec.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const body = {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas ?? 1 },
    status: { replicas: status?.replicas ?? 0, selector: selector.join(",") },
  };
  return { code: 200, body };
}
