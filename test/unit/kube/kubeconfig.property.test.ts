import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { readKubeconfig } from "../../../src/kube/kubeconfig.ts";

const folder = mkdtempSync(join(tmpdir(), "mkebackup-"));
after(() => rmSync(folder, { recursive: true }));

const name = fc.constantFrom("prod", "lab", "kind-kind", "a@b");
const named = <T>(key: string, entry: fc.Arbitrary<T>) =>
  // Two of one name in a file are an error, as in kubectl.
  fc.uniqueArray(
    fc.tuple(name, entry).map(([one, content]) => ({ name: one, [key]: content })),
    { maxLength: 3, selector: (item) => item.name },
  );

const document = fc.record(
  {
    "current-context": fc.constantFrom("", "prod", "lab"),
    contexts: named("context", fc.record({ cluster: name, user: name })),
    clusters: named("cluster", fc.record({ server: fc.webUrl({ validSchemes: ["https"] }) })),
    users: named("user", fc.record({ token: fc.stringMatching(/^[a-z]{4,8}$/) })),
  },
  { requiredKeys: [] },
);
type Document = typeof document extends fc.Arbitrary<infer T> ? T : never;

/** A file of the list: one that does not exist, one that is empty, or one with a document. */
const file = fc.oneof(
  { weight: 1, arbitrary: fc.constant("missing" as const) },
  { weight: 1, arbitrary: fc.constant("empty" as const) },
  { weight: 4, arbitrary: document },
);

/** The rule in one line: of all that bear a name, in all the files, the first counts. */
function firstOf(documents: readonly Document[], list: "contexts" | "clusters" | "users", key: string) {
  const all = documents.flatMap((one) => (one[list] ?? []) as { name: string; [key: string]: unknown }[]);
  return new Map(all.toReversed().map((entry) => [entry.name, entry[key]]));
}

let written = 0;
function onDisk(content: "missing" | "empty" | Document): string {
  const path = join(folder, `config-${written++}`);
  if (content === "missing") return path;
  writeFileSync(path, content === "empty" ? "" : JSON.stringify(content));
  return path;
}

test("several files read as one: the first to say something wins", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), fc.boolean(), async (files, twice) => {
      const paths = files.map(onDisk);
      const merged = await readKubeconfig(undefined, {
        KUBECONFIG: [...paths, "", ...(twice ? paths : [])].join(delimiter),
      });
      const documents = files.filter((one) => typeof one === "object");
      assert.equal(
        merged.currentContext,
        documents.map((one) => one["current-context"] ?? "").find((one) => one !== "") ?? "",
      );
      const plain = (map: ReadonlyMap<string, unknown>) =>
        JSON.parse(JSON.stringify(Object.fromEntries(map))) as unknown;
      for (const [list, key] of [
        ["contexts", "context"],
        ["clusters", "cluster"],
        ["users", "user"],
      ] as const) {
        assert.deepEqual(plain(merged[list]), plain(firstOf(documents, list, key)));
      }
    }),
  );
});

test("--kubeconfig reads that file alone, whatever KUBECONFIG lists", async () => {
  await fc.assert(
    fc.asyncProperty(document, document, async (chosen, other) => {
      const path = onDisk(chosen);
      const alone = await readKubeconfig(path, { KUBECONFIG: onDisk(other) });
      assert.deepEqual(alone, await readKubeconfig(undefined, { KUBECONFIG: path }));
    }),
    { numRuns: 30 },
  );
});
