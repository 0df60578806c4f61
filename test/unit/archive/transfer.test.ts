import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Archive } from "../../../src/archive/archive.ts";
import {
  downloadTo,
  extract,
  type Partial,
  passOn,
  type TransferOptions,
  type TransferStep,
} from "../../../src/archive/transfer.ts";
import { Failure, hasReason } from "../../../src/core/failure.ts";
import { writeTar } from "../../sandbox/velero/tar.ts";

const files = [
  ["metadata/version", "1.1.0\n"],
  ["resources/secrets/namespaces/shop/db.json", '{"metadata":{"name":"db"}}'],
  ["resources/namespaces/cluster/shop.json", '{"metadata":{"name":"shop"}}'.padEnd(40_000)],
] as const;
const tarball = gzipSync(writeTar(files), { level: 0 });
const broken = new Failure("failed", "the connection broke", { reason: "Unreachable" });

interface Held {
  readonly content: Buffer;
  readonly etag?: string;
  /** What the store says its size is. */
  readonly size?: number;
  /** The connection breaks for good behind so many bytes of the object. */
  readonly until?: number;
}

/** A store that holds one tarball and remembers from which byte on it was asked for. */
function storeOf({ content, etag = '"one"', size = content.length, until = content.length }: Held) {
  const asked: number[] = [];
  async function* bytes(from: number) {
    for (let at = from; at < until; at += 1000) yield content.subarray(at, Math.min(at + 1000, until));
    if (until < content.length) throw broken;
  }
  const archive: Pick<Archive, "open"> = {
    async open(_, { from = 0, etag: wanted } = {}) {
      asked.push(from);
      if (wanted !== undefined && wanted !== etag) throw new Failure("failed", "another one", { reason: "Changed" });
      return { size, etag, content: Readable.from(bytes(from)) };
    },
  };
  return { archive: archive as Archive, asked };
}

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mkebackup-transfer-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const { signal } = new AbortController();
const options: TransferOptions = { signal, isForced: false };
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test("a tarball becomes a file that only its owner can read, and nothing else stays", async (t) => {
  const folder = await folderOf(t);
  const file = join(folder, "b.tar.gz");
  const steps: TransferStep[] = [];
  const { archive } = storeOf({ content: tarball });
  const result = await downloadTo(archive, "b", file, { ...options, onStep: (step) => steps.push(step) });
  const bytes = files.reduce((sum, [, content]) => sum + content.length, 0);
  assert.deepEqual(result, { files: 3, bytes, size: tarball.length });
  assert.deepEqual(await readFile(file), tarball);
  assert.deepEqual(await readdir(folder), ["b.tar.gz"]);
  assert.equal(await modeOf(file), "600");
  assert.deepEqual(steps.at(-1), { phase: "Downloading", done: tarball.length, total: tarball.length });
});

