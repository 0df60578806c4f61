import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { readTar } from "../sandbox/velero/tar.ts";
import { backupPath, veleroPath } from "./cluster-state.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let folder: string;
const backup = uniqueName("fetched");
before(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), "mkebackup-download-"));
  assertExit(await world.run(`create ${backup} --include-namespaces shop`), 0);
});
after(async () => {
  await world.run(`delete backup/${backup} --yes`);
  await rm(folder, { recursive: true, force: true });
  await world.stop();
});

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
const namesIn = (tarball: Buffer) => [...readTar(gunzipSync(tarball))].map(([path]) => path);

test("the tarball is one file, which only its owner can read", async () => {
  const outcome = await world.run(`download ${backup} -o ${folder}`);
  assertExit(outcome, 0);
  const file = join(folder, `${backup}-data.tar.gz`);
  assert.match(
    outcome.stdout,
    new RegExp(`^Downloaded backup ${backup}: [\\d.]+ KiB, [\\d,]+ files, in \\d+s\\s+to ${file}\n$`),
  );
  assert.match(outcome.stderr, /^What is downloaded holds the values of Secrets/);
  assert.match(outcome.stderr, new RegExp(`Z {2}${backup} {2}Downloading \\S+ KiB of \\S+ KiB`));
  assert.doesNotMatch(outcome.stderr + outcome.stdout, /X-Amz/);
  assert.deepEqual([await modeOf(file), await readdir(folder)], ["600", [`${backup}-data.tar.gz`]]);
  assert.ok(namesIn(await readFile(file)).includes("resources/deployments.apps/namespaces/shop/web.json"));
});

test("a file that is there is not overwritten without --force, and nobody is asked", async () => {
  const file = join(folder, "mine.tar.gz");
  await writeFile(file, "mine");
  const refused = await world.run(`download ${backup} -o ${file} --server https://127.0.0.1:9`);
  assertExit(refused, 1);
  assert.match(refused.stderr, new RegExp(`^error: ${file} exists already\nnext {2}.*--force`));
  assert.equal(await readFile(file, "utf8"), "mine");
  assertExit(await world.run(`download ${backup} -o ${file} --force`), 0);
  assert.ok(namesIn(await readFile(file)).length > 2);
});

test("a part that an interrupted program left is continued; one of something else is not", async () => {
  const file = join(folder, "again.tar.gz");
  assertExit(await world.run(`download ${backup} -o ${file}`), 0);
  const whole = await readFile(file);
  const etag = etagOf(whole);
  const leave = async (bytes: number, more: object = {}) => {
    await rm(file, { force: true });
    await writeFile(`${file}.part`, whole, { mode: 0o600 });
    await truncate(`${file}.part`, bytes);
    await writeFile(`${file}.part.json`, JSON.stringify({ backup, etag, size: whole.length, ...more }));
  };
  await leave(1000);
  const continued = await world.run(`download ${backup} -o ${file}`);
  assertExit(continued, 0);
  assert.match(continued.stderr, /again\.tar\.gz\.part holds 1000 B of \S+ KiB: continued/);
  assert.deepEqual(await readFile(file), whole);
  await leave(1000, { etag: '"another"' });
  const anew = await world.run(`download ${backup} -o ${file}`);
  assertExit(anew, 0);
  assert.match(anew.stderr, /again\.tar\.gz\.part is no part of what the store has now: begun anew/);
  assert.deepEqual(await readFile(file), whole);
  assert.ok(!(await readdir(folder)).some((name) => name.includes(".part")));
  // What lies there is read through too, and is not to be trusted.
  await leave(1000);
  await writeFile(`${file}.part`, Buffer.alloc(1000, 7));
  const damaged = await world.run(`download ${backup} -o ${file}`);
  assertExit(damaged, 1);
  assert.match(damaged.stderr, /is damaged: .*\nnext {2}the same command begins anew/);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith("again")));
});

/** S3's tag of an object that was written in one piece. */
const etagOf = (content: Buffer): string => `"${createHash("md5").update(content).digest("hex")}"`;

test("-o - writes the tarball to stdout, and to no terminal", async () => {
  const { child } = world.start(`download ${backup} -o -`);
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 0);
  assert.ok(namesIn(Buffer.concat(chunks)).includes("resources/deployments.apps/namespaces/shop/web.json"));
});

test("--extract writes each manifest as a file below a folder, and nothing outside of it", async () => {
  const into = join(folder, "out");
  const outcome = await world.run(`download ${backup} --extract ${into}`);
  assertExit(outcome, 0);
  assert.match(outcome.stdout, new RegExp(`^Downloaded backup ${backup}: .*\\s+extracted below ${into}\n$`));
  const manifest = join(into, "resources", "deployments.apps", "namespaces", "shop", "web.json");
  const { kind, metadata } = JSON.parse(await readFile(manifest, "utf8")) as {
    kind: string;
    metadata: { name: string };
  };
  assert.deepEqual([kind, metadata.name], ["Deployment", "web"]);
  assert.deepEqual([await modeOf(into), await modeOf(manifest)], ["700", "600"]);
  assert.ok(!(await readdir(folder)).some((name) => name.includes(".part")));
  assertExit(await world.run(`download ${backup} --extract ${into}`), 1);
  await rm(manifest);
  assertExit(await world.run(`download ${backup} --extract ${into} --force`), 0);
  assert.ok((await stat(manifest)).isFile());
});

test("words that mean nothing to download are refused, and a backup that has no tarball says why", async () => {
  const none = join(folder, "none.tar.gz");
  for (const words of ["download", `download restore/${backup}`, `download ${backup} -o json`])
    assertExit(await world.run(words), 2);
  const nowhere = await world.run(`download ${backup} -o ${join(folder, "nowhere", "x")}`);
  assertExit(nowhere, 1);
  assert.match(nowhere.stderr, /the folder .*nowhere does not exist/);
  const unknown = await world.run(`download ${backup}x -o ${none}`);
  assertExit(unknown, 1);
  assert.match(unknown.stderr, new RegExp(`NotFound.*\nnext .*nearest: ${backup}`));
  const refused = uniqueName("fetched-refused");
  await world.api.post(veleroPath("backups"), {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name: refused },
    spec: { storageLocation: "nowhere" },
  });
  await eventually(
    "the server has refused it",
    () => world.api.get(backupPath(refused)),
    (object) => (object as { status?: { phase?: string } }).status?.phase === "FailedValidation",
  );
  const empty = await world.run(`download ${refused} -o ${none}`);
  assertExit(empty, 1);
  assert.match(empty.stderr, /is FailedValidation and has stored no objects\nnext {2}kubectl mkebackup describe/);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith("none")));
  await world.api.delete(backupPath(refused));
});

test("Velero's own words are understood", async () => {
  const file = join(folder, "velero.tar.gz");
  assertExit(await world.run(`backup download ${backup} --output ${file}`), 0);
  assert.ok((await stat(file)).isFile());
});
