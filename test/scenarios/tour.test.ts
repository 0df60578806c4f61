import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { names, veleroPath } from "./cluster-state.ts";
import { programFor, start } from "./program.ts";
import { assertExit, openWorld, type World } from "./world.ts";

let world: World;
const folder = mkdtempSync(join(tmpdir(), "mkebackup-tour-"));
before(async () => {
  world = await openWorld();
  if (world.name === "cluster") return;
  // The embedded world has no kubectl: this one knows the plugin alone.
  const program = programFor("sandbox").map((word) => `'${word}'`);
  writeFileSync(join(folder, "kubectl"), `#!/bin/sh\nshift\nexec ${program.join(" ")} "$@"\n`, { mode: 0o755 });
});
after(async () => {
  rmSync(folder, { recursive: true });
  await world.api.delete(`${veleroPath("backups")}/shop-1`);
  await world.api.delete("/api/v1/namespaces/shop-copy");
  await world.stop();
});

const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
const tour = /## A tour in five minutes\n.*?```sh\n(.*?)```/s.exec(readme)?.[1] ?? "";

test("every command of the README's tour runs as it is printed", async () => {
  const commands = tour.split("\n").filter((line) => line.startsWith("kubectl mkebackup "));
  assert.ok(commands.length >= 10);
  const env = { ...process.env, KUBECONFIG: world.kubeconfig, PATH: `${folder}${delimiter}${process.env["PATH"]}` };
  for (const command of commands) assertExit(await start(["sh"], ["-c", command], env).ended, 0);
  assert.ok(!(await names(world.api, veleroPath("backups"))).includes("shop-1"), "the tour deletes what it made");
});
