// The way to the API server through a proxy. Loaded only when there is one.
import { once } from "node:events";
import type { Agent, OutgoingHttpHeaders } from "node:http";
import https from "node:https";
import { connect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { usualAuthorities } from "../core/authorities.ts";
import { Failure } from "../core/failure.ts";
import type { Credentials } from "./credentials.ts";
import type { ChosenProxy } from "./proxy-choice.ts";
import { proxyFailure, proxyRefusal } from "./proxy-failure.ts";
import { secureContextOptions } from "./secure-context.ts";
import { connectThroughSocks } from "./socks.ts";
import { takeUntil } from "./take.ts";

/** How requests reach the server by way of a proxy. */
export interface ProxyRoute {
  readonly label: string;
  /** Its connections end at the server itself. */
  readonly agent: Agent;
  /** Where the proxy passes requests on by itself: its connections end at the proxy, which reads the whole URL. */
  readonly forwarding?: { readonly agent: Agent; readonly headers: OutgoingHttpHeaders };
}

export interface ProxyRouteOptions {
  readonly server: string;
  readonly proxy: ChosenProxy;
  readonly tls: Credentials["tls"];
  readonly keepAlive: { readonly keepAlive: boolean; readonly timeout: number };
  /** Told of each connection through the proxy, with its status and the milliseconds it took. */
  onConnect(status: number | string, milliseconds: number): void;
}

const longestHead = 64 * 1024;

type CreateConnection = (
  options: tls.ConnectionOptions,
  done: (error: Error | null, socket: Duplex) => void,
) => undefined;

/** Makes the agents; connects to nothing yet. */
export async function openProxyRoute(options: ProxyRouteOptions): Promise<ProxyRoute> {
  const { server, proxy, keepAlive } = options;
  const { protocol } = new URL(server);
  if (protocol === "https:") {
    const agent = new https.Agent({ ...keepAlive, ...(await secureContextOptions(options.tls)) });
    return {
      label: proxy.label,
      agent: dialling(agent, options, (target, dialled) => tunnel(target, dialled, options)),
    };
  }
  const http = await import("node:http");
  const agent = dialling(new http.Agent(keepAlive), options, (target, dialled) => tunnel(target, dialled, options));
  if (proxy.protocol === "socks5:") return { label: proxy.label, agent };
  return {
    label: proxy.label,
    agent,
    forwarding: {
      agent: dialling(new http.Agent(keepAlive), options, (_, dialled) => reach(dialled, options)),
      headers: authorization(proxy),
    },
  };
}

/** Connects; a socket belongs to `dialled` until it is ready. */
type Dial = (target: tls.ConnectionOptions, dialled: Set<Duplex>) => Promise<Duplex>;

/** Gives an agent another way to connect. What it still dials ends with the agent, or it would keep the program alive. */
function dialling(agent: Agent, options: ProxyRouteOptions, dial: Dial): Agent {
  const dialled = new Set<Duplex>();
  const createConnection: CreateConnection = (target, done) => {
    const start = performance.now();
    const told = (status: number | string) => options.onConnect(status, performance.now() - start);
    dial(target, dialled).then(
      (socket) => {
        told(200);
        done(null, socket);
      },
      (error: unknown) => {
        const failure = error instanceof Failure ? error : proxyFailure(options.proxy, error as NodeJS.ErrnoException);
        told(failure.message);
        done(failure, undefined as unknown as Duplex);
      },
    );
    return undefined;
  };
  const destroy = (): void => {
    for (const socket of dialled) socket.destroy();
    Object.getPrototypeOf(agent).destroy.call(agent);
  };
  return Object.assign(agent, { createConnection, destroy });
}

/** A connection to the server behind the proxy, with the cluster's own TLS where the server is https. */
async function tunnel(
  target: tls.ConnectionOptions,
  dialled: Set<Duplex>,
  options: ProxyRouteOptions,
): Promise<Duplex> {
  const { proxy } = options;
  const { protocol, hostname, port } = new URL(options.server);
  const host = hostname.replace(/^\[|\]$/g, "");
  const isSecure = protocol === "https:";
  const portNumber = Number(port) || (isSecure ? 443 : 80);
  const socket = await reach(dialled, options);
  dialled.add(socket);
  try {
    if (proxy.protocol === "socks5:") {
      await connectThroughSocks(socket, { host, port: portNumber, login: proxy.login });
    } else {
      await connectThroughHttp(socket, `${hostname}:${portNumber}`, proxy);
    }
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    dialled.delete(socket);
  }
  // The proxy has answered: what goes wrong from here on is the server's, and told as such.
  return isSecure ? tls.connect({ ...target, socket }) : socket;
}

/** A connection to the proxy. */
async function reach(dialled: Set<Duplex>, { proxy, tls: own }: ProxyRouteOptions): Promise<Socket> {
  const { host, port } = proxy;
  const socket =
    proxy.protocol === "https:" ? tls.connect(securely(proxy, own)) : connect({ host, port, noDelay: true });
  dialled.add(socket);
  try {
    await once(socket, proxy.protocol === "https:" ? "secureConnect" : "connect");
  } finally {
    dialled.delete(socket);
  }
  // Whoever reads or writes next hears of it; without any listener it would end the program in between.
  return socket.on("error", () => undefined);
}

/** Go trusts a proxy by the cluster's CA alone; but a company's proxy is one that the system knows. */
function securely({ host, port }: ChosenProxy, own: Credentials["tls"]): tls.ConnectionOptions {
  const trusted = usualAuthorities();
  return {
    host,
    port,
    ca: own.ca === undefined ? trusted : [...trusted, own.ca],
    rejectUnauthorized: own.rejectUnauthorized,
    ALPNProtocols: ["http/1.1"],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
}

async function connectThroughHttp(socket: Socket, target: string, proxy: ChosenProxy): Promise<void> {
  const headers = Object.entries({ Host: target, ...authorization(proxy) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`CONNECT ${target} HTTP/1.1\r\n${headers.join("")}\r\n`);
  const head = (await takeUntil(socket, "\r\n\r\n", longestHead)).toString("latin1");
  const [, status, words = ""] = /^HTTP\/1\.[01] (\d{3}) ?([^\r\n]*)/.exec(head) ?? [];
  if (status === undefined) throw new Error("it does not speak HTTP");
  if (!status.startsWith("2")) throw proxyRefusal(proxy, Number(status), words, target);
}

function authorization({ login }: ChosenProxy): Record<string, string> {
  if (login === undefined) return {};
  return { "Proxy-Authorization": `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}` };
}
