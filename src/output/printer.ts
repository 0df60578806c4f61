import type { Command, OutputFormat } from "../commands/command.ts";
import type { KubeObject } from "../core/resource.ts";
import type { Screen } from "./screen.ts";

/** Turns a command's result into the text of the format that was asked for, in as many parts as it comes; none = nothing. */
export async function* print<Result>(
  command: Pick<Command<never, Result>, "text" | "document" | "pages" | "names" | "stream">,
  result: Result,
  format: OutputFormat,
  screen: Screen,
): AsyncGenerator<string> {
  const parts = command.stream?.(result, format, screen);
  if (parts !== undefined) {
    yield* parts;
    return;
  }
  switch (format) {
    case "json": {
      const pages = command.pages?.(result);
      if (pages === undefined) yield `${JSON.stringify(command.document(result), undefined, 4)}\n`;
      else yield* listAsJson(pages);
      return;
    }
    case "yaml": {
      const { stringify } = await import("./yaml.ts");
      yield stringify(command.document(result));
      return;
    }
    case "name":
      yield lines((command.names?.(result) ?? []).join("\n"));
      return;
    default:
      yield lines(await command.text(result, screen));
  }
}

/** The same text that objectList() gives, page by page: of a long list no more than two pages are in memory. */
async function* listAsJson(pages: AsyncIterable<readonly KubeObject[]>): AsyncGenerator<string> {
  const indent = " ".repeat(8);
  // The head waits for the first objects, so that a request that fails leaves no half document.
  let before = jsonHead;
  for await (const page of pages) {
    let text = "";
    for (const object of page) {
      // Inside JSON's strings there are no line breaks, only their escapes.
      const lines = JSON.stringify(withoutManagedFields(object), undefined, 4).replaceAll("\n", `\n${indent}`);
      text += `${before}\n${indent}${lines}`;
      before = ",";
    }
    yield text;
  }
  yield before === "," ? "\n    ]\n}\n" : `${jsonHead}]\n}\n`;
}

const jsonHead = `${JSON.stringify({ apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" } }, undefined, 4).slice(0, -2)},
    "items": [`;

const lines = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

/** Several objects as kubectl prints them: always a v1 List, without managedFields. */
export function objectList(items: readonly { metadata: object }[]): object {
  return { apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" }, items: items.map(withoutManagedFields) };
}

export function withoutManagedFields<T extends { metadata: object }>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as { managedFields?: unknown };
  return { ...object, metadata };
}
