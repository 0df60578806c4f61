import assert from "node:assert/strict";
import { test } from "node:test";
import { globalFlags } from "../../../src/cli/global-flags.ts";
import { inOurWords, neighboursFailure, splitShort, withNames } from "../../../src/cli/words.ts";
import type { Flags } from "../../../src/commands/command.ts";
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
  ["restore describe a", "describe restore/a"],
  ["restore logs a -o json", "logs restore/a -o json"],
  ["restore create --name nightly", "restore --name nightly"],
  ["restore create a --from-backup b", "restore a --from-backup b"],
  ["restore nightly", "restore nightly"],
  ["restore list", "restore list"],
  ["restore create", "restore create"],
  ["backup describe a", "describe backup/a"],
  ["backup logs --name a", "logs backup/a"],
  ["backup logs --name=a", "logs backup/a"],
  ["backup delete a -o json", "delete backup/a -o json"],
  ["schedule describe nightly", "describe schedule/nightly"],
  ["describe backup a", "describe backup/a"],
  ["backup-location describe default", "describe location/default"],
  ["describe location default --details", "describe location/default --details"],
  ["location delete default", "location delete default"],
  ["location list -o wide", "list locations -o wide"],
  ["location describe default", "describe location/default"],
  ["location create x --bucket b", "location create x --bucket b"],
  ["create backup-location x", "location create x"],
  ["backup-location delete x", "location delete x"],
  ["delete location x --yes", "location delete x --yes"],
  ["delete location/x --yes", "location delete x --yes"],
  ["delete location/x backup/y", "delete location/x backup/y"],
  ["location --help", "location --help"],
  ["schedule list", "list schedules"],
  ["delete backup a b", "delete backup/a backup/b"],
  ["delete restores a", "delete restore/a"],
  ["wait backup a", "wait backup/a"],
  ["delete backup", "delete backup"],
  ["delete backup --yes", "delete backup --yes"],
  ["create backup nightly", "create nightly"],
  ["create restore a --from-backup b", "restore a --from-backup b"],
  ["create --name backup", "create --name backup"],
  ["create -l help", "create -l help"],
  ["create help", "create --help"],
  ["restore help", "restore --help"],
  ["backup help", "--help"],
  ["backup -h", "--help"],
  ["backup create -h", "create -h"],
  ["help backup create", "create --help"],
  ["help get", "list --help"],
  ["schedule create nightly", "schedule create nightly"],
  ["create get", "create get"],
  ["status --watch", "status --watch"],
  ["--context prod status", "--context prod status"],
] as const) {
  test(`${typed} means ${meant}`, () => {
    assert.equal(inOurWords(typed.split(" ")).join(" "), meant);
  });
}

test("with the verb's own flags, their values are told from names", () => {
  const flags: Flags = {
    timeout: { type: "duration", describe: "" },
    yes: { type: "switch", alias: "y", describe: "" },
  };
  const words = ["backup", "delete", "--timeout", "5m", "a", "-y", "b"];
  assert.equal(inOurWords(words, flags).join(" "), "delete --timeout 5m backup/a -y backup/b");
});

const named: [verb: string, raw: Record<string, unknown>, operands: string[], restore?: string][] = [
  ["create", { _: [], name: "a" }, ["a"]],
  ["create", { _: [], name: ["a", "b"] }, ["b"]],
  ["create", { _: ["a"] }, ["a"]],
  ["restore", { _: [], name: "a" }, ["a"]],
  ["restore", { _: [], "from-backup": "a" }, ["a"]],
  ["restore", { _: ["r"], "from-backup": "a" }, ["a"], "r"],
  ["restore", { _: [], "from-backup": "a", "restore-name": "r" }, ["a"], "r"],
  ["list", { _: ["backups"], name: "a" }, ["backups"]],
];
for (const [verb, raw, operands, restore] of named) {
  test(`${verb} ${JSON.stringify(raw)} takes ${operands.join()}`, () => {
    const read = withNames(raw, verb);
    assert.deepEqual(read["_"], operands);
    assert.equal(read["restore-name"], restore);
  });
}

const namedTwice: [verb: string, raw: Record<string, unknown>, message: string][] = [
  ["create", { _: ["a"], name: "b" }, '"a" and --name b both name the backup'],
  ["restore", { _: ["a"], name: "b" }, '"a" and --name b both name the backup'],
  ["restore", { _: [], name: "b", "from-backup": "c" }, "--from-backup and --name b both name the backup"],
  ["restore", { _: ["r"], "restore-name": "s", "from-backup": "c" }, '"r" and --restore-name both name the restore'],
];
for (const [verb, raw, message] of namedTwice) {
  test(`${verb} ${JSON.stringify(raw)} is refused: ${message}`, () => {
    assert.throws(() => withNames(raw, verb), { kind: "usage", message });
  });
}

const elsewhere: [typed: string, message: string, next: string][] = [
  [
    "schedule create nightly",
    `"schedule create" is a command of Velero's own CLI, not of this one`,
    "velero schedule create --help",
  ],
  [
    "-n velero snapshot-locations get",
    `"snapshot-location get" is a command of Velero's own CLI, not of this one`,
    "velero snapshot-location get --help",
  ],
  [
    "set backup-location default",
    `"backup-location set" is a command of Velero's own CLI, not of this one`,
    "velero backup-location set --help",
  ],
  ["backups", 'unknown command "backups"', "kubectl mkebackup list backups"],
  ["backup lst", 'unknown command "backup lst"', "kubectl mkebackup backup list        (did you mean this?)"],
  ["schedule frobnicate", 'unknown command "schedule frobnicate"', "kubectl mkebackup --help"],
];
for (const [typed, message, next] of elsewhere) {
  test(`"${typed}" is answered with: ${message}`, () => {
    const failure = neighboursFailure(typed.split(" "));
    assert.deepEqual([failure?.kind, failure?.message, failure?.next], ["usage", message, [next]]);
  });
}

test("words that no neighbour has are left to the parser", () => {
  for (const words of ["lst backups", "frobnicate", "describe nightly", "constructor toString"]) {
    assert.equal(neighboursFailure(words.split(" ")), undefined);
  }
});

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
