// Everything that Node alone can prove: lint, types, house rules, unit tests, and the scenarios in the embedded world.
import { globSync } from "node:fs";
import { root, runNode, steps } from "./run.ts";

const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).toSorted();
const named = process.argv.slice(2);
const tests =
  named.length > 0
    ? named
    : ["test/house", "test/unit", "test/scenarios"].flatMap((folder) => files(`${folder}/**/*.test.ts`));

// Most tests wait more than they compute, so there may be more of them at a time than processors.
const atOnce = 4;

await steps([
  ...(named.length > 0 ? [] : [["lint and types", () => runNode(["scripts/lint.ts"])] as const]),
  ["build", () => runNode(["scripts/build.ts"])],
  [
    "tests",
    () =>
      runNode(["--test", "--test-timeout=120000", `--test-concurrency=${atOnce}`, ...tests], {
        env: { MKEBACKUP_TEST_WORLD: "sandbox" },
      }),
  ],
]);
