// OpenID Connect as kubectl does it: the id-token is the bearer token, and a refresh-token renews it.
import { readFileSync } from "node:fs";
import type { Agent } from "node:http";
import type { RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { usualAuthorities } from "../core/authorities.ts";
import { Failure } from "../core/failure.ts";
import type { Connection } from "./connection.ts";
import { isMap } from "./kubeconfig-fields.ts";
import type { Grant, LoginEdge } from "./login.ts";

type Config = Readonly<Record<string, string>>;

/** Milliseconds before its end at which a token counts as expired, as in client-go. */
const haste = 10_000;
/** Milliseconds that an identity provider gets for one answer. */
const patience = 30_000;

/** Checks the provider's configuration; what it returns gives the id-token, renewed when it has expired. */
export function openIdConnect(config: Config, origin: Connection["userOrigin"], edge: LoginEdge): () => Promise<Grant> {
  for (const field of ["idp-issuer-url", "client-id"])
    if (!config[field]) throw new Failure("failed", `Must provide ${field} in the auth-provider of the kubeconfig`);
  let tokens = config;
  return async () => {
    const kept = grantOf(tokens["id-token"]);
    if (kept !== undefined) return kept;
    const renewed = await renew(tokens, edge);
    tokens = { ...tokens, ...renewed };
    if (origin !== undefined) await store(origin, renewed, edge);
    // A provider whose clock is far away grants tokens that look old at once: they are tried all the same.
    return grantOf(renewed["id-token"]) ?? { token: renewed["id-token"] };
  };
}

/** The token while it is valid; undefined when there is none or it has expired. */
function grantOf(token: string | undefined): Grant | undefined {
  if (!token) return undefined;
  const expires = expiryOf(token) - haste;
  return Date.now() <= expires ? { token, expires } : undefined;
}

/** Milliseconds since 1970. */
function expiryOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    if (isMap(claims) && typeof claims["exp"] === "number") return claims["exp"] * 1000;
  } catch {
    // Said below, without the token.
  }
  throw new Failure("failed", "the id-token of the kubeconfig is not a JSON Web Token with a time of expiry", {
    next: ["log in to the identity provider again"],
  });
}

async function renew(config: Config, edge: LoginEdge): Promise<{ "id-token": string; "refresh-token"?: string }> {
  const refresh = config["refresh-token"];
  const issuer = config["idp-issuer-url"] ?? "";
  if (!refresh) {
    throw new Failure("failed", "No valid id-token, and cannot refresh without refresh-token", {
      next: [`log in again at ${issuer}: the id-token of the kubeconfig has expired`],
    });
  }
  const ask = requester(config, edge);
  const discovery = await ask(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const endpoint = discovery.body["token_endpoint"];
  if (discovery.status !== 200 || typeof endpoint !== "string" || !URL.canParse(endpoint))
    throw refusal(issuer, `its discovery document names no token_endpoint (status ${discovery.status})`);
  const { "client-id": id = "", "client-secret": secret = "" } = config;
  const form = { grant_type: "refresh_token", refresh_token: refresh };
  // The two ways a client may say its secret; providers know one or both, and the header comes first, as in kubectl.
  const ways =
    secret === ""
      ? [{ client_id: id }]
      : [{ Authorization: basic(id, secret) }, { client_id: id, client_secret: secret }];
  let answer = { status: 0, body: {} as Record<string, unknown> };
  for (const { Authorization, ...inForm } of ways as Record<string, string>[]) {
    answer = await ask(endpoint, { ...form, ...inForm }, Authorization);
    if (answer.status === 200) break;
  }
  if (answer.status !== 200) {
    const why = answer.body["error_description"] ?? answer.body["error"] ?? `status ${answer.status}`;
    throw refusal(issuer, `failed to refresh token: ${String(why)}`);
  }
  const { id_token: token, refresh_token: next } = answer.body;
  if (typeof token !== "string")
    throw refusal(issuer, "token response did not contain an id_token: the scope openid may be missing from the login");
  return { "id-token": token, ...(typeof next === "string" && next !== "" ? { "refresh-token": next } : {}) };
}

const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;

const refusal = (issuer: string, why: string, cause?: unknown): Failure =>
  new Failure("failed", `cannot log in at ${issuer}: ${why}`, {
    next: ["log in to the identity provider again, as its administrators say"],
    cause,
  });

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** GETs, or POSTs a form; answers that are not a JSON map count as empty. */
function requester(config: Config, { env, signal: outer }: LoginEdge) {
  const ca = authoritiesOf(config);
  return async (url: string, form?: Record<string, string>, authorization?: string): Promise<Answer> => {
    const { request } = await (url.startsWith("http:") ? import("node:http") : import("node:https"));
    const payload = form === undefined ? undefined : new URLSearchParams(form).toString();
    const options: RequestOptions = {
      method: payload === undefined ? "GET" : "POST",
      ca: ca ?? usualAuthorities(),
      agent: await proxyAgent(url, ca, env),
      signal: AbortSignal.any([outer, AbortSignal.timeout(patience)]),
      headers: {
        Accept: "application/json",
        ...(payload === undefined ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
    };
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const outgoing = request(url, options, (response) => {
          text(response).then((body) => resolve({ status: response.statusCode ?? 0, body: mapIn(body) }), reject);
        });
        outgoing.on("error", reject).end(payload);
      });
    } catch (cause) {
      outer.throwIfAborted();
      if (cause instanceof Failure) throw cause;
      throw refusal(new URL(url).origin, (cause as Error).message, cause);
    }
  };
}

/** The proxy that the environment names for the provider; the kubeconfig's proxy-url leads to the cluster alone. */
async function proxyAgent(url: string, ca: Buffer | undefined, env: NodeJS.ProcessEnv): Promise<Agent | undefined> {
  const { chooseProxy } = await import("./proxy-choice.ts");
  const proxy = chooseProxy(url, undefined, env);
  if (proxy === undefined) return undefined;
  const { openProxyRoute } = await import("./proxy.ts");
  const tls = { ...(ca === undefined ? {} : { ca }), rejectUnauthorized: true };
  const shortLived = { keepAlive: false, timeout: patience };
  return (await openProxyRoute({ server: url, proxy, tls, keepAlive: shortLived, onConnect: () => undefined })).agent;
}

function authoritiesOf(config: Config): Buffer | undefined {
  const [data, file] = [config["idp-certificate-authority-data"], config["idp-certificate-authority"]];
  if (data) return Buffer.from(data, "base64");
  if (!file) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new Failure("failed", `cannot read the identity provider's CA: ${file}: ${code}`, { cause });
  }
}

function mapIn(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return isMap(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** Writes the new tokens where the old ones stand: many providers take a refresh-token only once. */
async function store(
  origin: NonNullable<Connection["userOrigin"]>,
  tokens: Readonly<Record<string, string>>,
  edge: LoginEdge,
): Promise<void> {
  const { storeTokens } = await import("./kubeconfig-writer.ts");
  try {
    storeTokens(origin, tokens);
  } catch (error) {
    edge.onWarning(
      `the new login could not be written to ${origin.file} (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}): the next one may have to be by hand`,
    );
  }
}
