import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What S3 answers to a request that it does not serve. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** A store that refuses every request, on an address of this machine that the cluster reaches. */
export async function startRefusingStore(
  host: string,
  { status, code, message }: Refusal,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>18B5A9E0C6F0D1A2</RequestId></Error>`;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { "Content-Type": "application/xml", "x-amz-request-id": "18B5A9E0C6F0D1A2" });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
