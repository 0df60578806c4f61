import assert from "node:assert/strict";
import { test } from "node:test";
import { folderOf, imports, read } from "./sources.ts";

/** Which folders each folder may import; its own always. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  main: ["cli", "core"],
  cli: ["commands", "output", "core"],
  commands: ["health", "mke", "velero", "archive", "output", "output/views", "core"],
  health: ["mke", "velero", "archive", "core"],
  mke: ["velero", "core"],
  velero: ["core"],
  archive: ["velero", "core"],
  kube: ["core"],
  "object-store": ["core"],
  output: ["core"],
  "output/views": ["output", "health", "mke", "velero", "archive", "core"],
  core: [],
};

/** Types cross these borders, code does not: the ports, and the contract of commands. */
const typesAllowed: Readonly<Record<string, readonly string[]>> = {
  commands: ["kube", "object-store"],
  health: ["kube", "object-store"],
  mke: ["kube"],
  velero: ["kube", "object-store"],
  archive: ["kube", "object-store"],
  "object-store": ["kube"],
  cli: ["kube"],
  output: ["commands", "velero"],
};

/** The one joint that reaches the adapters. */
const joint = "src/cli/run-command.ts";
const jointTargets = ["kube", "object-store", "velero"];

test("imports run one way", () => {
  const wrong = imports()
    .filter(({ target }) => target.startsWith("src/"))
    .filter(({ from, target, typeOnly, late }) => {
      const [here, there] = [folderOf(from), folderOf(target)];
      if (here === there || allowed[here]?.includes(there)) return false;
      if (typeOnly && typesAllowed[here]?.includes(there)) return false;
      return !(from === joint && late && jointTargets.includes(there));
    })
    .map(({ from, target }) => `${from} imports ${target}`);
  assert.deepEqual(wrong, []);
});

/** Each package and the only files that may import it. */
const doors: Readonly<Record<string, readonly string[]>> = {
  "cli-table3": ["src/output/wrapped-table.ts"],
  ora: ["src/output/progress.ts"],
  ws: ["src/kube/web-socket.ts"],
  yargs: ["src/cli/parser.ts"],
  "modern-tar": ["src/archive/tar.ts"],
  croner: ["src/velero/schedule.ts"],
  yaml: ["src/output/yaml.ts", "src/kube/full-yaml.ts", "src/kube/kubeconfig-writer.ts", "src/mke/full-yaml.ts"],
};

test("every package has one door", () => {
  const wrong = imports()
    .filter(({ target }) => !target.startsWith("src/") && !target.startsWith("node:") && target !== "package.json")
    .filter(({ from, target }) => !doors[target]?.includes(from))
    .map(({ from, target }) => `${from} imports ${target}`);
  assert.deepEqual(wrong, []);
});

test("packages are imported late through a file of ours: in the bundle, a CommonJS one would have no names", () => {
  const late = imports().filter(({ target, late }) => late && !/^(src\/|node:)/.test(target));
  assert.deepEqual(
    late.map(({ target }) => target),
    // An ES module.
    ["ora"],
  );
});

test("a login does not open WebSockets", () => {
  const reached = new Set(["src/kube/credentials.ts"]);
  const all = imports();
  // A Set that grows while it is walked is walked to its end.
  for (const file of reached) for (const { from, target } of all) if (from === file) reached.add(target);
  assert.ok(reached.has("src/kube/exec.ts") && reached.has("src/kube/oidc.ts"));
  assert.ok(!reached.has("ws"));
});

test("nothing imports a barrel, and no folder is a drawer", () => {
  const barrels = imports().filter(({ target }) => /\/index\.ts$/.test(target) && target !== "src/commands/index.ts");
  assert.deepEqual(barrels, []);
  const drawers = imports().filter(({ from }) => /\/(utils?|helpers?|shared|common)\//.test(from));
  assert.deepEqual(drawers, []);
});

test("whoever makes TLS connections says whom they trust: with a cluster's own CA in use, Node trusts nobody by itself", () => {
  const silent = imports()
    .filter(({ target, typeOnly }) => ["node:https", "node:tls"].includes(target) && !typeOnly)
    .map(({ from }) => from)
    .filter((file) => !/usualAuthorities|secureContextOptions/.test(read(file)));
  assert.deepEqual(silent, []);
});
