// The one door to @kubernetes/client-node. It costs more than the whole start of the program, so it is opened for what
// Node cannot do alone: WebSockets for port-forward.
import type { Agent } from "node:http";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { WebSocketHandler } from "@kubernetes/client-node/dist/web-socket-handler.js";
import type { Credentials } from "./credentials.ts";

const single = { name: "mkebackup", cluster: "mkebackup", user: "mkebackup" };

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
  { credentials, agent }: { credentials: Credentials; agent?: Agent },
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
