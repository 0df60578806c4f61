import type { Command, OutputFormat } from "../commands/command.ts";
import type { Screen } from "./screen.ts";

/** Turns a command's result into the text of the format that was asked for; "" = nothing to print. */
export async function print<Result>(
  command: Pick<Command<never, Result>, "text" | "document" | "names">,
  result: Result,
  format: OutputFormat,
  screen: Screen,
): Promise<string> {
  switch (format) {
    case "json":
      return `${JSON.stringify(command.document(result), undefined, 4)}\n`;
    case "yaml": {
      const { stringify } = await import("./yaml.ts");
      return stringify(command.document(result));
    }
    case "name":
      return lines((command.names?.(result) ?? []).join("\n"));
    default:
      return lines(await command.text(result, screen));
  }
}

const lines = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

/** Several objects as kubectl prints them: always a v1 List, without managedFields. */
export function objectList(items: readonly { metadata: object }[]): object {
  return { apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" }, items: items.map(withoutManagedFields) };
}

export function withoutManagedFields<T extends { metadata: object }>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as { managedFields?: unknown };
  return { ...object, metadata };
}
