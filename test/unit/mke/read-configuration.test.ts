import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import { dotted } from "../../../src/mke/configuration.ts";
import { mkeVersion } from "../../../src/mke/installed.ts";
import { readConfiguration } from "../../../src/mke/read-configuration.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { mke410, mkeConfigObject } from "./samples.ts";

const configMap = (data: Record<string, string>, name = "mke-config", namespace = "mke") =>
  ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data }) as KubeObject;

const location = (config: Record<string, string>, name = "default"): BackupStorageLocation => ({
  kind: "BackupStorageLocation",
  metadata: { name, namespace: "velero" },
  spec: { provider: "velero.io/aws", default: name === "default", objectStorage: { bucket: "bucket-a" }, config },
});

const noLocations = () => Promise.reject(new Error("the locations were not to be asked for"));

async function read(options: FakeClusterOptions, locations: () => Promise<BackupStorageLocation[]> = noLocations) {
  const cluster = fakeCluster(options);
  return { cluster, ...(await readConfiguration(cluster, { locations })) };
}

const external = "backup: {storage_provider: {type: External, external_options: {bucket: b, region: r}}}";

test("the MkeConfig is the source where there is no ConfigMap", async () => {
  const { source, provider, mkeVersion: version } = await read({ objects: [mkeConfigObject] });
  assert.deepEqual(source, { kind: "MkeConfig", namespace: "mke", name: "mke" });
  assert.deepEqual([provider, version], ["InCluster", "v4.1.0"]);
});

test("few requests: a list for each namespace and one for the MkeConfig", async () => {
  const { cluster } = await read({ objects: [mkeConfigObject] });
  assert.equal(cluster.requests.length, 6);
  assert.ok(cluster.requests.every(({ verb }) => verb === "list"));
});

const holders: readonly [what: string, map: KubeObject, key: string][] = [
  ["a whole file", configMap({ "mke4.yaml": mke410.replaceAll("InCluster", "External") }), "mke4.yaml"],
  ["a flat file", configMap({ "mke.yaml": external }, "mke4-config"), "mke.yaml"],
  ["a section alone", configMap({ spec: external.replace("backup: ", "") }, "mkeconfig", "mke-system"), "spec"],
  ["any key", configMap({ other: external }, "mke"), "other"],
  ["any name, when it can be nothing else", configMap({ x: external }, "cluster-one"), "x"],
  ["JSON", configMap({ config: '{"spec":{"backup":{"storageProvider":{"type":"external"}}}}' }), "config"],
  [
    "a namespace of older releases",
    configMap({ "mke4.yaml": external }, "mke-config", "blueprint-system"),
    "mke4.yaml",
  ],
];

for (const [what, map, key] of holders) {
  test(`a ConfigMap with ${what} is found`, async () => {
    const { source, provider } = await read({ objects: [map] });
    const { name, namespace } = map.metadata;
    assert.deepEqual(source, { kind: "ConfigMap", namespace, name, key });
    assert.equal(provider, "External");
  });
}

test("the likelier ConfigMap and key are taken first", async () => {
  const off = "backup: {enabled: false, storage_provider: {}}";
  const objects = [
    configMap({ x: off }, "aaa"),
    configMap({ "a.yaml": off, "mke.yaml": external, "mke4.yaml": "no: backup" }),
    configMap({ "mke4.yaml": off }, "mke"),
  ];
  const { source } = await read({ objects });
  assert.deepEqual(source, { kind: "ConfigMap", namespace: "mke", name: "mke-config", key: "mke.yaml" });
});

const bystanders: readonly [what: string, map: KubeObject][] = [
  ["another program's backup map", configMap({ "config.yaml": "backup: {enabled: true, keep: 3}" }, "etcd-operator")],
  ["another kind", configMap({ "x.yaml": "kind: Chart\nspec: {backup: {storage_provider: {}}}" }, "charts")],
  ["a script", configMap({ "run.sh": 'backup() {\n  echo "storage_provider: [" }\n' }, "scripts")],
  ["no configuration under MKE's name", configMap({ "mke4.yaml": "hosts: []" })],
  ["binary data only", configMap({}, "mke-config")],
];

for (const [what, map] of bystanders) {
  test(`a ConfigMap with ${what} is passed over`, async () => {
    const { source, problems } = await read({ objects: [map, mkeConfigObject] });
    assert.equal(source.kind, "MkeConfig");
    assert.deepEqual(problems, []);
  });
}

test("a ConfigMap of MKE's name with broken YAML is reported, and the next source is read", async () => {
  const { source, problems } = await read({
    objects: [configMap({ "mke4.yaml": "backup:\n\tenabled: true" }), mkeConfigObject],
  });
  assert.equal(source.kind, "MkeConfig");
  assert.equal(problems[0]?.reason, "Unreadable");
  assert.match(
    problems[0]?.message ?? "",
    /^ConfigMap mke\/mke-config, key mke4\.yaml, is not valid YAML: line 2, column 1:/,
  );
});

test("ConfigMap and MkeConfig that differ: the ConfigMap counts, and each difference is known", async () => {
  const text = "backup: {enabled: false, storage_provider: {type: incluster}}";
  const {
    source,
    conflict,
    mkeVersion: version,
  } = await read({
    objects: [configMap({ "mke4.yaml": text }), mkeConfigObject],
  });
  assert.equal(source.kind, "ConfigMap");
  assert.deepEqual(conflict, {
    source: { kind: "MkeConfig", namespace: "mke", name: "mke" },
    fields: [{ path: "backup.enabled", value: false, other: true }],
  });
  assert.equal(version, "v4.1.0", "the version comes from the source that has it");
});

