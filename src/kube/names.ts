/** An object's name, and kubectl's word for its age: 3d4h. */
export interface NameAndAge {
  readonly name: string;
  readonly age: string;
}

/** Asks for rows of text in place of objects: of ten thousand backups, 0.6 MB in place of 20. */
export const tableMediaTypes = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

/** The answer to that question: a table, or a plain list from a server that makes none. */
export interface NameDocument {
  readonly columnDefinitions?: readonly { readonly name: string }[];
  readonly rows?: readonly { readonly cells: readonly unknown[] }[] | null;
  readonly items?: readonly { readonly metadata: { readonly name: string } }[] | null;
}

/** The names in it, in the server's order. */
export function namesIn({ columnDefinitions = [], rows, items }: NameDocument): NameAndAge[] {
  const columnAt = (title: string) => columnDefinitions.findIndex(({ name }) => name === title);
  const [name, age] = [columnAt("Name"), columnAt("Age")];
  const cell = (cells: readonly unknown[], at: number) => String(cells[at] ?? "");
  if (name >= 0) return (rows ?? []).map(({ cells }) => ({ name: cell(cells, name), age: cell(cells, age) }));
  return (items ?? []).map(({ metadata }) => ({ name: metadata.name, age: "" }));
}
