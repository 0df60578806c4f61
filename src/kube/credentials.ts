import { readFileSync } from "node:fs";
import { Failure } from "../core/failure.ts";
import type { Connection } from "./connection.ts";
import type { UserEntry } from "./kubeconfig.ts";

/** What proves who the client is: TLS material for the agent, headers for each request. */
export interface Credentials {
  readonly tls: {
    cert?: string | Buffer;
    key?: string | Buffer;
    ca?: string | Buffer;
    rejectUnauthorized: boolean;
    servername?: string;
  };
  /** Asked before each request, since token files are rotated. Several values of one header go as separate lines. */
  headers(): Promise<Record<string, string | string[]>>;
}

/** A token file is read again after this many milliseconds, as client-go does. */
const tokenFileLife = 60_000;

/** Reads certificates and tokens. Logins that need a program or an identity provider are left to client-node, loaded late. */
export async function openCredentials(connection: Connection): Promise<Credentials> {
  const { cluster, user } = connection;
  const impersonation = impersonationHeaders(user);
  const ca = material(cluster["certificate-authority-data"], cluster["certificate-authority"], "the cluster's CA");
  const tls: Credentials["tls"] = { rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true };
  if (ca !== undefined) tls.ca = ca;
  if (cluster["tls-server-name"] !== undefined) tls.servername = cluster["tls-server-name"];
  if (user.exec !== undefined || user["auth-provider"] !== undefined) {
    const { login } = await import("./client-node.ts");
    const granted = await login(connection);
    if (granted.cert !== undefined) tls.cert = granted.cert;
    if (granted.key !== undefined) tls.key = granted.key;
    return { tls, headers: async () => ({ ...(await granted.headers()), ...impersonation }) };
  }
  const cert = material(user["client-certificate-data"], user["client-certificate"], "the client certificate");
  const key = material(user["client-key-data"], user["client-key"], "the client key");
  if (cert !== undefined) tls.cert = cert;
  if (key !== undefined) tls.key = key;
  const authorization = authorizationOf(user);
  return { tls, headers: async () => ({ ...authorization(), ...impersonation }) };
}

function material(data: string | undefined, file: string | undefined, what: string): Buffer | undefined {
  if (data) return Buffer.from(data, "base64");
  return file ? readOwn(file, what) : undefined;
}

function readOwn(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new Failure("failed", `cannot read ${what}: ${file}: ${code === "ENOENT" ? "no such file" : code}`, {
      cause,
    });
  }
}

function authorizationOf(user: UserEntry): () => Record<string, string> {
  const { tokenFile, token, username } = user;
  if (tokenFile !== undefined) {
    let [read, at] = ["", Number.NEGATIVE_INFINITY];
    return () => {
      if (performance.now() - at > tokenFileLife) {
        read = readOwn(tokenFile, "the token file").toString("utf8").trim();
        at = performance.now();
      }
      return { Authorization: `Bearer ${read}` };
    };
  }
  if (token !== undefined) return () => ({ Authorization: `Bearer ${token}` });
  if (username !== undefined) {
    const basic = Buffer.from(`${username}:${user.password ?? ""}`).toString("base64");
    return () => ({ Authorization: `Basic ${basic}` });
  }
  return () => ({});
}

function impersonationHeaders(user: UserEntry): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (user.as !== undefined) headers["Impersonate-User"] = user.as;
  if (user["as-uid"] !== undefined) headers["Impersonate-Uid"] = user["as-uid"];
  if (user["as-groups"] !== undefined) headers["Impersonate-Group"] = [...user["as-groups"]];
  for (const [key, values] of Object.entries(user["as-user-extra"] ?? {})) {
    headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = [...values];
  }
  return headers;
}
