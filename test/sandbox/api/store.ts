// The objects of the cluster: what etcd and the generic part of the API server do in a real one.
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { setDefaults } from "./defaults.ts";
import { type KubernetesObject, type ResourceType, resourceName } from "./objects.ts";
import { alreadyExists, expired } from "./status.ts";

export type EventType = "ADDED" | "MODIFIED" | "DELETED";

export interface StoreEvent {
  readonly type: EventType;
  readonly resource: string;
  readonly revision: number;
  readonly object: KubernetesObject;
}

type Listener = (event: StoreEvent) => void;

/** How many events a watch may come late, as etcd's compaction in a real cluster. */
const keptEvents = 20_000;

const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** Five characters as generateName appends them: no vowels, nothing that looks like another. */
export function randomSuffix(length = 5): string {
  return Array.from({ length }, () => nameAlphabet[Math.floor(Math.random() * nameAlphabet.length)]).join("");
}

/** RFC 3339 with whole seconds, as the API server writes times. */
export const timestamp = (date: Date = new Date()): string => `${date.toISOString().slice(0, 19)}Z`;

const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ""}/${name}`;

/** Objects that something else must let go of before they disappear: the kubelet, the namespace controller. */
const gracefully: ReadonlySet<string> = new Set(["pods", "namespaces"]);

/**
 * Every object by kind, namespace and name. What it hands out is shared: change objects through `update` only.
 * Thrown errors are StatusErrors.
 */
export class Store {
  readonly #objects = new Map<string, Map<string, KubernetesObject>>();
  readonly #listeners = new Set<Listener>();
  #events: StoreEvent[] = [];
  #revision = 1000;
  /** The time that new objects bear. */
  now: () => Date = () => new Date();

  get revision(): number {
    return this.#revision;
  }

  /** In the order of namespace and name, as etcd keeps them. */
  list<T extends KubernetesObject>(type: ResourceType<T>, namespace?: string): T[] {
    const entries = [...this.#of(type)].filter(([key]) => namespace === undefined || key.startsWith(`${namespace}/`));
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object as T);
  }

  get<T extends KubernetesObject>(type: ResourceType<T>, namespace: string | undefined, name: string): T | undefined {
    return this.#of(type).get(keyOf(namespace, name)) as T | undefined;
  }

  create<T extends KubernetesObject>(type: ResourceType<T>, given: T): T {
    const object = this.prepared(type, given);
    const { namespace, name } = object.metadata;
    if (this.get(type, namespace, name) !== undefined) throw alreadyExists(type, name);
    this.#put("ADDED", type, object);
    return object;
  }

  /** The object as `create` would store it, without storing it. */
  prepared<T extends KubernetesObject>(type: ResourceType<T>, given: T): T {
    const object = structuredClone(given);
    const { generateName, ...metadata } = object.metadata;
    object.metadata = {
      ...(generateName === undefined ? {} : { generateName }),
      ...metadata,
      name: metadata.name || `${generateName ?? ""}${randomSuffix()}`,
      uid: randomUUID(),
      creationTimestamp: metadata.creationTimestamp ?? timestamp(this.now()),
      generation: 1,
    };
    if (!type.namespaced) delete object.metadata.namespace;
    setDefaults(object);
    return object;
  }

  /**
   * Stores what `change` makes of a copy of the object. Undefined when there is no such object.
   * Removing the last finalizer of an object that is being deleted removes the object.
   */
  update<T extends KubernetesObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    name: string,
    change: (draft: T) => void,
  ): T | undefined {
    const before = this.get(type, namespace, name);
    if (before === undefined) return undefined;
    const object = structuredClone(before);
    change(object);
    if (isDeepStrictEqual(before, object)) return before;
    if (generationChanged(type, before, object)) {
      object.metadata.generation = (before.metadata.generation ?? 0) + 1;
    }
    const released = object.metadata.deletionTimestamp !== undefined && before.metadata.finalizers !== undefined;
    if (released && (object.metadata.finalizers ?? []).length === 0) this.remove(type, namespace, name);
    else this.#put("MODIFIED", type, object);
    return object;
  }

  /** What a DELETE request asks for: true when the object is gone, false when somebody must let go of it first. */
  delete<T extends KubernetesObject>(type: ResourceType<T>, namespace: string | undefined, name: string): boolean {
    const object = this.get(type, namespace, name);
    if (object === undefined) return true;
    if ((object.metadata.finalizers ?? []).length === 0 && !gracefully.has(resourceName(type))) {
      this.remove(type, namespace, name);
      return true;
    }
    this.update(type, namespace, name, ({ metadata }) => {
      metadata.deletionTimestamp ??= timestamp();
      metadata.deletionGracePeriodSeconds ??= type.plural === "pods" ? 30 : 0;
    });
    return false;
  }

  /** Takes the object away at once, and whatever it owns. */
  remove<T extends KubernetesObject>(type: ResourceType<T>, namespace: string | undefined, name: string): void {
    const object = this.get(type, namespace, name);
    if (object === undefined) return;
    this.#of(type).delete(keyOf(namespace, name));
    this.#revision += 1;
    const last = structuredClone(object);
    last.metadata.resourceVersion = String(this.#revision);
    this.#emit({ type: "DELETED", resource: resourceName(type), revision: this.#revision, object: last });
    this.#collectGarbage(object);
  }

  /** Calls `listener` on each event, first on those after `since`; returns how to stop that. */
  watch(listener: Listener, since?: number): () => void {
    if (since !== undefined) {
      const oldest = this.#events[0]?.revision ?? this.#revision;
      if (since + 1 < oldest && this.#events.length >= keptEvents) {
        throw expired(`too old resource version: ${since} (${oldest})`);
      }
      for (const event of this.#events.filter(({ revision }) => revision > since)) listener(event);
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #of(type: ResourceType): Map<string, KubernetesObject> {
    const name = resourceName(type);
    const known = this.#objects.get(name);
    if (known !== undefined) return known;
    const created = new Map<string, KubernetesObject>();
    this.#objects.set(name, created);
    this.#types.set(name, type);
    return created;
  }

  readonly #types = new Map<string, ResourceType>();

  #put(eventType: EventType, type: ResourceType, object: KubernetesObject): void {
    this.#revision += 1;
    object.metadata.resourceVersion = String(this.#revision);
    this.#of(type).set(keyOf(object.metadata.namespace, object.metadata.name), object);
    this.#emit({ type: eventType, resource: resourceName(type), revision: this.#revision, object });
  }

  #emit(event: StoreEvent): void {
    this.#events.push(event);
    if (this.#events.length > keptEvents * 2) this.#events = this.#events.slice(-keptEvents);
    for (const listener of this.#listeners) listener(event);
  }

  #collectGarbage({ metadata: { uid } }: KubernetesObject): void {
    for (const [resource, objects] of this.#objects) {
      const type = this.#types.get(resource);
      if (type === undefined) continue;
      for (const { metadata } of [...objects.values()]) {
        if (!metadata.ownerReferences?.some((owner) => owner.uid === uid)) continue;
        this.delete(type, metadata.namespace, metadata.name);
      }
    }
  }
}

/** Velero's kinds have no status subresource, so their generation counts changes of the status too. */
function generationChanged(type: ResourceType, before: KubernetesObject, after: KubernetesObject): boolean {
  const counted = ({ metadata: _, ...content }: KubernetesObject & { status?: unknown }) => {
    if (type.custom === undefined) delete content.status;
    return content;
  };
  return !isDeepStrictEqual(counted(before), counted(after));
}
