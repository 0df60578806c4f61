// How connections to one host of a store are made: directly, by a proxy, or through the API server to a pod.
import { Agent } from "node:https";
import type { Duplex, Readable } from "node:stream";
import type { SecureContext, TLSSocket } from "node:tls";
import { usualAuthorities } from "../core/authorities.ts";
import { hasReason } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import { addressesOf, dialDirectly } from "./direct.ts";
import type { Trust, Whereabouts } from "./object-store.ts";
import { contextOf, securely } from "./secured.ts";
import { portOf, type ServiceName, ServicePods, serviceOf, shortServiceOf } from "./service.ts";
import { Turns } from "./turns.ts";

/** The way through a proxy. */
export interface Route {
  readonly label: string;
  /** Its connections end at the store. */
  readonly agent: { destroy(): void };
  /** Where the proxy passes plain requests on: its connections end at the proxy, which reads the whole URL. */
  readonly forwarding?: { readonly agent: { destroy(): void }; readonly headers: Readonly<Record<string, unknown>> };
}

export interface RoadOptions {
  /** Where a host without a dot is looked up as a Service. */
  namespace?(): Promise<string>;
  /** The proxy that the user's environment names for an origin, if any. */
  route?(origin: string, tls: { ca?: string; rejectUnauthorized: boolean }): Promise<Route | undefined>;
}

/** Where a request goes: the origin, or with AWS a bucket's name below it. */
interface Target {
  readonly host: string;
  readonly port: number | string;
}

/** As many files are read side by side from one host. */
const mostAtOnce = 4;

/** The connections to one origin; kept alive and used again until it is closed. */
export class Road {
  readonly #origin: URL;
  readonly #cluster: Cluster;
  readonly #options: RoadOptions;
  readonly #trust: Trust;
  readonly #end = new AbortController();
  readonly #turns = new Turns(mostAtOnce);
  #pods: ServicePods | undefined;
  #route: Promise<Route | undefined> | undefined;
  #secure: SecureContext | undefined;
  /** A tunnel that was opened before anybody needed it. */
  #spare: Promise<Duplex> | undefined;
  #agent: Agent | undefined;
  /** A connection that was made step by step, for the first request to use. */
  #made: Duplex | undefined;
  /** How the last connection was made: through pod mke/minio-0. */
  way = "directly";

  constructor(origin: URL, trust: Trust, cluster: Cluster, options: RoadOptions) {
    this.#origin = origin;
    this.#trust = trust;
    this.#cluster = cluster;
    this.#options = options;
    const service = serviceOf(origin.hostname);
    if (service !== undefined) this.#pods = this.#podsOf(service);
  }

  /** Opens a tunnel ahead of the first request, where one will be needed. */
  prepare(): void {
    if (this.#pods === undefined || this.#agent !== undefined) return;
    this.#spare ??= this.#tunnel(this.#pods);
    // Whoever takes it hears what is wrong.
    this.#spare.catch(() => undefined);
  }

  /** Where its connections will lead, found without making one. */
  async find(host: string): Promise<Whereabouts> {
    this.#route ??= this.#findRoute();
    const route = await this.#route;
    if (route !== undefined) return { by: "proxy", label: route.label };
    if (this.#pods !== undefined) {
      return this.#whereIs(this.#pods).catch(async (error: unknown) => {
        if (!hasReason(error, "Forbidden")) throw error;
        return addressesOf(host).catch(() => {
          throw error;
        });
      });
    }
    return addressesOf(host).catch((error: unknown) => this.#asShort(error, (pods) => this.#whereIs(pods)));
  }

  /** Makes the connection that the next request will use; without TLS, which `secure` adds. */
  async connect(target: Target): Promise<Duplex> {
    this.#made = await this.#dial(bare(target.host), Number(target.port));
    return this.#made;
  }

