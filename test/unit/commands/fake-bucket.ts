import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly words?: string;
  readonly region?: string;
}

export interface FakeBucketOptions {
  /** Answers a request in place of the bucket. */
  refuse?(method: string, key: string): Refusal | "break" | undefined;
  /** Called with a request that was carried out, before it is answered. */
  before?(method: string, key: string): Promise<void> | void;
  /** Its clock against this machine's, in milliseconds. */
  readonly skew?: number;
  /** What it keeps in place of what it is given. */
  readonly spoils?: boolean;
}

/** A store with one bucket, which believes every signature and answers as it is told to. */
export async function fakeBucket(t: TestContext, options: FakeBucketOptions = {}) {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://store");
    const [, key = ""] = /^\/[^/]+\/(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const method = request.method ?? "GET";
    asked.push(`${method} ${key}`);
    const content = await contentOf(request);
    response.setHeader("Date", new Date(Date.now() + (options.skew ?? 0)).toUTCString());
    const refusal = options.refuse?.(method, key);
    if (refusal === "break") return response.destroy();
    if (refusal !== undefined) return refuse(response, refusal);
    const payload = createHash("sha256").update(content).digest("hex");
    if (payload !== request.headers["x-amz-content-sha256"])
      return refuse(response, { status: 400, code: "XAmzContentSHA256Mismatch" });
    const held = objects.get(key);
    if (method === "PUT") objects.set(key, options.spoils ? content.subarray(1) : content);
    if (method === "DELETE") objects.delete(key);
    await options.before?.(method, key);
    if (key === "") response.end(listing(objects, url.searchParams));
    else if (method === "GET" && held === undefined) refuse(response, { status: 404, code: "NoSuchKey" });
    else response.end(method === "GET" ? held : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects, asked };
}

function refuse(response: ServerResponse, { status, code, words = "no", region }: Refusal): void {
  const named = region === undefined ? "" : `<Region>${region}</Region>`;
  response.writeHead(status).end(`<Error><Code>${code}</Code><Message>${words}</Message>${named}</Error>`);
}

function listing(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): string {
  const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter")];
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix));
  const folders = new Set(keys.map((key) => key.slice(prefix.length).split("/")[0]));
  if (delimiter !== null)
    return `<ListBucketResult>${[...folders].map((name) => `<CommonPrefixes><Prefix>${prefix}${name}/</Prefix></CommonPrefixes>`).join("")}</ListBucketResult>`;
  const entries = keys.map(
    (key, at) =>
      `<Contents><Key>${key}</Key><LastModified>2026-11-2${at}T00:00:00.000Z</LastModified><Size>1</Size></Contents>`,
  );
  return `<ListBucketResult>${entries.join("")}</ListBucketResult>`;
}

async function contentOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
