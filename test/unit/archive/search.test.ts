import assert from "node:assert/strict";
import { test } from "node:test";
import type { NamesOfKind, ResourceListCache } from "../../../src/archive/resource-list-cache.ts";
import { searchBackups, type Wanted } from "../../../src/archive/search.ts";
import { Failure } from "../../../src/core/failure.ts";
import type { Backup } from "../../../src/velero/types.ts";
import { fakeArchive } from "../fake-archive.ts";

const backup = (name: string, phase = "Completed", storageLocation = "default"): Backup => ({
  metadata: { name, uid: `uid-${name}` },
  spec: { storageLocation },
  status: { phase },
});

function memoryCache(): ResourceListCache & { readonly kept: Map<string, readonly NamesOfKind[]> } {
  const kept = new Map<string, readonly NamesOfKind[]>();
  return {
    kept,
    read: async (uid) => kept.get(uid),
    write: async (uid, document) => {
      kept.set(
        uid,
        Object.entries(document).map(([key, names]) => ({ key, names: () => names })),
      );
    },
    trim: async () => undefined,
  };
}

const list = { "apps/v1/Deployment": ["shop/web", "bank/web", "shop/db"], "v1/Namespace": ["shop"] };
const { signal } = new AbortController();
const web: Wanted = { kind: "deploy", name: "web", namespace: undefined };

test("the objects are found by kind, name and namespace, with globs", async () => {
  const archiveOf = () => fakeArchive({ "BackupResourceList/a": list });
  const names = async (wanted: Wanted) => {
    const { held } = await searchBackups([backup("a")], wanted, { archiveOf, cache: memoryCache(), signal });
    return held.flatMap(({ objects }) => objects.map(({ namespace, name }) => `${namespace}/${name}`));
  };
  assert.deepEqual(await names(web), ["shop/web", "bank/web"]);
  assert.deepEqual(await names({ ...web, namespace: "bank" }), ["bank/web"]);
  assert.deepEqual(await names({ ...web, name: "*", namespace: "sho?" }), ["shop/web", "shop/db"]);
  assert.deepEqual(await names({ ...web, kind: "pods" }), []);
  assert.deepEqual(await names({ kind: "ns", name: "shop", namespace: undefined }), ["undefined/shop"]);
});

test("a list that was read once is not read again", async () => {
  const archive = fakeArchive({ "BackupResourceList/a": list });
  const options = { archiveOf: () => archive, cache: memoryCache(), signal };
  const first = await searchBackups([backup("a")], web, options);
  const second = await searchBackups([backup("a")], web, options);
  assert.deepEqual(second, first);
  assert.deepEqual(archive.opened, ["BackupResourceList/a"]);
});

test("backups that run are told apart, those that failed early hold nothing", async () => {
  const archive = fakeArchive({});
  const runs = [backup("running", "InProgress"), backup("wrong", "FailedValidation"), backup("failed", "Failed")];
  const found = await searchBackups(runs, web, { archiveOf: () => archive, cache: memoryCache(), signal });
  assert.deepEqual(
    found.unfinished.map(({ metadata }) => metadata.name),
    ["running"],
  );
  assert.deepEqual([found.searched, found.unread, found.isKindKnown], [2, [], false]);
});

test("what cannot be read is told by its reason, and not kept", async () => {
  const damaged = new Failure("failed", "backups/b/b-resource-list.json.gz is damaged", { reason: "Damaged" });
  const archive = fakeArchive({ "BackupResourceList/a": list, "BackupResourceList/b": damaged });
  const cache = memoryCache();
  const all = ["a", "b", "c", "d"].map((name) => backup(name));
  const found = await searchBackups(all, web, { archiveOf: () => archive, cache, signal });
  assert.equal(found.held.length, 1);
  assert.deepEqual(
    found.unread.map(({ backups }) => backups),
    [["b"], ["c", "d"]],
  );
  assert.match(found.unread[0]?.reason ?? "", /damaged/);
  assert.deepEqual([...cache.kept.keys()], ["uid-a"]);
});

test("a location that lets nobody in is not asked for every backup, and the others are read", async () => {
  let asked = 0;
  const closed = {
    ...fakeArchive({}),
    read: () => {
      asked += 1;
      return Promise.reject(new Failure("failed", "no route to host", { reason: "Unreachable" }));
    },
  };
  const open = fakeArchive({ "BackupResourceList/z": list });
  const all = [
    ...Array.from({ length: 100 }, (_, at) => backup(`b${at}`, "Completed", "far")),
    backup("z", "Completed", "near"),
  ];
  const archiveOf = (location: string) => (location === "far" ? closed : open);
  const found = await searchBackups(all, web, { archiveOf, cache: memoryCache(), signal });
  assert.ok(asked <= 8, String(asked));
  assert.equal(found.unread[0]?.backups.length, 100);
  assert.deepEqual(
    found.held.map((one) => one.backup.metadata.name),
    ["z"],
  );
});

test("eight lists are on their way at once", async () => {
  let [running, peak] = [0, 0];
  const whole = fakeArchive(
    Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`BackupResourceList/b${at}`, list])),
  );
  const slow: typeof whole = {
    ...whole,
    async read(file) {
      running += 1;
      peak = Math.max(peak, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return whole.read(file);
    },
  };
  const all = Array.from({ length: 40 }, (_, at) => backup(`b${at}`));
  const found = await searchBackups(all, web, { archiveOf: () => slow, cache: memoryCache(), signal });
  assert.equal(peak, 8);
  assert.deepEqual(
    found.held.map((one) => one.backup.metadata.name),
    all.map(({ metadata }) => metadata.name),
  );
});
