import assert from "node:assert/strict";
import { test } from "node:test";
import { shellText } from "../../../src/cli/answer-shell.ts";
import { type Completion, complete, type Reach } from "../../../src/cli/completion.ts";
import { sourceOf } from "../../../src/cli/completion-values.ts";
import type { globalFlags } from "../../../src/cli/global-flags.ts";
import type { Flag, Values } from "../../../src/commands/command.ts";
import { commandTable } from "../../../src/commands/index.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import type { ServedKind } from "../../../src/kube/discovery.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const now = new Date("2026-11-24T12:00:00Z");
const hours = (count: number) => new Date(now.getTime() - count * 3_600_000).toISOString();
const run = (kind: string, name: string, phase: string, age: number, spec: object = {}) => ({
  kind,
  metadata: { name, namespace: "mke", creationTimestamp: hours(age) },
  spec,
  status: { phase, startTimestamp: hours(age) },
});
const named = (kind: string, name: string, more: object = {}) => ({
  kind,
  metadata: { name, ...(kind === "Namespace" ? {} : { namespace: "mke" }) },
  ...more,
});
const objects: readonly KubeObject[] = [
  run("Backup", "nightly-1", "Completed", 30, { includedNamespaces: ["shop", "lost"] }),
  run("Backup", "nightly-2", "PartiallyFailed", 4),
  run("Backup", "manual", "InProgress", 0.01),
  run("Restore", "nightly-1-back", "Completed", 1),
  named("Schedule", "nightly", { spec: { schedule: "0 2 * * *" }, status: { phase: "Enabled" } }),
  named("Schedule", "old", { spec: { schedule: "@daily", paused: true }, status: { phase: "Enabled" } }),
  named("BackupStorageLocation", "default", { spec: { default: true }, status: { phase: "Available" } }),
  named("Namespace", "mke"),
  named("Namespace", "shop"),
  named("Namespace", "shop-test"),
];
const kind = (plural: string, group: string, namespaced: boolean, verbs = ["list", "create"]): ServedKind => ({
  plural,
  group,
  kind: plural,
  namespaced,
  verbs,
  version: "v1",
});
const kinds = [
  kind("pods", "", true),
  kind("deployments", "apps", true),
  kind("nodes", "", false),
  kind("bindings", "", true, ["create"]),
];

interface World extends FakeClusterOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly connected?: Values<typeof globalFlags>[];
}

function complement(typed: string, world: World = {}): Promise<Completion> {
  const { env = {}, connected, ...cluster } = world;
  const reach: Reach = {
    env,
    signal: new AbortController().signal,
    now: () => now,
    connect: async (globals) => {
      connected?.push(globals);
      return fakeCluster({ objects, kinds, ...cluster });
    },
    kubeconfig: async (flag) => ({
      currentContext: "a",
      contexts: new Map([[flag ?? "admin@mke", {}]]),
      clusters: new Map([["mke", {}]]),
      users: new Map([["admin", {}]]),
      userFiles: new Map(),
      missing: [],
    }),
  };
  return complete(typed.split(" "), reach);
}

const valuesOf = ({ suggestions }: Completion) => suggestions.map(({ value }) => value).join(" ");