for (const [what, held, message] of [
  ["ends in the middle", { content: tarball.subarray(0, 20_000) }, /ends in the middle/],
  ["has a wrong bit", { content: flipped(tarball, 30_000) }, /is damaged/],
  ["is no gzip", { content: Buffer.from("nothing".repeat(1000)) }, /not what gzip writes/],
  ["is no tar", { content: gzipSync("nothing".repeat(1000)) }, /not a tar archive/],
  ["has no end", { content: gzipSync(writeTar(files).subarray(0, -1024)) }, /ends in the middle/],
  ["is followed by something", { content: Buffer.concat([tarball, Buffer.alloc(5000, "x")]) }, /is damaged/],
  ["names a place outside", { content: gzipSync(writeTar([["../evil", "x"]])) }, /a place outside of itself/],
  ["is larger than the store says", { content: tarball, size: tarball.length - 1 }, /the store says/],
] as const) {
  test(`a tarball that ${what} gets no name, and its part goes`, async (t) => {
    const folder = await folderOf(t);
    const { archive } = storeOf(held);
    const kept: Partial[] = [];
    const download = downloadTo(archive, "b", join(folder, "b.tar.gz"), {
      ...options,
      onKept: (one) => kept.push(one),
    });
    await assert.rejects(download, (error) => hasReason(error, "Damaged") && message.test((error as Error).message));
    assert.deepEqual([await readdir(folder), kept], [[], []]);
  });
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

async function interrupted(t: TestContext, until: number): Promise<{ folder: string; file: string; part: string }> {
  const folder = await folderOf(t);
  const file = join(folder, "b.tar.gz");
  const kept: Partial[] = [];
  const { archive } = storeOf({ content: tarball, until });
  await assert.rejects(downloadTo(archive, "b", file, { ...options, onKept: (one) => kept.push(one) }), broken);
  assert.deepEqual(kept, [{ path: `${file}.part`, bytes: until, total: tarball.length }]);
  return { folder, file, part: `${file}.part` };
}

for (const [what, until] of [
  ["in the middle", 20_000],
  ["before its last byte", tarball.length - 1],
] as const) {
  test(`a transfer that broke ${what} is continued where it broke, and read through from the beginning`, async (t) => {
    const { folder, file, part } = await interrupted(t, until);
    assert.deepEqual((await readdir(folder)).toSorted(), ["b.tar.gz.part", "b.tar.gz.part.json"]);
    assert.deepEqual([await modeOf(part), await modeOf(`${part}.json`)], ["600", "600"]);
    const { archive, asked } = storeOf({ content: tarball });
    const left: (Partial & { isContinued: boolean })[] = [];
    const result = await downloadTo(archive, "b", file, {
      ...options,
      onLeft: (partial, isContinued) => left.push({ ...partial, isContinued }),
    });
    assert.deepEqual([result.files, result.size, asked], [3, tarball.length, [until]]);
    assert.deepEqual(left, [{ path: part, bytes: until, total: tarball.length, isContinued: true }]);
    assert.deepEqual(await readFile(file), tarball);
    assert.deepEqual(await readdir(folder), ["b.tar.gz"]);
  });
}

test("a part that holds everything asks for the last byte again: it may have been read through or not", async (t) => {
  const { file, part } = await interrupted(t, 20_000);
  await writeFile(part, tarball);
  const { archive, asked } = storeOf({ content: tarball });
  await downloadTo(archive, "b", file, options);
  assert.deepEqual([asked, await readFile(file)], [[tarball.length - 1], tarball]);
});

for (const [what, spoil] of [
  ["another object has its name by now", async () => ({ etag: '"two"' })],
  ["it does not say what it is of", async (part: string) => rm(`${part}.json`)],
  ["what it is of cannot be read", async (part: string) => writeFile(`${part}.json`, "{")],
  ["it is of another backup", async (part: string) => noteOf(part, { backup: "other" })],
  ["it is larger than the whole", async (part: string) => writeFile(part, Buffer.alloc(tarball.length + 1))],
  ["a link has its name", linked],
] as const) {
  test(`a part is not continued when ${what}`, async (t) => {
    const { folder, file, part } = await interrupted(t, 20_000);
    const changed = (await spoil(part)) ?? {};
    const { archive, asked } = storeOf({ content: tarball, ...changed });
    const left: boolean[] = [];
    await downloadTo(archive, "b", file, { ...options, onLeft: (_, isContinued) => left.push(isContinued) });
    assert.equal(asked.at(-1), 0);
    assert.deepEqual(await readFile(file), tarball);
    assert.ok(left.every((isContinued) => !isContinued));
    assert.ok(!(await readdir(folder)).some((name) => name.includes(".part")));
  });
}

async function noteOf(part: string, more: object): Promise<void> {
  const note = JSON.parse(await readFile(`${part}.json`, "utf8")) as object;
  await writeFile(`${part}.json`, JSON.stringify({ ...note, ...more }));
}

async function linked(part: string): Promise<void> {
  await writeFile(`${part}-elsewhere`.replace(".part", ""), await readFile(part));
  await rm(part);
  await symlink(`${part}-elsewhere`.replace(".part", ""), part);
}

test("a part whose bytes are not the store's is found out, and goes", async (t) => {
  const { folder, file, part } = await interrupted(t, 20_000);
  await writeFile(part, flipped(tarball.subarray(0, 20_000), 10_000));
  const { archive } = storeOf({ content: tarball });
  await assert.rejects(downloadTo(archive, "b", file, options), (error) => hasReason(error, "Damaged"));
  assert.deepEqual(await readdir(folder), []);
});

test("Ctrl-C keeps the part", async (t) => {
  const folder = await folderOf(t);
  const file = join(folder, "b.tar.gz");
  const end = new AbortController();
  const archive = {
    async open() {
      async function* bytes() {
        yield tarball.subarray(0, 10_000);
        end.abort(new Failure("interrupted", "interrupted"));
        end.signal.throwIfAborted();
      }
      return { size: tarball.length, etag: '"one"', content: Readable.from(bytes()) };
    },
  } as unknown as Archive;
  const kept: number[] = [];
  const interruption = downloadTo(archive, "b", file, {
    ...options,
    signal: end.signal,
    onKept: ({ bytes }) => kept.push(bytes),
  });
  await assert.rejects(interruption, { kind: "interrupted" });
  assert.deepEqual([kept, (await stat(`${file}.part`)).size], [[10_000], 10_000]);
});

test("a file that came into being meanwhile is left as it is", async (t) => {
  const folder = await folderOf(t);
  const file = join(folder, "b.tar.gz");
  const { archive } = storeOf({ content: tarball });
  const onStep = () => void writeFile(file, "mine", { flag: "w" });
  await writeFile(file, "mine");
  await assert.rejects(downloadTo(archive, "b", file, { ...options, onStep }), /has come into being meanwhile/);
  assert.equal(await readFile(file, "utf8"), "mine");
  assert.deepEqual(await readFile(`${file}.part`), tarball);
  await downloadTo(archive, "b", file, { ...options, isForced: true });
  assert.deepEqual(await readFile(file), tarball);
});

test("the bytes are passed on as they are, and their failure behind them", async () => {
  assert.deepEqual(await buffer(passOn(storeOf({ content: tarball }).archive, "b", options)), tarball);
  const bad = flipped(tarball, tarball.length - 3);
  const seen: Buffer[] = [];
  const passing = async () => {
    for await (const chunk of passOn(storeOf({ content: bad }).archive, "b", options)) seen.push(chunk);
  };
  await assert.rejects(passing(), (error) => hasReason(error, "Damaged"));
  assert.deepEqual(Buffer.concat(seen), bad);
});

test("the files of a tarball are written below a folder, for their owner alone", async (t) => {
  const folder = join(await folderOf(t), "out");
  const { files: count } = await extract(storeOf({ content: tarball }).archive, "b", { ...options, folder });
  assert.equal(count, 3);
  for (const [path, content] of files) assert.equal(await readFile(join(folder, path), "utf8"), content);
  assert.equal(
    (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).length,
    3,
  );
  assert.deepEqual(
    [await modeOf(folder), await modeOf(join(folder, "resources")), await modeOf(join(folder, files[1][0]))],
    ["700", "700", "600"],
  );
});

test("what is not whole is not left below the folder", async (t) => {
  const parent = await folderOf(t);
  const [made, empty] = [join(parent, "made"), join(parent, "empty")];
  await mkdir(empty);
  for (const content of [flipped(tarball, 30_000), gzipSync(writeTar([...files, ["../evil", "x"]]))])
    for (const folder of [made, empty])
      await assert.rejects(extract(storeOf({ content }).archive, "b", { ...options, folder }), (error) =>
        hasReason(error, "Damaged"),
      );
  assert.deepEqual([await readdir(parent), await readdir(empty)], [["empty"], []]);
});

test("no link that stands in the folder is followed", async (t) => {
  const parent = await folderOf(t);
  const [folder, outside] = [join(parent, "out"), join(parent, "outside")];
  const into = { ...options, isForced: true, folder };
  const { archive } = storeOf({ content: tarball });
  await mkdir(outside);
  await mkdir(folder);
  await symlink(outside, join(folder, "resources"));
  await assert.rejects(extract(archive, "b", into), /resources: it is a link or a file, and could lead elsewhere/);
  assert.deepEqual(await readdir(outside), []);
  // A file is replaced, not what it leads to.
  await rm(join(folder, "resources"));
  await writeFile(join(outside, "version"), "theirs");
  await rm(join(folder, "metadata"), { recursive: true });
  await mkdir(join(folder, "metadata"));
  await symlink(join(outside, "version"), join(folder, "metadata", "version"));
  await extract(archive, "b", into);
  assert.equal(await readFile(join(outside, "version"), "utf8"), "theirs");
  assert.equal(await readFile(join(folder, "metadata", "version"), "utf8"), "1.1.0\n");
});

test("two files of one name are not taken for one", async (t) => {
  const folder = join(await folderOf(t), "out");
  const content = gzipSync(
    writeTar([
      ["a/x.json", "1"],
      ["a/x.json", "2"],
    ]),
  );
  await assert.rejects(
    extract(storeOf({ content }).archive, "b", { ...options, folder }),
    /another file has this name/,
  );
});

test("what has the name of the part and is no file of the user's gives way", async (t) => {
  const folder = await folderOf(t);
  const { archive } = storeOf({ content: tarball });
  await symlink("/dev/null", join(folder, "b.tar.gz.part"));
  await downloadTo(archive, "b", join(folder, "b.tar.gz"), options);
  assert.deepEqual(await readdir(folder), ["b.tar.gz"]);
});
