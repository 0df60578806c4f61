// Formatting, lint rules and types. `npm run lint -- --fix` repairs what can be repaired.
import { run, steps, tool } from "./run.ts";

const fix = process.argv.includes("--fix");
await steps([
  ["format and lint", () => run(tool("biome"), ["check", "--error-on-warnings", ...(fix ? ["--write"] : [])])],
  ["types", () => run(tool("tsc"), ["-p", "."])],
]);