const files = 0;
const only = 4;
const noSpace = 6;
const newest = 36;
for (const [typed, values, directive] of [
  ["l", "list logs location", only],
  ["-n mke sta", "status", only],
  ["help res", "restore", only],
  ["status x", "", only],
  ["nonsense x", "", only],
  ["completion ", "kubectl bash zsh fish powershell", only],
  ["list ", "backups restores schedules locations requests", only],
  ["get re", "restores requests", only],
  ["list backups ", "", only],
  ["location ", "list describe create default delete credentials", only],
  ["location create ", "", only],
  ["location default ", "default", 36],
  ["location describe ", "default", 36],
  ["location create x --access-mode ", "ReadWrite ReadOnly", only],
  ["location create x --ca-file ", "", 0],
  ["location delete x --y", "--yes", only],
  ["location delete x --bu", "", only],
  ["location create x --bu", "--bucket", only],
  // Flags.
  ["list --no", "--no-headers", only],
  ["list --no-headers --no", "", only],
  ["list -A --all", "", only],
  ["create --include-namespaces a --include-namespaces", "--include-namespaces", only],
  ["list -A -- --no", "", only],
  ["version --server --serv", "", only],
  ["--conte", "--context", only],
  ["-", "--help -h", undefined],
  // Values.
  ["list -o ", "wide json yaml name", only],
  ["list -oy", "-oyaml", only],
  ["list --output=", "wide json yaml name", only],
  ["list -o=j", "json", only],
  ["list --sort-by n", "name", only],
  ["rbac --role ", "viewer operator admin", only],
  // Users of a cluster, not those of the kubeconfig.
  ["rbac --user ", "", only],
  ["list --no-headers=", "true false", only],
  ["create --dry-run ", "none client server", only],
  ["create --ttl ", "", only],
  ["list --limit -", "", only],
  ["list --kubeconfig ", "", files],
  ["config --config=", "", files],
  ["list --certificate-authority ", "", files],
  ["list --status Par", "PartiallyFailed", only],
  ["list schedules --status ", "New Enabled FailedValidation", only],
  ["list --status Failed,Par", "Failed,PartiallyFailed", only],
  ["list --context ", "admin@mke", only],
  ["list --kubeconfig x --context ", "x", only],
  ["list --cluster ", "mke", only],
  ["list --user ", "admin", only],
  // Names of the cluster.
  ["restore ", "manual nightly-2 nightly-1", newest],
  ["restore nightly-1 ", "", only],
  ["restore create n", "nightly-2 nightly-1", newest],
  ["search de", "deployments.apps/", noSpace],
  ["diff n", "nightly-2 nightly-1", newest],
  ["diff nightly-1 ", "live manual nightly-2 pods deployments.apps nodes", newest],
  ["diff nightly-1 live po", "pods", newest],
  ["diff nightly-1 live pods ", "", only],
  ["contents nightly-1 po", "pods", newest],
  ["contents nightly-1 -n lo", "lost", only],
  ["list -n sh", "shop shop-test", only],
  ["list -nsh", "-nshop -nshop-test", only],
  ["create --include-namespaces shop,", "shop,mke shop,shop-test", only],
  ["create --include-namespaces=mke --include-namespaces=", "shop shop-test", only],
  ["create --exclude-resources ", "pods deployments.apps nodes", only],
  ["create --include-cluster-scoped-resources ", "nodes", only],
  ["create --include-namespace-scoped-resources pods,d", "pods,deployments.apps", only],
  ["create --from-schedule ", "nightly old", only],
  ["create --storage-location ", "default", only],
  ["restore nightly-1 --include-namespaces ", "lost mke shop shop-test", only],
  ["restore nightly-1 --namespace-mappings lo", "lost:", noSpace],
  ["restore nightly-1 --namespace-mappings lost:new,sh", "lost:new,shop: lost:new,shop-test:", noSpace],
  ["restore nightly-1 --namespace-mappings lost:", "lost:", noSpace],
  // TYPE/NAME.
  ["delete ", "backup/ restore/ schedule/ manual nightly-2 nightly-1", 38],
  ["describe ", "backup/ restore/ schedule/ location/ manual nightly-2 nightly-1", 38],
  ["describe location/", "location/default", 36],
  ["describe location ", "default", 36],
  ["storage ", "check", only],
  ["storage check ", "default", newest],
  ["storage check default ", "", only],
  ["wait s", "", newest],
  ["wait re", "restore/", 38],
  ["delete n", "nightly-2 nightly-1", newest],
  ["delete restore/", "restore/nightly-1-back", newest],
  ["delete restores.velero.io/n", "restores.velero.io/nightly-1-back", newest],
  ["delete backup/nightly-1 manual n", "nightly-2", newest],
  ["delete --yes nonsense/", "", only],
  ["backup ", "create delete describe download get list logs", only],
  ["backup download n", "nightly-2 nightly-1", newest],
  ["download ", "manual nightly-2 nightly-1", newest],
  ["download nightly-1 --output ", "", files],
  ["download --extract ", "", files],
  ["schedule ", "delete describe get list", only],
  ["backup delete n", "nightly-2 nightly-1", newest],
  ["restore delete ", "nightly-1-back", newest],
  ["schedule delete nightly ", "old", newest],
] as const) {
  test(`"${typed}" can become "${values}"`, async () => {
    const completion = await complement(typed);
    if (directive === undefined) {
      assert.ok(values.split(" ").every((value) => valuesOf(completion).split(" ").includes(value)));
      return;
    }
    assert.equal(valuesOf(completion), values);
    assert.equal(completion.directive, directive);
  });
}

