// AWS Signature Version 4, for requests with an Authorization header and for URLs that carry their own signature.
import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Why a request is refused, by S3's error code. */
export type Refusal =
  | "AccessDenied"
  | "InvalidAccessKeyId"
  | "SignatureDoesNotMatch"
  | "ExpiredRequest"
  | "InvalidTokenId";

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

const algorithm = "AWS4-HMAC-SHA256";
const hex = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

interface Parts {
  readonly credential: string;
  readonly date: string;
  readonly signedHeaders: string;
  readonly payload: string;
}

function signature({ method, url, headers }: SignedRequest, secret: string, parts: Parts): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const values = parts.signedHeaders.split(";").map((name) => `${name}:${String(headers[name] ?? "").trim()}\n`);
  const canonical = [method, url.pathname, query.join("&"), values.join(""), parts.signedHeaders, parts.payload];
  const [day = "", region = "", service = "", type = ""] = parts.credential.split("/").slice(1);
  const scope = [day, region, service, type].join("/");
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), type);
  return hmac(key, [algorithm, parts.date, scope, hex(canonical.join("\n"))].join("\n")).toString("hex");
}

/** The URL of a GET that needs no credentials for `seconds`; its host is part of the signature. */
export function presign(address: string, { accessKeyId, secretAccessKey }: Credentials, seconds: number): string {
  const url = new URL(address);
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const credential = `${accessKeyId}/${date.slice(0, 8)}/minio/s3/aws4_request`;
  const parameters = { Algorithm: algorithm, Credential: credential, Date: date, Expires: String(seconds) };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(`X-Amz-${name}`, value);
  url.searchParams.set("X-Amz-SignedHeaders", "host");
  const request = { method: "GET", url, headers: { host: url.host } };
  const parts = { credential, date, signedHeaders: "host", payload: "UNSIGNED-PAYLOAD" };
  url.searchParams.set("X-Amz-Signature", signature(request, secretAccessKey, parts));
  return url.href;
}

/** Undefined when the request was signed with the credentials for the host it was sent to. */
export function refusal(request: SignedRequest, credentials: Credentials): Refusal | undefined {
  const { url, headers } = request;
  const query = url.searchParams;
  const fromHeader = /Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=(\w+)/.exec(headers.authorization ?? "");
  const [
    ,
    credential = query.get("X-Amz-Credential"),
    signedHeaders = query.get("X-Amz-SignedHeaders"),
    given = query.get("X-Amz-Signature"),
  ] = fromHeader ?? [];
  if (credential === null || signedHeaders === null || given === null) return "AccessDenied";
  if (!credential.startsWith(`${credentials.accessKeyId}/`)) return "InvalidAccessKeyId";
  // These keys are a user's, not a session's.
  if (headers["x-amz-security-token"] ?? query.get("X-Amz-Security-Token")) return "InvalidTokenId";
  const date = query.get("X-Amz-Date") ?? String(headers["x-amz-date"]);
  const payload = String(headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD");
  const parts = { credential, date, signedHeaders, payload };
  if (signature(request, credentials.secretAccessKey, parts) !== given) return "SignatureDoesNotMatch";
  const expires = query.get("X-Amz-Expires");
  if (expires === null) return undefined;
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  return signedAt + Number(expires) * 1000 < Date.now() ? "ExpiredRequest" : undefined;
}
