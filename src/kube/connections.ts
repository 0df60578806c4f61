import type { Agent } from "node:http";
import type { Credentials } from "./credentials.ts";
import type { Send } from "./exchange.ts";
import type { ProxyRoute } from "./proxy.ts";
import { secureContextOptions } from "./secure-context.ts";

/** The connections to one server: how a request is sent, and the agent that keeps them. */
export interface Connections {
  readonly send: Send;
  /** For requests; through a proxy that forwards them, its connections end there. */
  agent(): Promise<Agent>;
  /** For tunnels, whose connections have to end at the server itself. */
  tunnelAgent(): Promise<Agent>;
  close(): void;
}

/**
 * An idle connection is closed before the server or a load balancer would close it: a write on one that has died in
 * the meantime, after a long thought at a question, could not be repeated.
 */
export const keepAlive = { keepAlive: true, timeout: 20_000 };

/** Chooses the protocol and makes the agent; connects to nothing yet. */
export async function openConnections(
  server: string,
  credentials: Credentials,
  route: ProxyRoute | undefined,
): Promise<Connections> {
  if (!server.startsWith("https:")) {
    // Imported for plain-text servers only: its module namespace pulls in all of undici, a tenth of the program's start.
    const http = await import("node:http");
    const direct = route?.agent ?? new http.Agent(keepAlive);
    return fixed(http.request, direct, route?.forwarding?.agent);
  }
  const https = await import("node:https");
  if (route !== undefined) return fixed(https.request, route.agent);
  const open = async () =>
    // Connections that are kept need no sessions to be resumed by, and taking each session down costs every connection.
    new https.Agent({
      ...keepAlive,
      maxCachedSessions: 0,
      ...(await secureContextOptions(credentials.tls)),
    });
  return following(https.request, credentials, open);
}

function fixed(send: Send, direct: Agent, forwarding: Agent = direct): Connections {
  return {
    send,
    agent: async () => forwarding,
    tunnelAgent: async () => direct,
    close() {
      for (const agent of [direct, forwarding]) agent.destroy();
    },
  };
}

/** A login that is renewed may bring another client certificate: it needs connections of its own, and the old ones end. */
async function following(send: Send, { tls }: Credentials, open: () => Promise<Agent>): Promise<Connections> {
  const agents = [await open()];
  let certificate = tls.cert;
  const current = async (): Promise<Agent> => {
    if (tls.cert !== certificate) {
      certificate = tls.cert;
      agents.unshift(await open());
    }
    return agents[0] as Agent;
  };
  return {
    send,
    agent: current,
    tunnelAgent: current,
    close() {
      for (const agent of agents) agent.destroy();
    },
  };
}
