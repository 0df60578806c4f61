// Writes docs/commands.md from the table of verbs. `--check` writes nothing and fails when the file is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandReference } from "./docs/command-reference.ts";
import { root } from "./run.ts";

const file = join(root, "docs", "commands.md");
const wanted = await commandReference();
if (!process.argv.includes("--check")) writeFileSync(file, wanted);
else if (readFileSync(file, "utf8") !== wanted) {
  process.stderr.write("error: docs/commands.md is not what the commands say\nnext  npm run docs\n");
  process.exitCode = 1;
}