test("with another provider the options are not compared one by one", async () => {
  const { conflict } = await read({ objects: [configMap({ "mke4.yaml": external }), mkeConfigObject] });
  assert.deepEqual(conflict?.fields, [{ path: "backup.storage_provider.type", value: "External", other: "InCluster" }]);
});

test("spelling and defaults make no difference", async () => {
  const { conflict } = await read({
    objects: [configMap({ "mke4.yaml": "backup: {storageProvider: {type: incluster}}" }), mkeConfigObject],
  });
  assert.equal(conflict, undefined);
});

const named = (name: string, namespace = "mke") => ({ ...mkeConfigObject, metadata: { name, namespace } });

test("an MkeConfig of another name, or in another namespace", async () => {
  const { source } = await read({ objects: [named("cluster-one")] });
  assert.deepEqual(source, { kind: "MkeConfig", namespace: "mke", name: "cluster-one" });
  const elsewhere = await read({ objects: [named("mke", "k0rdent")] });
  assert.deepEqual(elsewhere.source, { kind: "MkeConfig", namespace: "k0rdent", name: "mke" });
});

test("of several MkeConfigs the one called mke is shown, the others are named", async () => {
  const { source, problems } = await read({ objects: [named("a"), named("mke"), named("z")] });
  assert.deepEqual(source, { kind: "MkeConfig", namespace: "mke", name: "mke" });
  assert.match(problems[0]?.message ?? "", /mke\/a, mke\/z$/);
});

test("where listing is forbidden, objects are asked for by name", async () => {
  const { source } = await read({
    objects: [configMap({ "mke4.yaml": external }), mkeConfigObject],
    refuse: ({ verb }) => (verb === "list" ? "Forbidden" : undefined),
  });
  assert.equal(source.kind, "ConfigMap");
  const { source: object } = await read({
    objects: [mkeConfigObject],
    refuse: ({ verb }) => (verb === "list" ? "Forbidden" : undefined),
  });
  assert.equal(object.kind, "MkeConfig");
});

const urls: readonly [url: string | undefined, provider: string][] = [
  ["http://minio.mke.svc:9000", "InCluster"],
  ["http://backup-minio.mke.svc.cluster.local:9000", "InCluster"],
  ["http://minio:9000", "InCluster"],
  ["http://minio.mke:9000", "InCluster"],
  ["https://minio.example.com", "External"],
  ["https://example.com", "External"],
  ["http://10.0.0.7:9000", "External"],
  ["not a url", "External"],
  [undefined, "External"],
];

for (const [s3Url, provider] of urls) {
  test(`a location at ${s3Url} tells of ${provider}`, async () => {
    const config = { region: "eu-1", ...(s3Url === undefined ? {} : { s3Url }) };
    const found = await read({}, async () => [location(config, "other"), location(config)]);
    assert.deepEqual(found.source, { kind: "BackupStorageLocation", namespace: "velero", name: "default" });
    assert.equal(found.provider, provider);
    assert.ok(found.fields.every(({ origin }) => origin === "derived"));
    assert.equal(found.enabled, undefined, "a location does not tell whether MKE runs Velero");
    assert.equal(found.problems[0]?.reason, "NotFound");
  });
}

test("an external location tells bucket, region, provider and profile", async () => {
  const { fields } = await read({}, async () => [location({ region: "eu-1", profile: "p" })]);
  const values = fields.map(({ path, value }) => [dotted(path.slice(2)), value]);
  assert.deepEqual(values, [
    ["type", "External"],
    ["external_options.provider", "aws"],
    ["external_options.bucket", "bucket-a"],
    ["external_options.region", "eu-1"],
    ["external_options.credentials_file_profile", "p"],
  ]);
});

test("a forbidden MkeConfig is named when only the location is left", async () => {
  const { problems } = await read({ objects: [mkeConfigObject], refuse: () => "Forbidden" }, async () => [
    location({}),
  ]);
  assert.equal(problems[0]?.reason, "Unreadable");
  assert.match(problems[0]?.message ?? "", /mkeconfigs\.mke\.mirantis\.com is forbidden.*namespace "mke"/);
});

test("nothing at all is an error that says what to do", async () => {
  const notServed: FakeClusterOptions = {
    refuse: ({ kind }) => (kind.group === "mke.mirantis.com" ? "NoSuchKind" : undefined),
  };
  await assert.rejects(
    read(notServed, async () => []),
    { kind: "failed", message: /^no MKE configuration found, and no BackupStorageLocation/ },
  );
  await assert.rejects(
    read(notServed, () => Promise.reject(new Failure("failed", "no Velero found"))),
    { kind: "failed", message: "no MKE configuration found; no Velero found" },
  );
});

test("several Velero namespaces and an unreachable server stay the errors they are", async () => {
  const several = new Failure("usage", "several namespaces hold a Velero: a, b");
  await assert.rejects(
    read({}, () => Promise.reject(several)),
    several,
  );
  await assert.rejects(read({ refuse: () => "Unreachable" }), { reason: "Unreachable" });
});

test("the MKE version is the MkeConfig's, when that may be read", async () => {
  assert.equal(await mkeVersion(fakeCluster({ objects: [mkeConfigObject] })), "v4.1.0");
  assert.equal(await mkeVersion(fakeCluster({ objects: [{ ...mkeConfigObject, spec: {} } as KubeObject] })), undefined);
  assert.equal(await mkeVersion(fakeCluster({ refuse: () => "Forbidden" })), undefined);
  assert.equal(await mkeVersion(fakeCluster({ refuse: () => "NoSuchKind" })), undefined);
  await assert.rejects(mkeVersion(fakeCluster({ refuse: () => "Unreachable" })), { reason: "Unreachable" });
});
