import assert from "node:assert/strict";
import { test } from "node:test";
import { type BackupConfiguration, dotted, type Source } from "../../../src/mke/configuration.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import { inCluster, publishedForms } from "./published-forms.ts";
import { mke410, parsed } from "./samples.ts";

const source: Source = { kind: "File", path: "mke4.yaml" };
const read = async (yaml: string): Promise<BackupConfiguration> => interpret(await parsed(yaml), source);

for (const { what, yaml, backup, set, engine = "velero" } of publishedForms) {
  test(`reads ${what}`, async () => {
    const configuration = await read(yaml);
    assert.deepEqual(configuration.backup, backup);
    const given = configuration.fields
      .filter(({ origin }) => origin === "set")
      .map(({ path }) => dotted(path.slice(1)));
    assert.deepEqual(given, set);
    assert.ok(configuration.fields.every(({ known, used }) => known && used));
    assert.equal(configuration.engine, engine);
    assert.deepEqual(configuration.problems, []);
  });
}

test("reads the whole default file of 4.1.0", async () => {
  const configuration = await read(mke410);
  assert.deepEqual(configuration.backup, inCluster());
  assert.equal(configuration.mkeVersion, "v4.1.0");
  assert.deepEqual([configuration.enabled, configuration.provider], [true, "InCluster"]);
  assert.doesNotMatch(JSON.stringify(configuration), /10\.0\.0\.160|keyPath/);
});

test("4.2's schedule is never taken for Velero being on", async () => {
  const { enabled, provider } = await read("spec: {backup: {enabled: true, schedule: {enabled: true}}}");
  assert.deepEqual([enabled, provider], [undefined, undefined]);
});

const spellings = [
  "backup: {storageprovider: {type: External, externaloptions: {bucket: b, region: r}}}",
  "Backup: {storageProvider: {Type: EXTERNAL, externalOptions: {Bucket: b, REGION: r}}}",
  "SPEC: {backup: {storage-provider: {type: external, external-options: {bucket: b, region: r}}}}",
];

for (const yaml of spellings) {
  test(`keys in any spelling: ${yaml}`, async () => {
    const { provider, fields, problems } = await read(yaml);
    assert.equal(provider, "External");
    assert.deepEqual(problems, []);
    const values = Object.fromEntries(fields.map(({ path, value }) => [path.at(-1), value]));
    assert.deepEqual([values["type"], values["bucket"], values["region"]], ["External", "b", "r"]);
  });
}

const booleans: readonly [string, boolean][] = [
  ["true", true],
  ['"true"', true],
  ["TRUE", true],
  ["yes", true],
  ["On", true],
  ["false", false],
  ['"No"', false],
  ["off", false],
];

for (const [word, value] of booleans) {
  test(`${word} is ${value}`, async () => {
    const { enabled, problems } = await read(`backup: {enabled: ${word}, storage_provider: {}}`);
    assert.equal(enabled, value);
    assert.deepEqual(problems, []);
  });
}

const wrong: readonly { yaml: string; path: string; value: unknown; message: RegExp }[] = [
  { yaml: "type: Foo", path: "type", value: "Foo", message: /type is "Foo"; MKE takes InCluster or External$/ },
  {
    yaml: "in_cluster_options: {exposed: maybe}",
    path: "in_cluster_options.exposed",
    value: "maybe",
    message: /exposed is "maybe"; MKE takes true or false$/,
  },
  {
    yaml: "in_cluster_options: {nodeport: 70000}",
    path: "in_cluster_options.nodeport",
    value: 70000,
    message: /nodeport is 70000; MKE takes a port number$/,
  },
  {
    yaml: "in_cluster_options: [a]",
    path: "in_cluster_options",
    value: ["a"],
    message: /in_cluster_options is a list, not a map of its options$/,
  },
  {
    yaml: "{type: External, external_options: {provider: azure, bucket: b, region: r}}",
    path: "external_options.provider",
    value: "azure",
    message: /provider is "azure"; MKE takes only aws$/,
  },
  {
    yaml: "{type: External, external_options: {bucket: {a: 1}, region: r}}",
    path: "external_options.bucket",
    value: { a: 1 },
    message: /bucket is a map; MKE takes text$/,
  },
];

