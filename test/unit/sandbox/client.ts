// A bare client of the sandbox: one request, one answer.
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "../../sandbox/sandbox.ts";

export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; the tests know its shape. */
  json<T = Record<string, unknown>>(): T;
}

export interface Options {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Instead of the administrator's certificate. */
  readonly token?: string;
}

/** The TLS settings of the administrator, from the kubeconfig that the sandbox wrote. */
export function administrator({ kubeconfig }: Sandbox): { ca: string; cert: string; key: string } {
  const text = readFileSync(kubeconfig, "utf8");
  const value = (field: string) => Buffer.from(new RegExp(`${field}: (.*)`).exec(text)?.[1] ?? "", "base64").toString();
  return {
    ca: value("certificate-authority-data"),
    cert: value("client-certificate-data"),
    key: value("client-key-data"),
  };
}

export function send(sandbox: Sandbox, path: string, options: Options = {}): Promise<Answer> {
  const { method = "GET", body, headers = {}, token } = options;
  const { ca, cert, key } = administrator(sandbox);
  const identity = token === undefined ? { cert, key } : {};
  return new Promise((resolve, reject) => {
    const sent = request(
      `${sandbox.server}${path}`,
      {
        method,
        ca,
        ...identity,
        headers: {
          "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        resolve({ code: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) });
      },
    );
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The first value that `wanted` accepts; an error after ten seconds. */
export async function until<T>(look: () => Promise<T> | T, wanted: (seen: T) => boolean): Promise<T> {
  const limit = performance.now() + 10_000;
  for (;;) {
    const seen = await look();
    if (wanted(seen)) return seen;
    if (performance.now() > limit) throw new Error(`not within ten seconds; last seen: ${JSON.stringify(seen)}`);
    await sleep(20);
  }
}

export const velero = "/apis/velero.io/v1/namespaces/mke";

export const backup = (name: string, spec: object = {}) => ({
  apiVersion: "velero.io/v1",
  kind: "Backup",
  metadata: { name, namespace: "mke" },
  spec,
});
