// The one door to @kubernetes/client-node. It costs more than the whole start of the program, so it is opened for what
// Node cannot do alone: logins through programs and identity providers, and WebSockets for port-forward.
import type { Agent } from "node:http";
import type { RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { WebSocketHandler } from "@kubernetes/client-node/dist/web-socket-handler.js";
import { trustUsualAuthorities } from "../core/authorities.ts";
import { Failure } from "../core/failure.ts";
import type { Connection } from "./connection.ts";
import type { Credentials } from "./credentials.ts";

export interface GrantedLogin {
  readonly cert: Buffer | string | undefined;
  readonly key: Buffer | string | undefined;
  headers(): Promise<Record<string, string>>;
}

const single = { name: "mkebackup", cluster: "mkebackup", user: "mkebackup" };

/** Runs the exec plugin or the identity provider of the user entry and returns what it grants. */
export async function login(connection: Connection): Promise<GrantedLogin> {
  trustUsualAuthorities();
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: single.cluster, server: connection.server, skipTLSVerify: true }],
    users: [{ name: single.user, exec: connection.user.exec, authProvider: connection.user["auth-provider"] }],
    contexts: [single],
    currentContext: single.name,
  });
  const ask = async (): Promise<RequestOptions> => {
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (cause) {
      const why = (cause instanceof Error ? cause.message : String(cause)) || "the login failed and gave no reason";
      throw new Failure("failed", `cannot log in to ${connection.server} as the kubeconfig says: ${why}`, { cause });
    }
    return options;
  };
  const first = await ask();
  return {
    cert: first.cert as string | undefined,
    key: first.key as string | undefined,
    headers: async () => ({ ...((await ask()).headers as Record<string, string> | undefined) }),
  };
}

/** A WebSocket as `ws` makes them: what the tunnel needs of it. */
export interface TunnelSocket {
  readonly protocol: string;
  readonly bufferedAmount: number;
  send(data: Buffer, done: (error?: Error) => void): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  on(event: "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Opens a WebSocket to a path of the API server, with the client's own credentials, by way of the agent where one is given.
 * Frames go to `receive` by channel.
 */
export async function openWebSocket(
  server: string,
  path: string,
  { credentials, agent }: { credentials: Credentials; agent: Agent | undefined },
  receive: (channel: number, data: Buffer) => void,
): Promise<TunnelSocket> {
  class OwnCredentials extends KubeConfig {
    override async applyToHTTPSOptions(options: object): Promise<void> {
      Object.assign(options, credentials.tls, { headers: await credentials.headers(), agent });
    }
  }
  const config = new OwnCredentials();
  config.loadFromOptions({
    clusters: [{ name: single.cluster, server, skipTLSVerify: false }],
    users: [{ name: single.user }],
    contexts: [single],
    currentContext: single.name,
  });
  const socket = await new WebSocketHandler(config).connect(path, null, (channel, data) => {
    receive(channel, data);
    return true;
  });
  return socket as unknown as TunnelSocket;
}