test("names come with what decides among them", async () => {
  const notes = async (typed: string) => (await complement(typed)).suggestions.map(({ note }) => note);
  assert.deepEqual(await notes("restore "), ["InProgress, 36s", "PartiallyFailed, 4h", "Completed, 30h"]);
  assert.deepEqual(await notes("list --schedule "), ["Enabled, 0 2 * * *", "paused, @daily"]);
  assert.deepEqual(await notes("create --storage-location "), ["Available, default"]);
  assert.deepEqual(await notes("create sta"), []);
  assert.deepEqual(await notes("sta"), ["Show whether backups work, and what is wrong when they do not"]);
});

test("the hidden verb is not suggested", async () => {
  assert.ok(!valuesOf(await complement("")).includes("__complete"));
  assert.equal(valuesOf(await complement("__")), "");
});

test("names are asked for as the line and the environment say", async () => {
  const connected: Values<typeof globalFlags>[] = [];
  const line =
    "-n here --context prod restore --kubeconfig=/k --as-group cn=a,ou=b --as-group c --insecure-skip-tls-verify ";
  assert.equal(valuesOf(await complement(line, { connected })), "", "nothing is in that namespace");
  const [globals] = connected;
  assert.deepEqual(
    [globals?.context, globals?.kubeconfig, globals?.["as-group"], globals?.["insecure-skip-tls-verify"]],
    ["prod", "/k", ["cn=a,ou=b", "c"], true],
  );
  assert.equal(valuesOf(await complement("restore ", { env: { MKEBACKUP_NAMESPACE: "elsewhere" } })), "");
  assert.notEqual(valuesOf(await complement("-n mke restore ")), "");
});

test("a cluster that refuses has no names, and what needs no cluster stays", async () => {
  const refuse = () => "Forbidden";
  assert.deepEqual(await complement("restore ", { refuse }), { suggestions: [], directive: newest });
  assert.equal(valuesOf(await complement("delete ", { refuse })), "backup/ restore/ schedule/");
});

test("of more backups than a page, the names alone are read, and the newest are told", async () => {
  const many = Array.from({ length: 700 }, (_, at) =>
    run("Backup", `b-${String(at).padStart(4, "0")}`, "Completed", 1),
  );
  const completion = await complement("restore ", {
    objects: [run("Backup", "a", "Completed", 9), ...many, ...objects.filter(({ kind }) => kind !== "Backup")],
  });
  assert.deepEqual(completion.suggestions[0], { value: "b-0699", note: "3d" });
  assert.equal(completion.suggestions.length, 501);
  // The last one keeps a shell from writing "b-0", with which all others begin.
  assert.equal(completion.suggestions.at(-1)?.value, "a");
});

test("a name that would break the protocol is left out, and a note is put on one line", async () => {
  const odd = [named("Namespace", "a\nb"), named("Namespace", "shop")];
  assert.equal(valuesOf(await complement("list -n ", { objects: odd })), "shop");
  assert.equal(
    shellText({ suggestions: [{ value: "a", note: "b\tc\nd" }, { value: "e" }], directive: 4 }),
    "a\tb c d\ne\n:4\n",
  );
});

/** Values that only the user knows. */
const unknowable = [
  "name",
  "restore-name",
  "resource-policies-configmap",
  "resource-modifier-configmap",
  "tls-server-name",
];

test("every flag that takes a name, a kind or a file is completed", async () => {
  const commands = await Promise.all(commandTable.map(({ load }) => load()));
  const flags = commands.flatMap(({ command }) => Object.entries<Flag>(command.flags));
  const missing = flags
    .filter(([, { value }]) => /^(NAMES?|KINDS|FILE|OLD:NEW|PHASE|NAMESPACE)$/.test(value ?? ""))
    .filter(([name, flag]) => sourceOf(name, flag) === undefined && !unknowable.includes(name))
    .map(([name]) => name);
  assert.deepEqual(missing, []);
});
