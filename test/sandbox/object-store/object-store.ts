// MinIO: buckets in memory behind the part of the S3 protocol that backups need.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import { listenOnLoopback } from "../api/loopback.ts";
import { type Credentials, refusal } from "./signature.ts";

const messages: Readonly<Record<string, readonly [status: number, message: string]>> = {
  AccessDenied: [403, "Access Denied."],
  ExpiredRequest: [403, "Request has expired"],
  InvalidAccessKeyId: [403, "The Access Key Id you provided does not exist in our records."],
  SignatureDoesNotMatch: [
    403,
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  ],
  InvalidTokenId: [403, "The security token included in the request is invalid"],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  BucketNotEmpty: [409, "The bucket you tried to delete is not empty"],
  NoSuchKey: [404, "The specified key does not exist."],
  PreconditionFailed: [412, "At least one of the pre-conditions you specified did not hold"],
  InvalidRange: [416, "The requested range is not satisfiable"],
  NotImplemented: [501, "A header you provided implies functionality that is not implemented"],
  NoEncryption: [501, "Server side encryption specified but KMS is not configured"],
};
/** Refusals for which S3 has no code of their own. */
const codes: Readonly<Record<string, string>> = { ExpiredRequest: "AccessDenied", NoEncryption: "NotImplemented" };

/** What MinIO says of itself, to whoever has its root keys. */
const ofItself = {
  mode: "online",
  servers: [
    {
      state: "online",
      endpoint: "10.96.0.10:9000",
      drives: [
        { endpoint: "/data", path: "/data", state: "ok", totalspace: 97_793_294_336, availspace: 61_397_590_016 },
      ],
    },
  ],
};

