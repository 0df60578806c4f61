import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { cacheFolder, openResourceListCache } from "../../../src/archive/resource-list-cache.ts";

const root = await mkdtemp(join(tmpdir(), "mkebackup-cache-"));
after(() => rm(root, { recursive: true, force: true }));

const list = { "apps/v1/Deployment": ["shop/web"], "v1/Pod": ["shop/web-1", "shop/web-2"], "v1/Node": [] };
const uid = (digit: number) => `0${digit}000000-1111-2222-3333-444444444444`;
const place = (name: string) => ({ env: { XDG_CACHE_HOME: join(root, name) }, platform: "linux" as const });
const plain = (kinds: Awaited<ReturnType<ReturnType<typeof openResourceListCache>["read"]>>) =>
  kinds && Object.fromEntries(kinds.map(({ key, names }) => [key, names()]));

test("what was written is read, by the owner alone", async () => {
  const where = place("kept");
  await openResourceListCache(where).write(uid(1), list);
  assert.deepEqual(plain(await openResourceListCache(where).read(uid(1))), list);
  assert.equal(await openResourceListCache(where).read(uid(2)), undefined);
  const folder = cacheFolder(where);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const [file = ""] = await readdir(folder);
  assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600);
});

test("a folder that was open to others is closed", async () => {
  const where = place("open");
  await mkdir(cacheFolder(where), { recursive: true });
  await chmod(cacheFolder(where), 0o755);
  await openResourceListCache(where).write(uid(1), list);
  assert.equal((await stat(cacheFolder(where))).mode & 0o777, 0o700);
});

test("a file with any byte changed or missing counts as none", async () => {
  const where = place("damaged");
  const cache = openResourceListCache(where);
  await cache.write(uid(1), list);
  const [name = ""] = await readdir(cacheFolder(where));
  const path = join(cacheFolder(where), name);
  const whole = await readFile(path);
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 4;
    await writeFile(path, changed);
    assert.equal(await cache.read(uid(1)), undefined, `byte ${at}`);
    await writeFile(path, whole.subarray(0, at));
    assert.equal(await cache.read(uid(1)), undefined, `cut at ${at}`);
  }
  await writeFile(path, whole);
  assert.deepEqual(plain(await cache.read(uid(1))), list);
});

test("names that lead out of the folder, or of two lines, are never written", async () => {
  const cache = openResourceListCache(place("odd"));
  await cache.write("../../elsewhere", list);
  await cache.write(uid(1), { "v1/Pod": ["a\nb"] });
  await assert.rejects(readdir(cacheFolder(place("odd"))), /ENOENT/);
  assert.equal(await cache.read("../../elsewhere"), undefined);
});

test("no folder to write to is no trouble", async () => {
  await writeFile(join(root, "file"), "");
  const cache = openResourceListCache({ env: { XDG_CACHE_HOME: join(root, "file") }, platform: "linux" });
  await cache.write(uid(1), list);
  assert.equal(await cache.read(uid(1)), undefined);
  await cache.trim();
});

test("the oldest are removed when there are too many, by count or by size", async () => {
  for (const limits of [
    { files: 2, bytes: 1e6 },
    { files: 100, bytes: 300 },
  ]) {
    const where = place(`full-${limits.files}`);
    const cache = openResourceListCache(where, limits);
    for (const digit of [1, 2, 3, 4]) {
      await cache.write(uid(digit), list);
      const time = new Date(Date.now() - 1000 * (10 - digit));
      await utimes(join(cacheFolder(where), `${uid(digit)}.lst`), time, time);
    }
    await cache.trim();
    assert.deepEqual(await readdir(cacheFolder(where)), [`${uid(3)}.lst`, `${uid(4)}.lst`]);
  }
});

test("each system keeps caches in its own place", () => {
  const env = { HOME: "/home/jane", LOCALAPPDATA: "C:\\Local" };
  assert.equal(cacheFolder({ env, platform: "linux" }), "/home/jane/.cache/kubectl-mkebackup/resource-lists");
  assert.equal(cacheFolder({ env, platform: "darwin" }), "/home/jane/Library/Caches/kubectl-mkebackup/resource-lists");
  assert.match(cacheFolder({ env, platform: "win32" }), /^C:\\Local.kubectl-mkebackup.resource-lists$/);
});
