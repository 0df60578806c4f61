import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bucket } from "../../../src/object-store/object-store.ts";
import { foreignBackups } from "../../../src/velero/foreign-backups.ts";

const { signal } = new AbortController();
const location = { metadata: { name: "x" }, spec: { objectStorage: { prefix: "p/" } } };

function bucketOf(keys: readonly string[]): Bucket & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    open: () => Promise.reject(new Error("nothing is read")),
    async *list(prefix) {
      asked.push(prefix);
      for (const key of keys) yield { key, size: 1, modified: undefined };
    },
  };
}

const look = (keys: readonly string[], known: readonly string[] = []) =>
  foreignBackups(bucketOf(keys), location, new Set(known), signal);

test("a folder with Velero's file is a backup; known ones are not foreign", async () => {
  const keys = [
    "p/backups/a/a.tar.gz",
    "p/backups/a/velero-backup.json",
    "p/backups/b/b-logs.gz",
    "p/backups/c/velero-backup.json",
  ];
  assert.deepEqual(await look(keys, ["c"]), { names: ["a"], more: false });
  assert.deepEqual(await look(keys, ["a", "c"]), { names: [], more: false });
  assert.deepEqual(await look([]), { names: [], more: false });
});

test("three names are enough, and it is asked below the prefix alone", async () => {
  const keys = ["1", "2", "3", "4", "5"].map((name) => `p/backups/${name}/velero-backup.json`);
  const bucket = bucketOf(keys);
  assert.deepEqual(await foreignBackups(bucket, location, new Set(), signal), { names: ["1", "2", "3"], more: true });
  assert.deepEqual(bucket.asked, ["p/backups/"]);
});
