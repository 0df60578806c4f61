// AWS Signature Version 4 in a query: what makes a URL that a store answers without more.
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
  const time = at.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const query = [
    ...url.searchParams,
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${keys.accessKeyId}/${scope}`],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", String(seconds)],
    ...(keys.sessionToken === undefined ? [] : [["X-Amz-Security-Token", keys.sessionToken]]),
    ["X-Amz-SignedHeaders", "host"],
  ]
    .map(([name = "", value = ""]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  const request = ["GET", url.pathname, query, `host:${url.host}\n`, "host", "UNSIGNED-PAYLOAD"].join("\n");
  const hash = createHash("sha256").update(request).digest("hex");
  const key = scope
    .split("/")
    .reduce<string | Buffer>((secret, part) => hmac(secret, part).digest(), `AWS4${keys.secretAccessKey}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash].join("\n")).digest("hex");
  return new URL(`${url.origin}${url.pathname}?${query}&X-Amz-Signature=${signature}`);
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text);

/** As AWS encodes: everything but letters, digits and -._~ */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
