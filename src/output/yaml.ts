import { stringify as toYaml } from "yaml";

/** YAML as kubectl writes it: no line folding, nothing aliased. */
export const stringify = (document: unknown): string =>
  toYaml(document, { lineWidth: 0, aliasDuplicateObjects: false });