/** Its data live as long as MinIO's pod: `start` finds an empty bucket, as with MKE's emptyDir. */
export class ObjectStore {
  readonly credentials: Credentials;
  /** The one region that requests may be signed for; any when undefined. */
  readonly region: string | undefined;
  readonly #firstBucket: string;
  #buckets = new Set<string>();
  /** By BUCKET/KEY. */
  #objects = new Map<string, Buffer>();
  readonly #modified = new Map<string, string>();
  #running = false;
  #port = 0;
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch(() => response.destroy());
  });

  #secure: { readonly server: SecureServer; readonly port: number } | undefined;

  /** `bucket` is there from the start. */
  constructor(bucket: string, credentials: Credentials, region?: string) {
    this.#firstBucket = bucket;
    this.credentials = credentials;
    this.region = region;
  }

  /** The port on 127.0.0.1 that stands for port 9000 of MinIO's pod. */
  get port(): number {
    return this.#port;
  }

  /** The same behind TLS, once there is a certificate. */
  get securePort(): number | undefined {
    return this.#secure?.port;
  }

  get running(): boolean {
    return this.#running;
  }

  async listen(): Promise<void> {
    this.#server.on("connection", (socket) => {
      if (!this.#running) socket.destroy();
    });
    this.#port = await listenOnLoopback(this.#server);
  }

  async listenSecurely(pair: { readonly key: string; readonly cert: string }): Promise<void> {
    this.#secure?.server.close();
    const server = createSecureServer(pair, (request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    this.#secure = { server, port: await listenOnLoopback(server) };
  }

  async close(): Promise<void> {
    this.#secure?.server.close();
    this.#secure?.server.closeAllConnections();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  start(): void {
    this.#running = true;
    this.#buckets.add(this.#firstBucket);
  }

  /** Loses everything it held. */
  halt(): void {
    this.#running = false;
    this.#objects = new Map();
    this.#buckets = new Set();
    this.#server.closeAllConnections();
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** `path` is BUCKET/KEY here and below. */
  get(path: string): Buffer | undefined {
    return this.#objects.get(path);
  }

  put(path: string, content: Buffer): void {
    this.#objects.set(path, content);
    this.#modified.set(path, new Date().toISOString());
  }

  keys(beginning = ""): string[] {
    return [...this.#objects.keys()].filter((path) => path.startsWith(beginning)).sort();
  }

  delete(beginning: string): void {
    for (const path of this.keys(beginning)) this.#objects.delete(path);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", headers } = request;
    const url = new URL(request.url ?? "/", `http://${headers.host ?? "localhost"}`);
    const refused = refusal({ method, url, headers }, this.credentials);
    const content = await readContent(request);
    if (refused !== undefined) return this.#fail(response, refused, url);
    const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    if (url.pathname === "/minio/admin/v3/info") {
      response.setHeader("Content-Type", "application/json").end(JSON.stringify(ofItself));
      return undefined;
    }
    // As MinIO has it, which takes no bucket from the name of its host unless MINIO_DOMAIN is set.
    if (bucket === "" && method === "GET") return void response.end(xml(this.#bucketList()));
    if (key === "") return this.#bucketRequest(method, bucket, response, url);
    if (!this.hasBucket(bucket)) return this.#fail(response, "NoSuchBucket", url);
    const path = `${bucket}/${key}`;
    const object = this.#objects.get(path);
    switch (method) {
      case "GET":
      case "HEAD":
        if (object === undefined) return this.#fail(response, "NoSuchKey", url);
        if ((headers["if-match"] ?? entityTag(object)) !== entityTag(object))
          this.#fail(response, "PreconditionFailed", url);
        else this.#send(object, request, response, url);
        return;
      case "PUT":
        if (headers["x-amz-server-side-encryption"] !== undefined) return this.#fail(response, "NoEncryption", url);
        this.put(path, content);
        response.setHeader("ETag", entityTag(content)).end();
        return;
      case "DELETE":
        this.#objects.delete(path);
        response.writeHead(204).end();
        return;
      default:
        this.#fail(response, "NotImplemented", url);
    }
  }

  /** The object, or what a Range asks for of it. */
  #send(object: Buffer, { method, headers }: IncomingMessage, response: ServerResponse, url: URL): void {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
    const begin = Number(first ?? 0);
    if (first !== undefined && begin >= object.length) {
      this.#fail(response, "InvalidRange", url);
      return;
    }
    const part = object.subarray(begin, last ? Number(last) + 1 : undefined);
    response.setHeader("Accept-Ranges", "bytes").setHeader("Content-Length", part.length);
    response.setHeader("Content-Type", "binary/octet-stream").setHeader("ETag", entityTag(object));
    if (first !== undefined) {
      const range = `bytes ${begin}-${begin + part.length - 1}/${object.length}`;
      response.writeHead(206, { "Content-Range": range });
    }
    response.end(method === "GET" ? part : undefined);
  }

  #bucketRequest(method: string, bucket: string, response: ServerResponse, url: URL): void {
    response.setHeader("Content-Type", "application/xml");
    const isEmpty = this.keys(`${bucket}/`).length === 0;
    if (method === "PUT") {
      this.#buckets.add(bucket);
      response.end();
    } else if (!this.hasBucket(bucket)) this.#fail(response, "NoSuchBucket", url);
    else if (method === "DELETE" && !isEmpty) this.#fail(response, "BucketNotEmpty", url);
    else if (method === "DELETE") {
      this.#buckets.delete(bucket);
      response.writeHead(204).end();
    } else if (method === "HEAD") response.end();
    else if (method !== "GET") this.#fail(response, "NotImplemented", url);
    else if (url.searchParams.has("location")) response.end(xml("<LocationConstraint>minio</LocationConstraint>"));
    else response.end(xml(this.#listing(bucket, url.searchParams)));
  }

  #bucketList(): string {
    const lines = [...this.#buckets].map((name) => `<Bucket><Name>${name}</Name></Bucket>`);
    return `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets>${lines.join("")}</Buckets></ListAllMyBucketsResult>`;
  }

  /** ListObjectsV2. */
  #listing(bucket: string, query: URLSearchParams): string {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const limit = Number(query.get("max-keys") ?? 1000);
    const start = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const folderOf = (key: string) => {
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return end === -1 ? undefined : key.slice(0, end + delimiter.length);
    };
    const keys = this.keys(`${bucket}/${prefix}`).map((path) => path.slice(bucket.length + 1));
    const entries = [...new Set(keys.map((key) => folderOf(key) ?? key))].filter((name) => name > start);
    const page = entries.slice(0, limit);
    const truncated = entries.length > page.length;
    const isEncoded = query.get("encoding-type") === "url";
    const written = (name: string) =>
      escaped(isEncoded ? encodeURIComponent(name).replaceAll("%2F", "/").replaceAll("%20", "+") : name);
    const lines = page.map((name) => {
      const object = this.#objects.get(`${bucket}/${name}`);
      if (object === undefined) return `<CommonPrefixes><Prefix>${written(name)}</Prefix></CommonPrefixes>`;
      const tag = escaped(entityTag(object));
      return `<Contents><Key>${written(name)}</Key><LastModified>${this.#modified.get(`${bucket}/${name}`) ?? ""}</LastModified><ETag>${tag}</ETag><Size>${object.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    });
    const next = truncated ? `<NextContinuationToken>${escaped(page.at(-1) ?? "")}</NextContinuationToken>` : "";
    return `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name>${isEncoded ? "<EncodingType>url</EncodingType>" : ""}<Prefix>${written(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${limit}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${next}${lines.join("")}</ListBucketResult>`;
  }

  #fail(response: ServerResponse, code: string, url: URL): void {
    const [status, message] = messages[code] ?? [400, code];
    const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
    const body = `<Error><Code>${codes[code] ?? code}</Code><Message>${message}</Message><Key>${escaped(key)}</Key><BucketName>${escaped(bucket)}</BucketName><Resource>${escaped(url.pathname)}</Resource><RequestId>18B5A9E0C6F0D1A2</RequestId><HostId>dd9025bab4ad464b049177c95eb6ebf374d3b3fd1af9251148b658df7ac2e3e8</HostId></Error>`;
    response.writeHead(status, { "Content-Type": "application/xml", Server: "MinIO" }).end(xml(body));
  }
}

const xml = (body: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
const entityTag = (content: Buffer) => `"${createHash("md5").update(content).digest("hex")}"`;
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string) => text.replace(/[&<>"]/g, (char) => entities[char] ?? char);

async function readContent(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  return /^STREAMING-/.test(String(request.headers["x-amz-content-sha256"])) ? withoutChunks(content) : content;
}

/** The SDK sends streams in chunks of its own: a hexadecimal length, the bytes, and trailers after the last one. */
function withoutChunks(content: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let position = 0; ; ) {
    const end = content.indexOf("\r\n", position);
    const length = Number.parseInt(content.toString("latin1", position, end), 16);
    if (!(length > 0)) return Buffer.concat(parts);
    parts.push(content.subarray(end + 2, end + 2 + length));
    position = end + 2 + length + 2;
  }
}
