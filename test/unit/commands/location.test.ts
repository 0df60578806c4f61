import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parse } from "../../../src/cli/parser.ts";
import type { Context, Operands } from "../../../src/commands/command.ts";
import { command } from "../../../src/commands/location.ts";
import type { LocationArgs } from "../../../src/commands/location-flags.ts";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject, Secret } from "../../../src/core/resource.ts";
import { noColours, type Screen } from "../../../src/output/screen.ts";
import type { LocationChange, LocationDeletion } from "../../../src/velero/location-change.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "mkebackup-location-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "keys.ini");
writeFileSync(file, "[default]\naws_access_key_id=AKIA\naws_secret_access_key=s3cret\n[other]\naws_access_key_id=x\n");
const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date("2026-11-24T12:00:00Z") };

const location = (name: string, spec: BackupStorageLocation["spec"] = {}, labels?: Record<string, string>) => ({
  kind: "BackupStorageLocation",
  metadata: { name, namespace: "velero", ...(labels && { labels }) },
  spec: { provider: "aws", objectStorage: { bucket: name }, ...spec },
  status: { phase: "Available", lastValidationTime: "2026-11-24T11:59:50Z" },
});
const helms = { "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "my-velero" };
const ours = { "app.kubernetes.io/managed-by": "kubectl-mkebackup" };
const backup = (name: string, storageLocation: string, phase = "Completed") => ({
  kind: "Backup",
  metadata: { name, namespace: "velero" },
  spec: { storageLocation },
  status: { phase },
});
const secret = (name: string, labels: Record<string, string>): Secret => ({
  kind: "Secret",
  metadata: { name, namespace: "velero", labels },
  data: { cloud: Buffer.from("[default]\naws_access_key_id=old\naws_secret_access_key=old\n").toString("base64") },
});

/** Runs `location WORDS` on a cluster of these objects, in namespace velero unless told otherwise. */
async function run(words: string, options: FakeClusterOptions, { namespace = "velero", agrees = true } = {}) {
  const cluster = fakeCluster(options);
  const told: string[] = [];
  const context: Partial<Context> = {
    cluster: async () => cluster,
    velero: async () => ({ name: namespace, locations: undefined }),
    namedNamespace: undefined,
    signal: new AbortController().signal,
    now: () => screen.now,
    tell: (sentence) => void told.push(sentence),
    confirm: async () => agrees,
  };
  const parsed = await parse(["location", ...words.split(" ")], 80);
  assert.ok("command" in parsed);
  const done = command.run(parsed.args as unknown as LocationArgs & Operands, context as Context);
  const writes = () => cluster.requests.filter(({ verb, dryRun }) => !["get", "list"].includes(verb) && !dryRun);
  return { done, cluster, told, writes };
}

const written = (requests: readonly { verb: string; kind: { kind: string }; name?: string }[]) =>
  requests.map(({ verb, kind, name }) => `${verb} ${kind.kind} ${name}`);
const textOf = async (change: LocationChange) => command.text(change, screen);
const create = "create extra --bucket b --region eu-west-1 --no-check --no-wait";

test("the Secret comes first, then the location that names it; the text says where and with which keys", async () => {
  const { done, cluster, told } = await run(`${create} --credentials-file ${file}`, {});
  const change = await done;
  const made = cluster.requests.filter(({ verb }) => verb === "create");
  assert.deepEqual(written(made), [
    ...["create Secret extra-credentials", "create BackupStorageLocation extra"],
    ...["create Secret extra-credentials", "create BackupStorageLocation extra"],
  ]);
  assert.deepEqual(change.location.spec?.credential, { name: "extra-credentials", key: "cloud" });
  const { data, metadata } = await cluster.get<Secret>(
    { group: "", version: "v1", plural: "secrets", kind: "Secret" },
    { namespace: "velero", name: "extra-credentials" },
  );
  assert.equal(
    Buffer.from(data?.["cloud"] ?? "", "base64").toString(),
    "[default]\naws_access_key_id=AKIA\naws_secret_access_key=s3cret\n",
  );
  assert.deepEqual(metadata.labels, ours);
  const text = await textOf(change);
  assert.equal(
    text,
    `Location extra: created, not checked by the server yet

Bucket     b
Store      AWS, region eu-west-1
Access     ReadWrite
Keys       Secret extra-credentials, key cloud, made for it

next  kubectl mkebackup describe location/extra`,
  );
  assert.doesNotMatch(text + told.join("") + JSON.stringify(command.document(change)), /s3cret|AKIA/);
});

test("when the location is refused, the Secret that was made for it goes again", async () => {
  let tries = 0;
  const refuse: FakeClusterOptions["refuse"] = ({ verb, kind }) =>
    verb === "create" && kind.kind === "BackupStorageLocation" && ++tries > 1 ? "Invalid" : undefined;
  const { done, writes } = await run(`${create} --credentials-file ${file}`, { refuse });
  await assert.rejects(done, { reason: "Invalid" });
  assert.deepEqual(written(writes()).slice(2), [
    "create Secret extra-credentials",
    "create BackupStorageLocation extra",
    "delete Secret extra-credentials",
  ]);
});

test("nothing is made when a right is missing, a name is taken or the file has no such profile", async () => {
  const forbidden = await run(`${create} --credentials-file ${file}`, {
    refuse: ({ verb, kind }) => (verb === "create" && kind.kind === "BackupStorageLocation" ? "Forbidden" : undefined),
  });
  await assert.rejects(forbidden.done, { reason: "Forbidden" });
  assert.deepEqual(
    forbidden.cluster.requests.filter(({ verb }) => verb === "delete"),
    [],
  );
  const taken = await run(create, { objects: [location("extra")] });
  await assert.rejects(taken.done, { reason: "AlreadyExists" });
  const secretTaken = await run(`${create} --credentials-file ${file}`, { objects: [secret("extra-credentials", {})] });
  await assert.rejects(secretTaken.done, { reason: "AlreadyExists", message: /secrets "extra-credentials"/ });
  const noProfile = await run(`${create} --credentials-file ${file} --profile nope`, {});
  await assert.rejects(noProfile.done, { message: /has no profile nope/ });
  const half = await run(`${create} --credentials-file ${file} --profile other`, {});
  await assert.rejects(half.done, { message: /profile other of .* has no aws_secret_access_key/ });
  for (const { writes } of [taken, secretTaken, noProfile, half]) assert.deepEqual(writes(), []);
});

test("a dry run of the client asks the cluster nothing and shows no key", async () => {
  const { done, cluster } = await run(`${create} --credentials-file ${file} --dry-run=client`, {});
  const text = `${await textOf(await done)}${JSON.stringify(command.document(await done))}`;
  assert.deepEqual(cluster.requests, []);
  assert.match(
    text,
    /^secret\/extra-credentials created \(dry run\)\nbackupstoragelocation\.velero\.io\/extra created/,
  );
  assert.doesNotMatch(text, /s3cret|AKIA/);
});

test("a flag of another action, and words that are none, are refused before anything is asked", async () => {
  for (const [words, message] of [
    ["delete x --bucket b", /--bucket does not go with location delete/],
    ["default x --yes", /--yes does not go with location default/],
    ["defualt x", /"defualt" is nothing that can be done/],
    ["create", /say which location/],
    ["credentials x", /say where the new keys are/],
    ["create x --bucket b --region r --credentials-file f --secret a=b", /both say which keys/],
    ["create x --bucket b --region r --secret a", /names no key of a Secret/],
  ] as const) {
    const { done, cluster } = await run(words, {});
    await assert.rejects(
      done,
      (error) => error instanceof Failure && error.kind === "usage" && message.test(error.message),
      words,
    );
    assert.deepEqual(cluster.requests, []);
  }
});

test("one default at a time: the others are unset first", async () => {
  const objects = [location("a", { default: true }), location("b"), location("c", { default: true })];
  const { done, writes } = await run("default b", { objects });
  const change = await done;
  assert.deepEqual(
    writes().map(({ name, change: to }) => [name, to]),
    [
      ["a", { spec: { default: false } }],
      ["c", { spec: { default: false } }],
      ["b", { spec: { default: true } }],
    ],
  );
  assert.equal(await textOf(change), "Backups that name no location go to b from now on, and no more to a, c.");
  const again = await run("default b", { objects: [location("b", { default: true })] });
  assert.equal(await textOf(await again.done), "Location b is the default already.");
  assert.deepEqual(again.writes(), []);
});

test("when the new default is refused, the old one stays", async () => {
  const objects = [location("a", { default: true }), location("b")];
  const refuse: FakeClusterOptions["refuse"] = ({ verb, name, dryRun }) =>
    verb === "patch" && name === "b" && !dryRun ? "Invalid" : undefined;
  const { done, cluster } = await run("default b", { objects, refuse });
  await assert.rejects(done, { reason: "Invalid" });
  const a = await cluster.get<BackupStorageLocation>(
    { group: "velero.io", version: "v1", plural: "backupstoragelocations", kind: "BackupStorageLocation" },
    { namespace: "velero", name: "a" },
  );
  assert.equal(a.spec?.default, true);
  const readOnly = await run("default r", { objects: [location("r", { accessMode: "ReadOnly" })] });
  await assert.rejects(readOnly.done, { message: /read-only/ });
});

const mkeConfig: KubeObject & { spec: object } = {
  kind: "MkeConfig",
  metadata: { name: "mke", namespace: "mke" },
  spec: { backup: { enabled: true, storage_provider: { type: "InCluster" } } },
};

test("what belongs to MKE or to Helm is left alone, with the place where it is changed", async () => {
  const managed = location("default", { default: true }, helms);
  const inMke = { ...managed, metadata: { ...managed.metadata, namespace: "mke" } };
  const extra = { ...location("extra"), metadata: { name: "extra", namespace: "mke" } };
  for (const words of [
    "default extra",
    "delete default --yes",
    `credentials default --credentials-file ${file}`,
    create.replace("extra", "default"),
  ]) {
    const { done, writes } = await run(words, { objects: [inMke, extra] }, { namespace: "mke" });
    await assert.rejects(done, {
      message: "location default belongs to MKE, which would revert the change",
      next: ["change it in mke4.yaml (backup.storage_provider): mkectl apply -f mke4.yaml"],
    });
    assert.deepEqual(writes(), [], words);
  }
  const declared = await run(create.replace("extra", "default"), { objects: [mkeConfig] }, { namespace: "mke" });
  await assert.rejects(declared.done, { reason: "Managed" });
  const alone = await run(create.replace("extra", "default"), {}, { namespace: "mke" });
  assert.equal((await alone.done).location.metadata.name, "default");
  const helm = await run("delete default --yes", { objects: [managed] });
  await assert.rejects(helm.done, { message: /belongs to Helm release my-velero, whose next upgrade/ });
});

test("a deletion says what goes and what stays, and takes along what is of no use without the location", async () => {
  const objects = [
    location("x", { credential: { name: "x-credentials", key: "cloud" } }),
    location("y"),
    secret("x-credentials", ours),
    backup("one", "x"),
    backup("another", "y"),
    {
      kind: "Schedule",
      metadata: { name: "nightly", namespace: "velero" },
      spec: { template: { storageLocation: "x" } },
    },
    { kind: "BackupRepository", metadata: { name: "shop-x", namespace: "velero" } },
  ];
  const { done, told, writes } = await run("delete x", { objects });
  const change = await done;
  assert.equal(
    told.join("\n"),
    `Delete location x
  goes    the location: Velero looks there no more
          1 Backup object: no restore from it (one)
          Secret x-credentials with its keys
  stays   every file in bucket x
          (a new location of that bucket brings the backups back)
  breaks  schedule nightly, whose backups go there`,
  );
  assert.deepEqual(written(writes()), [
    "delete BackupStorageLocation x",
    "delete Backup one",
    "delete BackupRepository shop-x",
    "delete Secret x-credentials",
  ]);
  assert.equal(command.verdict?.(change), undefined);
  assert.equal(
    (await textOf(change)).replaceAll("\n", " "),
    "Location x deleted with 1 Backup object and Secret x-credentials; the files in bucket x stay.",
  );
});

test("a deletion is declined, or refused: the default one, one that is written to, a Secret of somebody else", async () => {
  const declined = await run("delete x", { objects: [location("x")] }, { agrees: false });
  assert.equal(command.verdict?.(await declined.done)?.message, "Nothing was deleted.");
  assert.deepEqual(declined.writes(), []);
  const queued = await run("delete x --yes", { objects: [location("x"), backup("q", "x", "Queued")] });
  assert.deepEqual(((await queued.done) as LocationDeletion).backups, ["q"]);
  const isDefault = await run("delete x", { objects: [location("x", { default: true })] });
  await assert.rejects(isDefault.done, { message: /is the default one/ });
  const busy = await run("delete x --yes", { objects: [location("x"), backup("b", "x", "InProgress")] });
  await assert.rejects(busy.done, { message: "backup b is still being written to location x" });
  const objects = [location("x", { default: true, credential: { name: "k", key: "cloud" } }), secret("k", {})];
  const insisted = await run("delete x --yes", { objects });
  await insisted.done;
  assert.deepEqual(written(insisted.writes()), ["delete BackupStorageLocation x"]);
});

test("what could not go along is named, and the exit code tells", async () => {
  const objects = [location("x", { credential: { name: "k", key: "cloud" } }), secret("k", ours)];
  const refuse: FakeClusterOptions["refuse"] = ({ verb, kind }) =>
    verb === "delete" && kind.kind === "Secret" ? "Forbidden" : undefined;
  const { done } = await run("delete x --yes", { objects, refuse });
  const verdict = command.verdict?.(await done);
  assert.match(verdict?.message ?? "", /^location x is gone, but this was left: secrets k: .*cannot delete/);
});

test("new keys go into the Secret that this program made; another one needs a yes, the server's own stays", async () => {
  const keyed = location("x", { credential: { name: "k", key: "cloud" }, config: { profile: "p" } });
  const words = `credentials x --credentials-file ${file} --no-check --no-wait`;
  const { done, cluster } = await run(words, { objects: [keyed, secret("k", ours)] });
  const change = await done;
  const { data } = await cluster.get<Secret>(
    { group: "", version: "v1", plural: "secrets", kind: "Secret" },
    { namespace: "velero", name: "k" },
  );
  assert.equal(
    Buffer.from(data?.["cloud"] ?? "", "base64").toString(),
    "[default]\naws_access_key_id=old\naws_secret_access_key=old\n\n[p]\naws_access_key_id=AKIA\naws_secret_access_key=s3cret\n",
  );
  assert.match(await textOf(change), /^Location x: keys changed in Secret k, not checked/);
  const foreign = await run(words, { objects: [keyed, secret("k", {})] });
  await assert.rejects(foreign.done, { message: "Secret k was not made by this program, and others may use it" });
  assert.equal((await (await run(`${words} --yes`, { objects: [keyed, secret("k", {})] })).done).action, "credentials");
  const helm = await run(`${words} --yes`, { objects: [keyed, secret("k", helms)] });
  await assert.rejects(helm.done, { reason: "Managed" });
  const none = await run(words, { objects: [location("x")] });
  await assert.rejects(none.done, { message: /has no keys of its own/ });
  for (const { writes } of [foreign, helm, none]) assert.deepEqual(writes(), []);
});