  /** TLS over that connection, which believes whoever answers: it is for whoever looks at the certificate first. */
  secure(socket: Duplex, host: string): TLSSocket {
    const secured = securely(socket, bare(host), { context: this.#context(), believes: true });
    this.#made = secured;
    return secured;
  }

  /** The agent for requests to this origin, and what a proxy wants of each request that it passes on. */
  async agent(): Promise<{ agent: Agent; forwarding?: Route["forwarding"] }> {
    this.#route ??= this.#findRoute();
    const route = await this.#route;
    if (route !== undefined) {
      this.way = `by proxy ${route.label}`;
      return {
        agent: route.agent as Agent,
        ...(route.forwarding === undefined ? {} : { forwarding: route.forwarding }),
      };
    }
    this.#agent ??= this.#ownAgent();
    return { agent: this.#agent };
  }

  /** Asks for a file when it is its turn, and gives the turn back when its content has ended. */
  async inTurn<T extends { readonly content: Readable }>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    const giveBack = await this.#turns.take(signal);
    try {
      const answer = await ask();
      if (answer.content.closed) giveBack();
      else answer.content.once("close", giveBack);
      return answer;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  close(): void {
    this.#end.abort();
    this.#agent?.destroy();
    this.#made?.destroy();
    this.#spare?.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
    this.#route?.then(
      (route) => {
        route?.agent.destroy();
        route?.forwarding?.agent.destroy();
      },
      () => undefined,
    );
  }

  async #findRoute(): Promise<Route | undefined> {
    // What only pods can reach is reached through the API server, whatever proxies there are.
    if (this.#pods !== undefined) return undefined;
    const { insecureSkipTlsVerify, ca } = this.#trust;
    const authorities = ca !== undefined && this.#trust.andUsual ? [ca, ...usualAuthorities()].join("\n") : ca;
    return this.#options.route?.(this.#origin.origin, {
      rejectUnauthorized: !insecureSkipTlsVerify,
      ...(authorities === undefined ? {} : { ca: authorities }),
    });
  }

  #ownAgent(): Agent {
    const { protocol } = this.#origin;
    const agent = new Agent({ keepAlive: true, maxCachedSessions: 0 });
    const createConnection = (to: Target, done: (error: Error | null, socket: Duplex) => void): undefined => {
      this.#connect(to).then(
        (socket) => done(null, socket),
        (error: Error) => done(error, undefined as unknown as Duplex),
      );
    };
    return Object.assign(agent, { createConnection, protocol, defaultPort: portOf(this.#origin) });
  }

  async #connect(target: Target): Promise<Duplex> {
    const made = this.#made;
    this.#made = undefined;
    if (made !== undefined && !made.destroyed) return made;
    const host = bare(target.host);
    const socket = await this.#dial(host, Number(target.port));
    if (this.#origin.protocol !== "https:") return socket;
    return securely(socket, host, { context: this.#context(), believes: this.#trust.insecureSkipTlsVerify });
  }

  #context(): SecureContext {
    this.#secure ??= contextOf(this.#trust);
    return this.#secure;
  }

  async #dial(host: string, port: number): Promise<Duplex> {
    if (this.#pods !== undefined) {
      const taken = this.#spare;
      this.#spare = undefined;
      const spare = await taken?.catch(() => undefined);
      if (spare !== undefined && !spare.destroyed) return spare;
      return this.#tunnel(this.#pods).catch(async (error: unknown) => {
        if (!hasReason(error, "Forbidden")) throw error;
        // Inside of the cluster, or on its network, the name may lead there without the API server.
        return this.#directly(host, port).catch(() => {
          throw error;
        });
      });
    }
    return this.#directly(host, port).catch((error: unknown) => this.#asShort(error, (pods) => this.#tunnel(pods)));
  }

  async #directly(host: string, port: number): Promise<Duplex> {
    const socket = await dialDirectly(host, port, this.#end.signal);
    this.way = "directly";
    return socket;
  }

  /** A name that DNS does not know here may be one that pods use. */
  async #asShort<T>(error: unknown, use: (pods: ServicePods) => Promise<T>): Promise<T> {
    const unknown = ["ENOTFOUND", "EAI_AGAIN"].includes((error as NodeJS.ErrnoException).code ?? "");
    const short = unknown ? shortServiceOf(this.#origin.hostname) : undefined;
    const namespace = short && (short.namespace ?? (await this.#options.namespace?.()));
    if (short === undefined || namespace === undefined) throw error;
    const found = this.#podsOf({ name: short.name, namespace });
    const used = await use(found).catch((failure: unknown) => {
      // No Service has that name: so it is one that DNS should know.
      throw hasReason(failure, "NotFound") ? error : failure;
    });
    this.#pods = found;
    return used;
  }

  async #whereIs(pods: ServicePods): Promise<Whereabouts> {
    const { namespace, name } = pods.service;
    return { by: "service", service: `${namespace}/${name}`, pods: await pods.names(this.#end.signal) };
  }

  #podsOf(service: ServiceName): ServicePods {
    return new ServicePods(this.#cluster, service, portOf(this.#origin));
  }

  async #tunnel(pods: ServicePods): Promise<Duplex> {
    const { socket, pod } = await pods.connect(this.#end.signal);
    this.way = `through the API server to pod ${pod}`;
    return socket;
  }
}

/** An IPv6 address without its brackets. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, "");
