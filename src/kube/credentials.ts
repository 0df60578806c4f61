import { readFileSync } from "node:fs";
import { Failure } from "../core/failure.ts";
import type { Connection } from "./connection.ts";
import { impersonationHeaders } from "./impersonation.ts";
import type { Login, LoginEdge } from "./login.ts";

/** What proves who the client is: TLS material for the agent, headers for each request. */
export interface Credentials {
  /** Asked for headers, a login that expired is renewed; its new certificate stands here then. */
  readonly tls: {
    cert?: string | Buffer;
    key?: string | Buffer;
    ca?: string | Buffer;
    rejectUnauthorized: boolean;
    servername?: string;
  };
  /** Asked before each request, since tokens are rotated. Several values of one header go as separate lines. */
  headers(): Promise<Record<string, string | string[]>>;
  /** To be told of a 401. True when the next headers() come from a new login or a fresh look at the token file. */
  refused?(): boolean;
}

/** The Authorization header, asked for each time. */
interface Authorization {
  header(): Promise<string | undefined>;
  refused?(): boolean;
}

/** A token file is read again after this many milliseconds, as client-go does. */
const tokenFileLife = 60_000;

/** Reads certificates and tokens, and logs in where the kubeconfig names a plugin or an identity provider. */
export async function openCredentials(connection: Connection, edge: LoginEdge): Promise<Credentials> {
  const { cluster, user, server } = connection;
  const impersonation = impersonationHeaders(user);
  // Like kubectl: what proves who one is goes to nobody who can be overheard.
  if (!server.startsWith("https:")) return { tls: { rejectUnauthorized: true }, headers: async () => impersonation };
  const ca = material(cluster["certificate-authority-data"], cluster["certificate-authority"], "the cluster's CA");
  const tls: Credentials["tls"] = { rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true };
  if (ca !== undefined) {
    if (!ca.includes("-----BEGIN ")) throw new Failure("failed", "the cluster's CA is no certificate: it is not PEM");
    tls.ca = ca;
  }
  if (cluster["tls-server-name"] !== undefined) tls.servername = cluster["tls-server-name"];
  const cert = material(user["client-certificate-data"], user["client-certificate"], "the client certificate");
  const key = material(user["client-key-data"], user["client-key"], "the client key");
  if (cert !== undefined && key !== undefined) Object.assign(tls, { cert, key });
  const authorization = await authorizationOf(connection, tls, edge);
  return {
    tls,
    async headers() {
      const header = await authorization.header();
      return { ...(header === undefined ? {} : { Authorization: header }), ...impersonation };
    },
    refused: () => authorization.refused?.() ?? false,
  };
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

/** What the user has decides, in client-go's order; a login puts its certificate into `tls`. */
async function authorizationOf(
  connection: Connection,
  tls: Credentials["tls"],
  edge: LoginEdge,
): Promise<Authorization> {
  const { exec, "auth-provider": provider, tokenFile, token, username, password } = connection.user;
  if (tokenFile !== undefined) return tokenFileReader(tokenFile, token);
  if (token !== undefined) return fixed(`Bearer ${token}`);
  if (username !== undefined || password !== undefined)
    return fixed(`Basic ${Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64")}`);
  if (exec !== undefined && tls.cert === undefined) {
    const [login, { runPlugin }] = await Promise.all([import("./login.ts"), import("./exec.ts")]);
    return opened(new login.Login(() => runPlugin(exec, connection, edge)), tls);
  }
  if (provider !== undefined) {
    const [login, { openProvider }] = await Promise.all([import("./login.ts"), import("./auth-provider.ts")]);
    return opened(new login.Login(openProvider(provider, connection, edge)), tls);
  }
  return fixed(undefined);
}

const fixed = (header: string | undefined): Authorization => ({ header: async () => header });

/** Logs in at once: the certificate has to be there before the first connection. */
async function opened(login: Login, tls: Credentials["tls"]): Promise<Authorization> {
  const header = async () => {
    const { token, cert, key } = await login.current();
    if (cert !== undefined && key !== undefined) Object.assign(tls, { cert, key });
    return token === undefined ? undefined : `Bearer ${token}`;
  };
  await header();
  return { header, refused: () => login.forget() };
}

/** Reads the file now and then. Where it cannot be read, the token that was read last, or stands in the kubeconfig, is used. */
function tokenFileReader(file: string, inline: string | undefined): Authorization {
  let [token, at] = [inline, Number.NEGATIVE_INFINITY];
  return {
    async header() {
      if (performance.now() - at > tokenFileLife) {
        try {
          token = readToken(file);
        } catch (error) {
          if (token === undefined) throw error;
        }
        at = performance.now();
      }
      return `Bearer ${token}`;
    },
    refused() {
      at = Number.NEGATIVE_INFINITY;
      return true;
    },
  };
}

function readToken(file: string): string {
  const token = readOwn(file, "the token file").toString("utf8").trim();
  if (token === "") throw new Failure("failed", `the token file ${file} is empty`);
  return token;
}
