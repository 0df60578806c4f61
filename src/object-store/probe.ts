// A bucket step by step: what a request does all at once, each part alone, so that it can be told which one fails.
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { checkServerIdentity, type PeerCertificate, type TLSSocket as Secured, TLSSocket } from "node:tls";
// The road says whom TLS trusts (usualAuthorities).
import { sentenceOfConnection } from "../core/connection-sentence.ts";
import { Failure } from "../core/failure.ts";
import { exchange } from "./exchange.ts";
import type {
  BucketKeys,
  BucketSettings,
  Certificate,
  ProbeAnswer,
  Probing,
  StoreProbe,
  Whereabouts,
} from "./object-store.ts";
import type { Road } from "./road.ts";
import { baseOf, contentOf, entriesIn, foldersIn, pageOf, tokenIn, unescaped } from "./s3.ts";
import { portOf } from "./service.ts";
import { encoded, signedHeaders } from "./signature.ts";
import { unreachable } from "./store-failure.ts";

/** Milliseconds. */
const handshakeLimit = 10_000;

export function openProbe(settings: BucketSettings, keysOf: () => BucketKeys | undefined, road: Road): StoreProbe {
  const base = new URL(baseOf(settings));
  const port = portOf(base);
  const host = `${base.hostname}:${port}`;
  const isSecure = base.protocol === "https:";
  let where: Whereabouts | undefined;
  let connection: Duplex | undefined;
  /** What a proxy's connection told, which is made and secured at once. */
  let first: { certificate?: Certificate; untrusted?: Failure } | undefined;
  let skew: number | undefined;

  const told = async <T>(doing: Promise<T>, signal: AbortSignal): Promise<T> => {
    try {
      return await raced(doing, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Failure ? error : unreachable(base.host, error);
    }
  };

  const ask = async (probing: Probing, signal: AbortSignal): Promise<ProbeAnswer> => {
    const keys = keysOf();
    if (keys === undefined) throw new Error("a request needs keys");
    const { method, key = "", query = {}, body = Buffer.alloc(0) } = probing;
    const words = Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
    const url = new URL(
      `${base}${key.split("/").map(encoded).join("/")}${words.length === 0 ? "" : `?${words.join("&")}`}`,
    );
    const start = performance.now();
    const began = Date.now();
    const wish = method === "PUT" ? encryptionHeaders(settings) : {};
    const headers = signedHeaders({ method, url, body, headers: wish }, keys, settings.region, new Date());
    const answer = await told(
      exchange(road, url, { method, headers, signal, ...(method === "PUT" ? { body } : {}) }),
      signal,
    );
    const content = await told(contentOf(answer), signal);
    const milliseconds = performance.now() - start;
    const date = answer.headers.date === undefined ? undefined : new Date(answer.headers.date);
    // The header has whole seconds, cut off: half of one is what it lacks on average.
    if (date !== undefined && !Number.isNaN(date.getTime()))
      skew = Math.round(date.getTime() + 500 - (began + milliseconds / 2));
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) throw refusal(base.host, answer, content.toString("utf8"));
    return { content, date, milliseconds };
  };

  return {
    host,
    isSecure,
    ask,
    get skew() {
      return skew;
    },
    async find(signal) {
      where = await told(road.find(base.hostname), signal);
      return where;
    },
    async connect(signal) {
      where ??= await told(road.find(base.hostname), signal);
      if (where.by !== "proxy") {
        connection = await told(road.connect({ host: base.hostname, port }), signal);
        return road.way;
      }
      try {
        const answer = await told(
          exchange(road, new URL(base.origin), { method: "HEAD", headers: {}, signal }),
          signal,
        );
        first = certified(answer, base.hostname);
        answer.resume();
      } catch (error) {
        if (!(error instanceof Failure && error.reason === "Untrusted")) throw error;
        first = { untrusted: error };
      }
      return road.way;
    },
    async secure(signal) {
      if (first?.untrusted !== undefined) throw first.untrusted;
      if (first?.certificate !== undefined || connection === undefined) return first?.certificate;
      const secured = road.secure(connection, base.hostname);
      try {
        const limit = AbortSignal.timeout(handshakeLimit);
        await told(shakenHands(secured, AbortSignal.any([signal, limit]), limit), signal);
      } catch (error) {
        secured.destroy();
        throw error;
      }
      const certificate = certificateOf(secured, base.hostname);
      if (certificate.untrusted === undefined || settings.insecureSkipTlsVerify) return certificate;
      secured.destroy();
      const { untrusted, issuer } = certificate;
      const message = `cannot reach the object store ${base.host}: ${untrusted} (its issuer: ${issuer})`;
      throw new Failure("failed", message, { reason: "Untrusted" });
    },
    async list(query, signal) {
      const answer = await ask(
        { method: "GET", query: { "list-type": "2", "encoding-type": "url", ...query } },
        signal,
      );
      const page = pageOf(answer.content, base.host);
      const next = /<IsTruncated>true</.test(page) ? tokenIn(page) : undefined;
      return {
        ...answer,
        entries: [...entriesIn(page)],
        folders: foldersIn(page),
        ...(next === undefined ? {} : { next }),
      };
    },
  };
}

