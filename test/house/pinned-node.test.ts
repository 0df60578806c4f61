import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "./sources.ts";

const folder = mkdtempSync(join(tmpdir(), "mkebackup-node-"));
before(() => {
  mkdirSync(join(folder, "scripts"));
  mkdirSync(join(folder, "node_modules"));
  cpSync(join(root, "scripts", "pinned-node.mjs"), join(folder, "scripts", "pinned-node.mjs"));
  // Nothing to install: what is missing here is the platform's Node alone.
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: {} }));
  writeFileSync(join(folder, "node_modules", ".package-lock.json"), JSON.stringify({ packages: {} }));
});
after(() => rmSync(folder, { recursive: true }));

function launch(preload = ""): { status: number | null; stderr: string } {
  const first = preload === "" ? [] : ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
  return spawnSync(process.execPath, [...first, join(folder, "scripts", "pinned-node.mjs"), "x.ts"], {
    encoding: "utf8",
  });
}

test("a platform without a pinned Node gets a sentence", () => {
  const { status, stderr } = launch(`Object.defineProperty(process, "arch", { value: "s390x" });`);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^error: no pinned Node for \w+-s390x: this project builds and tests on linux-x64, linux-arm64, .*\.\n$/,
  );
});

test("a pinned Node that was not installed gets a sentence and the command that installs it", () => {
  const { status, stderr } = launch();
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^error: the package node-\S+ is not installed, so there is no Node to run this on\.\nnext {2}npm ci --include=optional\n$/,
  );
});

test("the tests themselves run on the pinned Node", () => {
  assert.match(process.execPath, /node_modules/);
  assert.equal(process.versions.node.split(".")[0], "26");
});
