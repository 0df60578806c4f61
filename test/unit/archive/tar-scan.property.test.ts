import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { packTar } from "modern-tar";
import { tarEntries } from "../../../src/archive/tar.ts";
import { tarParts } from "../../../src/archive/tar-scan.ts";
import { Failure } from "../../../src/core/failure.ts";
import { writeTar } from "../../sandbox/velero/tar.ts";

type Files = readonly (readonly [path: string, content: string])[];
type Outcome = { readonly files: Files } | { readonly damaged: true };

/** The bytes in pieces of so many, the last size again and again. */
function* pieces(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[Math.min(index, sizes.length - 1)] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function* arriving(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  yield* pieces(bytes, sizes);
}

async function outcomeOf(read: Promise<Files>): Promise<Outcome> {
  try {
    return { files: await read };
  } catch (error) {
    assert.ok(error instanceof Failure && error.reason === "Damaged", String((error as Error).stack));
    return { damaged: true };
  }
}

async function byParts(bytes: Buffer, sizes: readonly number[]): Promise<Files> {
  const files: [string, string][] = [];
  let chunks: Buffer[] = [];
  for await (const { path, size, data, isLast } of tarParts(arriving(bytes, sizes), "it")) {
    chunks.push(data);
    if (!isLast) continue;
    const content = Buffer.concat(chunks);
    assert.equal(content.length, size);
    files.push([path, content.toString("latin1")]);
    chunks = [];
  }
  return files;
}

async function byEntries(bytes: Buffer): Promise<Files> {
  const files: [string, string][] = [];
  for await (const { path, read } of tarEntries(arriving(bytes, []), "it"))
    files.push([path, (await read()).toString("latin1")]);
  return files;
}

const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 5 });
const segment = fc.stringMatching(/^[a-z0-9][a-z0-9:_ü-]{0,70}$/);
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => ["resources", ...parts].join("/"));
const shortPath = fc.stringMatching(/^[a-z]{1,20}(\/[a-z]{1,20}){0,3}$/);
const content = fc.string({ maxLength: 1300, unit: "binary-ascii" });

test("the files that were packed come out, whatever pieces they arrive in, with names of any length", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(path, content), { maxLength: 5 }), sizes, async (files, cuts) => {
      const entries = files.map(([name, body]) => ({
        header: { name, size: body.length, type: "file" as const },
        body,
      }));
      const tar = Buffer.from(await packTar(entries));
      assert.deepEqual(await byParts(tar, cuts), files);
    }),
    { numRuns: 200 },
  );
});

const damage = fc.array(
  fc.record({ at: fc.nat(), byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 32, 48, 0x80)), cut: fc.boolean() }),
  { minLength: 1, maxLength: 2 },
);
const fields = fc.constantFrom(0, 100, 108, 116, 124, 135, 136, 148, 156, 257, 345);

test("what is damaged is told as by the reader of single files", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(shortPath, content), { minLength: 1, maxLength: 3 }),
      damage,
      sizes,
      fc.boolean(),
      async (files, changes, cuts, isSummed) => {
        let tar = Buffer.from(writeTar(files));
        for (const { at, byte, cut } of changes) {
          if (cut) tar = tar.subarray(0, at % (tar.length + 1));
          else if (tar.length > 0) tar[at % tar.length] = byte;
        }
        if (isSummed && tar.length >= 512) sumUp(tar);
        assert.deepEqual(await outcomeOf(byParts(tar, cuts)), await outcomeOf(byEntries(tar)));
      },
    ),
    { numRuns: 500 },
  );
});

test("any field of a header, with a sum that is right", async () => {
  await fc.assert(
    fc.asyncProperty(shortPath, content, fields, fc.uint8Array({ maxLength: 12 }), async (name, body, field, bytes) => {
      const tar = Buffer.from(writeTar([[name, body]]));
      tar.set(bytes, field);
      sumUp(tar);
      assert.deepEqual(await outcomeOf(byParts(tar, [700])), await outcomeOf(byEntries(tar)));
    }),
    { numRuns: 500 },
  );
});

/** Writes the sum that the first header now has. */
function sumUp(tar: Buffer): void {
  tar.fill(" ", 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}