function encryptionHeaders({ encryption }: BucketSettings): Record<string, string> {
  if (encryption === undefined) return {};
  const { algorithm, keyId } = encryption;
  return {
    "x-amz-server-side-encryption": algorithm,
    ...(keyId === undefined ? {} : { "x-amz-server-side-encryption-aws-kms-key-id": keyId }),
  };
}

async function shakenHands(secured: Secured, end: AbortSignal, limit: AbortSignal): Promise<void> {
  try {
    await once(secured, "secureConnect", { signal: end });
  } catch (error) {
    throw limit.aborted ? new Error(`no answer within ${handshakeLimit / 1000}s`) : error;
  }
}

/** A look-up or a connection cannot be called back; whoever waits for it can go. */
async function raced<T>(doing: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([doing, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    doing.catch(() => undefined);
  }
}

function certified({ socket }: IncomingMessage, host: string): { certificate?: Certificate } {
  return socket instanceof TLSSocket ? { certificate: certificateOf(socket, host) } : {};
}

function certificateOf(secured: Secured, host: string): Certificate {
  const peer: PeerCertificate = secured.getPeerCertificate();
  const untrusted = secured.authorized ? undefined : whyUntrusted(secured, peer, host);
  const validTo = new Date(peer.valid_to);
  return {
    names: (peer.subjectaltname ?? "").replace(/\b(?:DNS|IP Address):/g, "") || nameOf(peer.subject),
    issuer: nameOf(peer.issuer),
    validTo: Number.isNaN(validTo.getTime()) ? undefined : validTo,
    ...(untrusted === undefined ? {} : { untrusted }),
  };
}

function whyUntrusted({ authorizationError }: Secured, peer: PeerCertificate, host: string): string {
  const code = authorizationError instanceof Error ? authorizationError.message : String(authorizationError);
  const error = checkServerIdentity(host, peer);
  const cause = code === "ERR_TLS_CERT_ALTNAME_INVALID" && error ? error : Object.assign(new Error(code), { code });
  return sentenceOfConnection(cause as NodeJS.ErrnoException, host);
}

function nameOf(name: PeerCertificate["issuer"] | undefined): string {
  const of = name?.CN ?? name?.O ?? "unnamed";
  return Array.isArray(of) ? of.join(", ") : of;
}

/** What the store says, in its own words; and the region that it names where it is asked for another one. */
function refusal(host: string, answer: IncomingMessage, body: string): Failure {
  const field = (name: string) => unescaped(new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? "");
  const code = field("Code");
  const status = answer.statusCode ?? 0;
  const region = field("Region") || String(answer.headers["x-amz-bucket-region"] ?? "");
  const says =
    code === "" ? `status ${status}, and no word of S3` : [code, field("Message")].filter(Boolean).join(": ");
  const named = region === "" || says.includes(region) ? "" : ` (region ${region})`;
  return new Failure("failed", `the object store at ${host} answered ${says}${named}`, {
    reason: code || String(status),
  });
}
