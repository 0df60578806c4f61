// Reading requests and writing answers.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResourceType } from "./objects.ts";
import { badRequest, StatusError, unsupportedMediaType } from "./status.ts";

export interface ResourcePath {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly subresource: string;
}

/** The resource a path means; undefined when it means none (discovery, or nothing at all). */
export function resourcePath(path: string, types: readonly ResourceType[]): ResourcePath | undefined {
  const [root, ...rest] = path.split("/").slice(1).map(decodeURIComponent);
  const [group, version, ...below] = root === "api" ? ["", ...rest] : rest;
  if (root !== "api" && root !== "apis") return undefined;
  const find = (plural: string | undefined) =>
    types.find((type) => type.group === group && type.version === version && type.plural === plural);
  const [first, namespace, plural, name = "", subresource = ""] = below;
  const namespaced = first === "namespaces" && plural !== undefined ? find(plural) : undefined;
  if (namespaced?.namespaced) return { type: namespaced, namespace, name, subresource };
  const type = find(first);
  return type && { type, namespace: undefined, name: namespace ?? "", subresource: plural ?? "" };
}

const verbOf: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch" };

export function verbFor(method: string, { name }: ResourcePath, query: URLSearchParams): string {
  if (method === "DELETE") return name === "" ? "deletecollection" : "delete";
  if (method !== "GET") return verbOf[method] ?? method.toLowerCase();
  if (isTrue(query.get("watch"))) return "watch";
  return name === "" ? "list" : "get";
}

export const isTrue = (value: string | null) => value === "true" || value === "1";

export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  if (text === "") return undefined;
  if (!/json/.test(request.headers["content-type"] ?? "json")) throw unsupportedMediaType(["application/json"]);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("the object provided is unrecognized: couldn't get version/kind; json parse error");
  }
}

export const internalError = (error: unknown) =>
  new StatusError(500, "InternalError", `Internal error occurred: ${String(error)}`);

export function send(response: ServerResponse, code: number, body: unknown): void {
  if (typeof body === "string") sendText(response, code, body);
  else response.writeHead(code, { "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { "Content-Type": "text/plain; charset=utf-8" }).end(text);
}
