import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { listenOnLoopback } from "../../sandbox/api/loopback.ts";
import { createCertificates } from "../../sandbox/certificates.ts";

/** Who a client said it was, in its last request. Header names in lower case, since case has no meaning in them. */
export interface Seen {
  readonly path: string;
  readonly authorization?: string;
  /** The common name of the client's certificate. */
  readonly certificate?: string;
  /** Headers that begin with Impersonate-, each with its values in alphabetical order: theirs has no meaning. */
  readonly impersonation?: Readonly<Record<string, readonly string[]>>;
}

/** Two servers, with TLS and without, that answer everything with {} and remember who asked. */
export interface Probe {
  readonly https: string;
  readonly http: string;
  /** PEM. */
  readonly files: Readonly<Record<"ca.crt" | "jane.crt" | "jane.key", string>>;
  /** What arrived since the last call. */
  take(): Seen[];
  stop(): void;
}

export async function startProbe(): Promise<Probe> {
  const { authority, server: own, administrator } = createCertificates();
  const seen: Seen[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(whoAsked(request));
    response.setHeader("Content-Type", "application/json").end("{}");
  };
  const tls = { key: own.key, cert: own.certificate, ca: authority, requestCert: true, rejectUnauthorized: false };
  const servers = [createServer(tls, answer), createPlainServer(answer)] as const;
  const [secure, plain] = await Promise.all(servers.map(listenOnLoopback));
  return {
    https: `https://127.0.0.1:${secure}`,
    http: `http://127.0.0.1:${plain}`,
    files: { "ca.crt": authority, "jane.crt": administrator.certificate, "jane.key": administrator.key },
    take: () => seen.splice(0),
    stop() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function whoAsked({ url = "", headers, headersDistinct, socket }: IncomingMessage): Seen {
  const name = (socket as Partial<TLSSocket>).getPeerCertificate?.()?.subject?.CN;
  // Go and this program send UTF-8; Node reads headers as Latin-1.
  const decoded = (values: readonly string[]) => values.map((value) => Buffer.from(value, "latin1").toString("utf8"));
  const impersonation = Object.entries(headersDistinct)
    .filter(([header]) => header.startsWith("impersonate-"))
    .map(([header, values = []]) => [header, decoded(values).toSorted()] as const);
  return {
    path: url,
    ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
    ...(name === undefined ? {} : { certificate: String(name) }),
    ...(impersonation.length === 0 ? {} : { impersonation: Object.fromEntries(impersonation) }),
  };
}
