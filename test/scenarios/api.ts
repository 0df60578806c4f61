import { readFileSync } from "node:fs";
import https from "node:https";
import { parse } from "yaml";

export interface Answer {
  readonly status: number;
  // The scenarios look at objects of many kinds; each says what it expects to find.
  readonly body: Record<string, unknown>;
  readonly text: string;
}

/** Plain requests to the API server as the administrator of a kubeconfig: how scenarios look at the world and change it. */
export interface Api {
  readonly server: string;
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Throws unless the server answers with success. */
  get(path: string): Promise<Record<string, unknown>>;
  post(path: string, body: unknown): Promise<Record<string, unknown>>;
  /** Merge patch. */
  patch(path: string, body: unknown): Promise<Record<string, unknown>>;
  /** Gone already is fine. */
  delete(path: string): Promise<void>;
}

interface Kubeconfig {
  readonly "current-context": string;
  readonly contexts: { name: string; context: { cluster: string; user: string } }[];
  readonly clusters: {
    name: string;
    cluster: { server: string; "certificate-authority-data"?: string; "certificate-authority"?: string };
  }[];
  readonly users: { name: string; user: Record<string, string | undefined> }[];
}

export function openApi(kubeconfig: string): Api {
  const config = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const context = config.contexts.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user ?? {};
  if (cluster === undefined) throw new Error(`${kubeconfig} has no current cluster`);
  const material = (data: string | undefined, file: string | undefined) =>
    data ? Buffer.from(data, "base64") : file ? readFileSync(file) : undefined;
  const agent = new https.Agent({
    keepAlive: true,
    ca: material(cluster["certificate-authority-data"], cluster["certificate-authority"]),
    cert: material(user["client-certificate-data"], user["client-certificate"]),
    key: material(user["client-key-data"], user["client-key"]),
  });

  const request = (method: string, path: string, body?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      const headers = {
        ...(payload === undefined ? {} : { "Content-Type": type, "Content-Length": payload.length }),
        ...(user["token"] === undefined ? {} : { Authorization: `Bearer ${user["token"]}` }),
      };
      const outgoing = https.request(`${cluster.server}${path}`, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = String(response.headers["content-type"]).includes("json");
          resolve({
            status: response.statusCode ?? 0,
            text,
            body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
          });
        });
        response.on("error", reject);
      });
      outgoing.on("error", reject);
      outgoing.end(payload);
    });

  const succeed = async (method: string, path: string, body?: unknown) => {
    const answer = await request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 400)}`);
    return answer.body;
  };

  return {
    server: cluster.server,
    request,
    get: (path) => succeed("GET", path),
    post: (path, body) => succeed("POST", path, body),
    patch: (path, body) => succeed("PATCH", path, body),
    async delete(path) {
      const answer = await request("DELETE", path);
      if (answer.status >= 300 && answer.status !== 404)
        throw new Error(`DELETE ${path}: ${answer.status} ${answer.text.slice(0, 400)}`);
    },
  };
}
