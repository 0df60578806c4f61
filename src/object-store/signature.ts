// AWS Signature Version 4: in a query it makes a URL that a store answers without more; in headers it is good for one request.
import { createHash, createHmac } from "node:crypto";
import type { BucketKeys } from "./object-store.ts";

export interface Validity {
  readonly at: Date;
  readonly seconds: number;
}

/**
 * The URL with a signature that lets anybody GET it for a while: as much a secret as the keys.
 * Its path must be encoded as S3 encodes it.
 */
export function signed(url: URL, keys: BucketKeys, region: string, { at, seconds }: Validity): URL {
  const { time, scope } = scopeOf(at, region);
  const query = queryOf([
    ...url.searchParams,
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${keys.accessKeyId}/${scope}`],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", String(seconds)],
    ...(keys.sessionToken === undefined ? [] : [["X-Amz-Security-Token", keys.sessionToken]]),
    ["X-Amz-SignedHeaders", "host"],
  ]);
  const request = ["GET", url.pathname, query, `host:${url.host}\n`, "host", "UNSIGNED-PAYLOAD"].join("\n");
  const signature = signatureOf(request, keys, { time, scope });
  return new URL(`${url.origin}${url.pathname}?${query}&X-Amz-Signature=${signature}`);
}

export interface SignedRequest {
  readonly method: string;
  /** Its path must be encoded as S3 encodes it. */
  readonly url: URL;
  readonly body: Buffer;
  /** More headers whose names begin with x-amz-s, in the order of these names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers that make one request the account's own. As a store's server uses them, so its refusals are the same. */
export function signedHeaders(
  { method, url, body, headers: more = {} }: SignedRequest,
  keys: BucketKeys,
  region: string,
  at: Date,
): Record<string, string> {
  const { time, scope } = scopeOf(at, region);
  const payload = createHash("sha256").update(body).digest("hex");
  const headers: Record<string, string> = {
    host: url.host,
    "x-amz-content-sha256": payload,
    "x-amz-date": time,
    ...(keys.sessionToken === undefined ? {} : { "x-amz-security-token": keys.sessionToken }),
    ...more,
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = [method, url.pathname, queryOf([...url.searchParams]), lines.join(""), names, payload].join("\n");
  const signature = signatureOf(request, keys, { time, scope });
  const credential = `Credential=${keys.accessKeyId}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function scopeOf(at: Date, region: string): { time: string; scope: string } {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, "");
  return { time, scope: `${time.slice(0, 8)}/${region}/s3/aws4_request` };
}

const queryOf = (parameters: readonly (readonly string[])[]): string =>
  parameters
    .map(([name = "", value = ""]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");

function signatureOf(
  request: string,
  { secretAccessKey }: BucketKeys,
  { time, scope }: { time: string; scope: string },
) {
  const hash = createHash("sha256").update(request).digest("hex");
  const key = scope
    .split("/")
    .reduce<string | Buffer>((secret, part) => hmac(secret, part).digest(), `AWS4${secretAccessKey}`);
  return hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash].join("\n")).digest("hex");
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text);

/** As AWS encodes: everything but letters, digits and -._~ */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
