import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../../src/commands/command.ts";
import { command } from "../../../src/commands/config.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import type { Source } from "../../../src/mke/configuration.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import { noColours, type Screen } from "../../../src/output/screen.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { mkeConfigObject, parsed } from "../mke/samples.ts";

const screen = (width: number, wide = false): Screen => ({ width, wide, paint: noColours, now: new Date(0) });
const mkeConfig: Source = { kind: "MkeConfig", namespace: "mke", name: "mke" };
const file: Source = { kind: "File", path: "mke4.yaml" };

async function shown(document: unknown, source: Source, where: Screen): Promise<string> {
  return command.text(interpret(document, source), where);
}

test("the screen of a usual cluster", async () => {
  assert.equal(
    await shown(mkeConfigObject, mkeConfig, screen(80)),
    `InCluster backups are on               MkeConfig mke/mke · MKE v4.1.0

backup
  enabled                        true                MkeConfig
  storage_provider
    type                         InCluster           MkeConfig
    in_cluster_options
      exposed                    true                default until Oct 2024
      enable_ui                  true                MkeConfig
      distributed                false               default
      admin_credentials_secret   minio-credentials   MkeConfig
    external_options             -                   not used with InCluster
  scheduled_backup
    enabled                      false               MkeConfig`,
  );
});

const external = parsed(`
backup:
  storage_provider:
    type: External
    external_options:
      bucket: a-bucket-with-quite-a-long-name-in-a-large-organisation
      credentials_file_path: /home/administrator/clusters/production/credentials-mke4backup
      colour: blue
`);

for (const width of [60, 80, 100, 120, 200]) {
  test(`fits ${width} columns`, async () => {
    const text = await shown(await external, file, screen(width));
    const tree = text.split("\n\n")[1] ?? "";
    assert.ok(
      tree.split("\n").every((line) => line.length <= width),
      text,
    );
    assert.equal(/Profile to take/.test(text), width >= 100, "meanings need a hundred columns");
  });
}

test("-o wide cuts nothing and tells every meaning", async () => {
  const text = await shown(await external, file, screen(80, true));
  assert.doesNotMatch(text, /…/);
  assert.match(text, /credentials-mke4backup {3}file +Credentials file on the machine that runs mkectl/);
});

test("unknown keys are marked, problems come last with what to do", async () => {
  const text = await shown(await external, file, screen(80));
  assert.match(text, /colour +blue +file, not known/);
  assert.match(text, /\n\nWARN {2}backup\.storage_provider\.external_options\.region is empty/);
  assert.match(text, /\n\nnext {2}mkectl apply -f mke4\.yaml/);
});

const answers: readonly [yaml: string, answer: RegExp][] = [
  ["backup: {enabled: false, storage_provider: {}}", /^Backups are off {3}/],
  ["backup: {storage_provider: {type: external}}", /^External backups are on {3}/],
  ["backup: {storage_provider: {type: Foo}}", /^Backups are on, their provider is not known {3}/],
  ["backup: {enabled: maybe, storage_provider: {}}", /^backup\.enabled is neither true nor false {3}/],
  ["spec: {version: v4.1.3}", /^Velero is not managed by MKE .*v4\.1\.3\n\n.*has no backup section/s],
  ["backup: {schedule: {enabled: true}}", /^Velero is not managed by MKE .*mkectl backup/s],
  ["backup: {other: 1}", /^Velero is not managed by MKE .*none of the keys.*other +1 +file, not known/s],
];

for (const [yaml, answer] of answers) {
  test(`begins with the answer: ${yaml}`, async () => {
    assert.match(await shown(await parsed(yaml), file, screen(80)), answer);
  });
}

test("control characters of a file do not reach the terminal", async () => {
  const text = await shown({ backup: { storage_provider: { type: "\x1b[2J", "\x1b[31mx": 1 } } }, file, screen(80));
  assert.ok(!text.includes("\x1b"));
});

test("the document has raw values and dotted paths", async () => {
  const document = command.document(interpret(mkeConfigObject, mkeConfig)) as Record<string, unknown>;
  const { apiVersion, kind, source, mkeVersion, engine } = document;
  assert.deepEqual([apiVersion, kind, mkeVersion, engine], ["mkebackup/v1", "BackupConfiguration", "v4.1.0", "velero"]);
  assert.deepEqual(source, mkeConfig);
  const [first] = document["fields"] as unknown[];
  assert.deepEqual(first, { path: "backup.enabled", value: true, origin: "set", known: true, used: true });
  assert.ok(!("conflict" in document));
});

function contextOf(objects: readonly KubeObject[]): { context: Context; told: string[] } {
  const told: string[] = [];
  const context = {
    cluster: async () => fakeCluster({ objects }),
    velero: async () => ({ name: "mke", locations: [] }),
    tell: (sentence: string) => told.push(sentence),
    signal: new AbortController().signal,
  } as Partial<Context> as Context;
  return { context, told };
}

test("two sources that differ are a warning with both names and values", async () => {
  const other = {
    kind: "ConfigMap",
    metadata: { name: "mke-config", namespace: "mke" },
    data: { "mke4.yaml": "backup: {enabled: false, storage_provider: {}}" },
  };
  const { context, told } = contextOf([mkeConfigObject, other]);
  await command.run({ config: undefined, operands: [], output: "table" }, context);
  assert.deepEqual(told, [
    "Warning: ConfigMap mke/mke-config (mke4.yaml), which is shown, and MkeConfig mke/mke differ: backup.enabled (false, not true)",
  ]);
});

test("a file is read without a cluster", async () => {
  const context = { cluster: () => Promise.reject(new Error("no cluster")) } as Partial<Context> as Context;
  await assert.rejects(command.run({ config: "/nowhere/mke4.yaml", operands: [], output: "table" }, context), {
    message: "cannot read /nowhere/mke4.yaml: no such file",
  });
});
