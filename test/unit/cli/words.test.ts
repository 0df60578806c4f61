import assert from "node:assert/strict";
import { test } from "node:test";
import { globalFlags } from "../../../src/cli/global-flags.ts";
import { inOurWords, splitShort } from "../../../src/cli/words.ts";
import { nearest } from "../../../src/core/nearest.ts";

for (const [typed, meant] of [
  ["get", "list"],
  ["get restores -o wide", "list restores -o wide"],
  ["-n velero get backups", "list -n velero backups"],
  ["help create", "create --help"],
  ["help", "--help"],
  ["backup create nightly --ttl 24h", "create nightly --ttl 24h"],
  ["backup list", "list backups"],
  ["backups get -o json", "list backups -o json"],
  ["backup delete a b --yes", "delete backup/a backup/b --yes"],
  ["schedule get", "list schedules"],
  ["schedule delete nightly -n velero", "delete schedule/nightly -n velero"],
  ["backup-location get", "list locations"],
  ["restore delete a", "delete restore/a"],
  ["restore create nightly", "restore nightly"],
  ["restore nightly", "restore nightly"],
  ["create get", "create get"],
  ["status --watch", "status --watch"],
  ["--context prod status", "--context prod status"],
] as const) {
  test(`${typed} means ${meant}`, () => {
    assert.equal(inOurWords(typed.split(" ")).join(" "), meant);
  });
}

test("a value against a short flag is split off, letters of switches are not", () => {
  const flags = { ...globalFlags, yes: { type: "switch", alias: "y", describe: "" } } as const;
  assert.deepEqual(splitShort("-nvelero", flags), ["-n", "velero"]);
  assert.deepEqual(splitShort("-n=velero", flags), ["-n=velero"]);
  assert.deepEqual(splitShort("-yes", flags), ["-yes"]);
  assert.deepEqual(splitShort("--namespace", flags), ["--namespace"]);
});

test("the nearest word is one that a slip of the fingers explains, or none", () => {
  const verbs = ["status", "create", "restore", "list", "delete"];
  assert.equal(nearest("crate", verbs), "create");
  assert.equal(nearest("lsit", verbs), "list");
  assert.equal(nearest("STATUS", verbs), "status");
  assert.equal(nearest("describe", verbs), undefined);
});
