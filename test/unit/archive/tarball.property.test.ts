import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { manifests } from "../../../src/archive/tarball.ts";
import { Failure } from "../../../src/core/failure.ts";
import { writeTar } from "../../sandbox/velero/tar.ts";
import { fakeArchive } from "../fake-archive.ts";

const word = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$/).filter((text) => !text.includes(".."));
const object = fc.record({
  resource: word.filter((text) => !text.endsWith("-preferredversion")),
  namespace: fc.option(word, { nil: undefined }),
  name: word,
  text: fc.string(),
});
type Generated = typeof object extends fc.Arbitrary<infer T> ? T : never;

function files(objects: readonly Generated[]): [string, string][] {
  return objects.map(({ resource, namespace, name, text }) => {
    const place = namespace === undefined ? "cluster" : `namespaces/${namespace}`;
    return [`resources/${resource}/${place}/${name}.json`, JSON.stringify({ metadata: { name }, text })];
  });
}

const read = (tarball: Buffer) => Array.fromAsync(manifests(fakeArchive({ "BackupContents/b": tarball }), "b"));

test("what was put into a tarball comes out of it", async () => {
  const unique = fc.uniqueArray(object, {
    selector: ({ resource, namespace, name }) => `${resource}/${namespace ?? ""}/${name}`,
  });
  await fc.assert(
    fc.asyncProperty(unique, async (objects) => {
      const found = await read(gzipSync(writeTar([["metadata/version", "1.1.0\n"], ...files(objects)])));
      assert.deepEqual(
        found.map(({ resource, namespace, name, manifest }) => ({
          resource,
          namespace,
          name,
          text: (manifest as unknown as Generated).text,
        })),
        objects.map((one) => ({ ...one })),
      );
    }),
    { numRuns: 100 },
  );
});

const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });

function changed(bytes: Buffer, { at, byte, cut }: { at: number; byte: number; cut: boolean }): Buffer {
  const place = at % bytes.length;
  if (cut) return bytes.subarray(0, place);
  const copy = Buffer.from(bytes);
  copy[place] = byte;
  return copy;
}

for (const [what, damage] of [
  ["a tarball", (tar: Buffer, how: { at: number; byte: number; cut: boolean }) => changed(gzipSync(tar), how)],
  [
    "the tar inside of it",
    (tar: Buffer, how: { at: number; byte: number; cut: boolean }) => gzipSync(changed(tar, how)),
  ],
] as const) {
  test(`whatever happens to ${what}, it is read or said to be damaged`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(object, { minLength: 1, maxLength: 4 }), change, async (objects, how) => {
        try {
          await read(damage(writeTar(files(objects)), how));
        } catch (error) {
          assert.ok(error instanceof Failure && error.reason === "Damaged", String((error as Error).stack));
        }
      }),
      { numRuns: 200 },
    );
  });
}

test("any bytes are read or said to be damaged", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), async (bytes, isPacked) => {
      const data = Buffer.from(bytes);
      try {
        await read(isPacked ? gzipSync(data) : data);
      } catch (error) {
        assert.ok(error instanceof Failure && error.reason === "Damaged", String((error as Error).stack));
      }
    }),
    { numRuns: 200 },
  );
});
