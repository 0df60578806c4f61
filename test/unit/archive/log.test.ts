import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { storedLines } from "../../../src/archive/log.ts";
import { belongsTo, readLogLine } from "../../../src/archive/log-lines.ts";
import { LogSieve } from "../../../src/archive/log-query.ts";
import { redacted } from "../../../src/core/redacted.ts";

const file = { kind: "BackupLog", name: "b1" } as const;
const stored = (...chunks: Buffer[]) => ({ size: 0, etag: undefined, content: Readable.from(chunks) });
const read = async (...chunks: Buffer[]) => (await Array.fromAsync(storedLines(stored(...chunks), file))).flat();

const line = (level: string, message: string, more = "") =>
  `time="2026-11-24T07:00:00Z" level=${level} msg="${message}" backup=mke/b1${more}`;

test("a stored log is read packed or plain", async () => {
  const text = Buffer.from("one\ntwo\nthree");
  assert.deepEqual(await read(gzipSync(text)), ["one", "two", "three"]);
  assert.deepEqual(await read(text), ["one", "two", "three"]);
  assert.deepEqual(await read(gzipSync("")), []);
  assert.deepEqual(await read(), []);
});

test("a damaged log says so and names the file", async () => {
  const packed = gzipSync(Buffer.from("a line\n".repeat(1000)));
  await assert.rejects(read(packed.subarray(0, packed.length - 9)), {
    message: "backups/b1/b1-logs.gz is damaged: it ends in the middle",
  });
});

test("a store that breaks off is told as it is", async () => {
  const content = Readable.from(
    (async function* () {
      yield gzipSync("one\n").subarray(0, 15);
      throw new Error("the connection broke");
    })(),
  );
  await assert.rejects(Array.fromAsync(storedLines({ size: 0, etag: undefined, content }, file)), /connection broke/);
});

test("whoever stops reading ends the source", async () => {
  const source = stored(Buffer.from("one\ntwo\n"), Buffer.from("three\n"));
  for await (const _ of storedLines(source, file)) break;
  assert.ok(source.content.destroyed);
});

test("a hundred megabytes pass in little memory", { timeout: 60_000 }, async () => {
  const chunk = Buffer.from(
    `${line("info", "Backed up item", ' logSource="pkg/backup/backup.go:560" name=web')}\n`.repeat(8000),
  );
  const content = Readable.from(
    (async function* () {
      for (let sent = 0; sent < 100 * 1024 * 1024; sent += chunk.length) yield chunk;
    })(),
  );
  const sieve = new LogSieve({ level: "error" });
  let most = 0;
  for await (const lines of storedLines({ size: 0, etag: undefined, content }, file)) {
    for (const one of lines) sieve.take(redacted(one));
    most = Math.max(most, process.memoryUsage().heapUsed);
  }
  assert.ok(sieve.total > 700_000 && sieve.shown === 0);
  assert.ok(most < 200 * 1024 * 1024, `${most >> 20} MiB`);
});

const shown = (query: ConstructorParameters<typeof LogSieve>[0], lines: readonly string[]) => {
  const sieve = new LogSieve(query);
  return lines.flatMap(
    (raw) => sieve.take(raw)?.message ?? (sieve.shown > 0 && readLogLine(raw).level === undefined ? raw : []),
  );
};

test("a level is itself and worse", () => {
  const lines = ["debug", "info", "warning", "error", "fatal", "panic"].map((level) => line(level, level));
  assert.deepEqual(shown({ level: "error" }, lines), ["error", "fatal", "panic"]);
  assert.deepEqual(shown({ level: "warn" }, lines), ["warning", "error", "fatal", "panic"]);
  assert.deepEqual(shown({ level: "debug" }, lines).length, 6);
});

test("what is no line belongs to the line before it", () => {
  const sieve = new LogSieve({ level: "error" });
  const lines = [line("info", "fine"), "of the first", line("error", "broken"), "goroutine 1 [running]:"];
  assert.deepEqual(
    lines.map((raw) => sieve.take(raw) !== undefined),
    [false, false, true, true],
  );
  assert.deepEqual([sieve.shown, sieve.total], [2, 4]);
});

test("--since leaves out what is older, --grep what does not match the stored line", () => {
  const late = line("info", "late").replace("07:00", "08:00");
  assert.deepEqual(shown({ since: new Date("2026-11-24T07:30:00Z") }, [line("info", "early"), late]), ["late"]);
  assert.deepEqual(shown({ grep: /name=web-\d/ }, [line("info", "a", " name=web-1"), line("info", "b", " name=web")]), [
    "a",
  ]);
});

test("a line of the server's log belongs to a run by its field, not by its words", () => {
  const belongs = (raw: string) => belongsTo(raw, "Backup", "mke", "b1");
  assert.ok(belongs(line("info", "x")));
  assert.ok(belongs('level=info msg="x" backuprequest=mke/b1'));
  assert.ok(belongs('level=info msg="x" backup=b1'));
  assert.ok(!belongs('level=info msg="about mke/b1" backup=mke/b10'));
  assert.ok(!belongs('level=info msg="x" restore=mke/b1'));
  assert.ok(!belongs("mke/b1"));
  assert.ok(belongs('{"level":"info","msg":"x","backup":"mke/b1"}'));
});
