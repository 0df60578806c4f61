import { commandReference } from "./command-reference.ts";
import { troubleshooting } from "./troubleshooting.ts";
import { usualRole } from "./usual-role.ts";

/** The pages that are made of the source, by their path. */
export const pages = async (): Promise<Readonly<Record<string, string>>> => ({
  "docs/commands.md": await commandReference(),
  "docs/role.yaml": usualRole(),
  "docs/troubleshooting.md": troubleshooting(),
});
