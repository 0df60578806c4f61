// Watches: a response that never ends on its own, one JSON event a line.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type KubernetesObject, resourceName } from "./objects.ts";
import { StatusError } from "./status.ts";
import type { EventType, Store } from "./store.ts";
import { selected, type Target } from "./verbs.ts";

/** A client that left once may have gone without a goodbye, so even a watch without a limit ends (as in a real server). */
const longestWatch = 1800;

export function watch(store: Store, target: Target, request: IncomingMessage, response: ServerResponse): void {
  const { type, namespace, name, query } = target;
  const matches = selected(target);
  const wanted = ({ metadata }: KubernetesObject) =>
    (namespace === undefined || metadata.namespace === namespace) && (name === "" || metadata.name === name);
  response.writeHead(200, { "Content-Type": "application/json" });
  response.flushHeaders();
  const send = (event: EventType | "ERROR" | "BOOKMARK", object: object) =>
    response.write(`${JSON.stringify({ type: event, object })}\n`);

  const version = query.get("resourceVersion") ?? "";
  const fromStart = version === "" || version === "0" || query.get("sendInitialEvents") === "true";
  // An object that stops matching a selector leaves the watch as if it had been deleted.
  const visible = new Set<string>();
  const tell = (event: EventType, object: KubernetesObject) => {
    if (!wanted(object)) return;
    const uid = object.metadata.uid ?? "";
    const known = visible.has(uid);
    if (event === "DELETED" || !matches(object)) {
      visible.delete(uid);
      if (known || (event === "DELETED" && matches(object))) send("DELETED", object);
      return;
    }
    visible.add(uid);
    send(event === "ADDED" || known || !fromStart ? event : "ADDED", object);
  };
  if (fromStart) {
    for (const object of store.list(type, namespace)) tell("ADDED", object);
    if (query.get("sendInitialEvents") === "true") {
      const annotations = { "k8s.io/initial-events-end": "true" };
      const metadata = { resourceVersion: String(store.revision), annotations };
      send("BOOKMARK", { kind: type.kind, apiVersion: `${type.group}/${type.version}`, metadata });
    }
  }
  try {
    const stop = store.watch(
      (event) => {
        if (event.resource === resourceName(type)) tell(event.type, event.object);
      },
      fromStart ? undefined : Number(version),
    );
    const limit = Number(query.get("timeoutSeconds") ?? longestWatch) || longestWatch;
    const timer = setTimeout(() => response.end(), limit * 1000);
    response.on("close", () => {
      clearTimeout(timer);
      stop();
    });
    request.on("error", () => response.destroy());
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    send("ERROR", error.toStatus());
    response.end();
  }
}
