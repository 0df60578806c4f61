// Writes the pages of docs that are made of the source. `--check` writes nothing and fails when one is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "./docs/pages.ts";
import { root } from "./run.ts";

for (const [name, wanted] of Object.entries(await pages())) {
  const file = join(root, name);
  if (!process.argv.includes("--check")) writeFileSync(file, wanted);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== wanted) {
    process.stderr.write(`error: ${name} is not what the source says\nnext  npm run docs\n`);
    process.exitCode = 1;
  }
}
