// The API server: one HTTPS port that authenticates, authorizes and routes each request.
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import type { ClusterCertificates } from "../certificates.ts";
import { Authorization, type User } from "./authorization.ts";
import { aggregated, discover, servedTypes, wantsAggregated } from "./discovery.ts";
import { listenOnLoopback } from "./loopback.ts";
import type { KubernetesObject, ResourceType } from "./objects.ts";
import {
  internalError,
  isTrue,
  type ResourcePath,
  readBody,
  resourcePath,
  send,
  sendText,
  verbFor,
} from "./requests.ts";
import { reviewOf } from "./reviews.ts";
import { genericStatus, methodNotAllowed, noSuchResource, notFound, StatusError } from "./status.ts";
import type { Store } from "./store.ts";
import * as verbs from "./verbs.ts";
import { watch } from "./watch.ts";

/** An answer that tests ask for in place of the real one. */
export interface Fault {
  method?: string;
  path: RegExp;
  /** 200 without a body lets the request through and only adds the headers. */
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** How many requests get it; 1 when left out. */
  times?: number;
}

/** What the API server asks the kubelets for. */
export interface Kubelets {
  /** Answers itself. Throws a StatusError when the container has not started. */
  logs(pod: KubernetesObject, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void;
  portForward(pod: KubernetesObject, request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface ApiServerOptions {
  readonly store: Store;
  readonly certificates: ClusterCertificates;
  readonly builtInTypes: readonly ResourceType[];
  readonly kubelets: Kubelets;
}

export interface ApiServer {
  readonly url: string;
  answer(fault: Fault): void;
  stop(): Promise<void>;
}

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, certificates, builtInTypes, kubelets } = options;
  const authorization = new Authorization(store);
  const faults: Fault[] = [];
  const sockets = new Set<Duplex>();

  function takeFault({ method, url = "" }: IncomingMessage): Fault | undefined {
    const index = faults.findIndex((fault) => fault.path.test(url) && (fault.method ?? method) === method);
    const fault = faults[index];
    if (fault === undefined) return undefined;
    const { times = 1 } = fault;
    if (times > 1) faults[index] = { ...fault, times: times - 1 };
    else faults.splice(index, 1);
    return fault;
  }

  /** The user, the resource and everything else of a request, once both are known to be in order. */
  function admit(request: IncomingMessage): { url: URL; user: User; resource: ResourcePath | undefined } {
    const url = new URL(request.url ?? "/", "https://sandbox");
    const user = authorization.authenticate(request);
    const resource = resourcePath(url.pathname, servedTypes(store, builtInTypes));
    if (resource === undefined) {
      authorization.authorizePath(user, url.pathname);
      return { url, user, resource };
    }
    const { type, subresource, name } = resource;
    // Permission to read a namespace is looked up inside it, and by name.
    const namespace = type.plural === "namespaces" && name !== "" ? name : resource.namespace;
    const verb = verbFor(request.method ?? "GET", resource, url.searchParams);
    authorization.authorize(user, type, { verb, type, subresource, name, namespace });
    return { url, user, resource };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = takeFault(request);
    for (const [name, value] of Object.entries(fault?.headers ?? {})) response.setHeader(name, value);
    if (fault !== undefined && (fault.status !== 200 || fault.body !== undefined)) {
      send(response, fault.status, fault.body ?? genericStatus(fault.status));
      return;
    }
    const { url, user, resource } = admit(request);
    if (resource === undefined) return sendDocument(response, url.pathname, request.headers.accept);
    const { type, namespace, name, subresource } = resource;
    const method = request.method ?? "GET";
    const target = { type, namespace, name, query: url.searchParams, body: await readBody(request) };
    if (method === "GET" && subresource === "" && isTrue(target.query.get("watch"))) {
      return watch(store, target, request, response);
    }
    if (subresource === "log") return kubelets.logs(podOf(resource), target.query, request, response);
    const { code, body } = answerTo(method, target, subresource, user, request.headers["content-type"] ?? "");
    send(response, code, body);
  }

  function answerTo(
    method: string,
    target: verbs.Target,
    subresource: string,
    user: User,
    contentType: string,
  ): verbs.Answer {
    const { type, name } = target;
    const review = reviewOf(type, authorization, user, target.body);
    if (review !== undefined) return review;
    if (subresource === "token" && type.plural === "serviceaccounts" && method === "POST") {
      return { code: 201, body: authorization.issueToken(verbs.get(store, target).body as KubernetesObject) };
    }
    if (subresource === "scale" && type.plural === "deployments") return verbs.scale(store, target, method);
    // Whether there is such an object or not: custom resources here have no subresources.
    if (subresource !== "" && type.custom !== undefined) throw notFound(type, name);
    if (subresource !== "" && subresource !== "status") throw noSuchResource();
    switch (method) {
      case "GET":
        return name === "" ? verbs.list(store, target) : verbs.get(store, target);
      case "POST":
        if (name === "" && (target.namespace !== undefined || !type.namespaced)) return verbs.create(store, target);
        throw methodNotAllowed();
      case "PUT":
        return verbs.update(store, target);
      case "PATCH":
        return verbs.patch(store, target, contentType);
      case "DELETE":
        return name === "" ? verbs.removeAll(store, target) : verbs.remove(store, target);
      default:
        throw methodNotAllowed();
    }
  }

  function sendDocument(response: ServerResponse, path: string, accept: string | undefined): void {
    if (["/healthz", "/livez", "/readyz"].includes(path)) {
      sendText(response, 200, "ok");
      return;
    }
    const types = servedTypes(store, builtInTypes);
    const bare = path.replace(/\/$/, "");
    const document = (wantsAggregated(accept) ? aggregated(bare, types) : undefined) ?? discover(bare, types);
    if (document === undefined) throw new PageNotFound();
    send(response, 200, document);
  }

  function podOf({ type, namespace, name }: ResourcePath): KubernetesObject {
    const pod = store.get(type, namespace, name);
    if (pod === undefined) throw notFound(type, name);
    return pod;
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      const { resource } = admit(request);
      if (resource?.subresource !== "portforward") throw noSuchResource();
      kubelets.portForward(podOf(resource), request, socket, head);
    } catch (error) {
      const failure = error instanceof StatusError ? error : internalError(error);
      const body = JSON.stringify(failure.toStatus());
      socket.end(
        `HTTP/1.1 ${failure.code} ${failure.reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    }
  }

  const server = createServer({
    key: certificates.server.key,
    cert: certificates.server.certificate,
    ca: certificates.authority,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => {
      if (error instanceof PageNotFound) return sendText(response, 404, "404 page not found\n");
      const failure = error instanceof StatusError ? error : internalError(error);
      send(response, failure.code, failure.toStatus());
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // An upgraded connection is nobody's but ours: the HTTP server forgets it, and a reset must not end the process.
    socket.on("error", () => socket.destroy());
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    upgrade(request, socket, head);
  });
  const port = await listenOnLoopback(server);
  return {
    url: `https://127.0.0.1:${port}`,
    answer: (fault) => faults.push(fault),
    stop: () => stopServer(server, sockets),
  };
}

/** Bare text, as Go's HTTP library answers where the API server has no handler. */
class PageNotFound extends Error {}

async function stopServer(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await closed;
}