for (const { yaml, path, value, message } of wrong) {
  test(`a wrong value is kept and named: ${yaml}`, async () => {
    const inner = yaml.startsWith("{") ? yaml : `{${yaml}}`;
    const { fields, problems } = await read(`backup: {storage_provider: ${inner}}`);
    const full = `backup.storage_provider.${path}`;
    assert.deepEqual(fields.find((field) => dotted(field.path) === full)?.value, value);
    assert.deepEqual(
      problems.map(({ level, reason, path: at }) => [level, reason, at]),
      [["problem", "InvalidValue", full]],
    );
    assert.match(problems[0]?.message ?? "", message);
  });
}

test("an unknown provider takes neither provider's defaults", async () => {
  const { provider, backup } = await read("backup: {storage_provider: {type: Foo}}");
  assert.equal(provider, undefined);
  assert.deepEqual(backup["storage_provider"], { type: "Foo" });
});

test("unknown keys are kept and marked, and a likely meaning is named", async () => {
  const { fields, backup, problems } = await read(
    "backup: {retention: {days: 3}, storage_provider: {in_cluster_options: {distributd: true}}}",
  );
  const unknown = fields.filter(({ known }) => !known).map(({ path }) => dotted(path));
  assert.deepEqual(unknown, ["backup.storage_provider.in_cluster_options.distributd", "backup.retention"]);
  assert.deepEqual(backup["retention"], { days: 3 });
  assert.deepEqual(
    problems.map(({ level, message }) => [level, message]),
    [["note", "backup.storage_provider.in_cluster_options.distributd is not a key of MKE: perhaps distributed"]],
  );
});

test("a mistyped storage_provider is not taken for a managed Velero", async () => {
  const { engine, problems } = await read("backup: {storage_providr: {type: InCluster}}");
  assert.equal(engine, "none");
  assert.match(problems[0]?.message ?? "", /perhaps storage_provider$/);
});

test("what may be a secret under an unknown key is not shown", async () => {
  const configuration = await read(
    `backup: {storage_provider: {type: External, external_options: {bucket: b, region: r, secret_access_key: hunter2,
      endpoint: "https://me:hunter2@s3.example.com", extra: {apiToken: hunter2, list: [{password: hunter2}]}}}}`,
  );
  assert.doesNotMatch(JSON.stringify(configuration), /hunter2/);
  assert.match(JSON.stringify(configuration), /s3\.example\.com/);
});

test("options of the provider not in use are kept and marked", async () => {
  const { fields } = await read("backup: {storage_provider: {type: InCluster, external_options: {bucket: b}}}");
  const unused = fields.filter(({ used }) => !used).map(({ path, value }) => [dotted(path), value]);
  assert.deepEqual(unused, [["backup.storage_provider.external_options.bucket", "b"]]);
});

test("External without a bucket and region is a problem", async () => {
  const { problems } = await read("backup: {storage_provider: {type: External}}");
  assert.deepEqual(
    problems.map(({ reason, path }) => [reason, path?.split(".").at(-1)]),
    [
      ["MissingValue", "bucket"],
      ["MissingValue", "region"],
    ],
  );
});

test("a key in two spellings: MKE's own counts", async () => {
  const { provider, problems } = await read("backup: {storageProvider: {type: External}, storage_provider: {}}");
  assert.equal(provider, "InCluster");
  assert.deepEqual(
    problems.map(({ reason }) => reason),
    ["GivenTwice"],
  );
});

test("scheduled_backup that is on is noted as without effect", async () => {
  const { problems } = await read("backup: {storage_provider: {}, scheduled_backup: {enabled: true}}");
  assert.deepEqual(
    problems.map(({ level, reason }) => [level, reason]),
    [["note", "Unsupported"]],
  );
});

test("a section that is no map is a problem, and manages nothing", async () => {
  const { engine, problems, backup } = await read("spec: {backup: InCluster}");
  assert.equal(engine, "none");
  assert.deepEqual(backup, {});
  assert.match(problems[0]?.message ?? "", /^backup is text, not a map/);
});

for (const [yaml, message] of [
  ["- a\n- b", /^mke4\.yaml holds no MKE configuration: it is a list$/],
  ["just words", /: it is text$/],
  ["42", /: it is a number$/],
  ["{apiVersion: apps/v1, kind: Deployment}", /: its kind is Deployment$/],
] as const) {
  test(`is no configuration: ${yaml.replace("\n", " ")}`, async () => {
    await assert.rejects(read(yaml), { name: "Failure", kind: "failed", message });
  });
}
