import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { Credentials } from "../../../src/kube/credentials.ts";
import { openCluster } from "../../../src/kube/http-cluster.ts";
import { openTransport, type Transport, type TransportOptions } from "../../../src/kube/transport.ts";

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** An HTTP server on a free port that gives its answers in order; the last one is repeated. Closed with the test. */
export async function localServer(test: TestContext, ...answers: readonly Answer[]) {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answers[Math.min(requests.length, answers.length) - 1]?.(response, request);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests };
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };

export const nobody: Credentials = { tls: { rejectUnauthorized: true }, headers: async () => ({}) };

/** A transport to a server, closed with the test. */
export async function transportTo(
  test: TestContext,
  server: string,
  options: Partial<TransportOptions> = {},
): Promise<Transport> {
  const transport = await openTransport({
    server,
    credentials: nobody,
    userAgent: "kubectl-mkebackup/test",
    timeout: 0,
    signal: new AbortController().signal,
    onWarning: () => undefined,
    ...options,
  });
  test.after(() => transport.close());
  return transport;
}

/** A cluster whose API server gives these answers in order; `asked` tells its requests. Closed with the test. */
export async function clusterWith(test: TestContext, ...answers: readonly Answer[]) {
  const server = await localServer(test, ...answers);
  const cluster = await openCluster({
    flags: { server: server.url, kubeconfig: undefined },
    env: { HOME: "/nowhere" },
    userAgent: "test",
    signal: new AbortController().signal,
    onWarning: () => undefined,
  });
  test.after(() => cluster.close());
  const asked = () => server.requests.map(({ method, url }) => `${method} ${decodeURIComponent(url ?? "")}`);
  return { cluster, requests: server.requests, asked };
}
