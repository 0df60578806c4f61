// Another place for backups: made, used, given other keys and forgotten, beside the one that belongs to MKE.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { minioCredentials } from "../cluster/manifests.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let client: S3Client;
const name = uniqueName("extra");
const foreign = uniqueName("foreign");
const backup = uniqueName("elsewhere");
const other = uniqueName("velero-of-ones-own");
const folder = mkdtempSync(join(tmpdir(), "mkebackup-location-"));
const keys = join(folder, "keys.ini");
const { user, password } = minioCredentials;
writeFileSync(
  keys,
  `[default]\naws_access_key_id=${user}\naws_secret_access_key=wrong\n\n[good]\naws_access_key_id = ${user}\naws_secret_access_key = ${password}\n`,
);

const locations = "/apis/velero.io/v1/namespaces/mke/backupstoragelocations";
const secretPath = `/api/v1/namespaces/mke/secrets/${name}-credentials`;
const where = (bucket: string) => `--bucket ${bucket} --endpoint http://minio.mke.svc:9000 --path-style --region minio`;
const statusOf = async (path: string) => (await world.api.request("GET", path)).status;
const env = { MKEBACKUP_LOG: "trace" };

before(async () => {
  world = await openWorld();
  const credentials = { accessKeyId: user, secretAccessKey: password };
  client = new S3Client({ endpoint: world.storeUrl, region: "minio", forcePathStyle: true, credentials });
  for (const Bucket of [name, foreign]) await client.send(new CreateBucketCommand({ Bucket }));
});

after(async () => {
  for (const one of [name, foreign]) await world.run(`location delete ${one} --yes`);
  for (const Bucket of [name, foreign]) {
    for (const Key of await keysIn(Bucket)) await client.send(new DeleteObjectCommand({ Bucket, Key }));
    await client.send(new DeleteBucketCommand({ Bucket }));
  }
  await world.api.delete(`/api/v1/namespaces/${other}`);
  rmSync(folder, { recursive: true, force: true });
  client.destroy();
  await world.stop();
});

async function keysIn(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = "" }) => Key);
}

test("keys that the store does not take make nothing: the steps say which", async () => {
  const outcome = await world.run(`location create ${name} ${where(name)} --credentials-file ${keys}`);
  assertExit(outcome, 1);
  assert.match(outcome.stdout, /^list +FAIL +\S+ +the secret key does not belong/m);
  assert.match(outcome.stderr, new RegExp(`^error: location ${name} was not created: its storage cannot be used`));
  assert.equal(await statusOf(`${locations}/${name}`), 404);
  assert.equal(await statusOf(secretPath), 404);
});

test("a dry run makes nothing", async () => {
  const outcome = await world.run(
    `location create ${name} ${where(name)} --credentials-file ${keys} --profile good --dry-run=server`,
  );
  assertExit(outcome, 0);
  assert.equal(await statusOf(`${locations}/${name}`), 404);
  assert.equal(await statusOf(secretPath), 404);
});

test("a location is made with a Secret of one profile, waited for, and takes a backup; no key is shown", async () => {
  const outcome = await world.run(
    `location create ${name} ${where(name)} --credentials-file ${keys} --profile good`,
    env,
  );
  assertExit(outcome, 0);
  assert.match(outcome.stdout, new RegExp(`^Location ${name} Available:?\\s+created\n`));
  const encoded = Buffer.from(password).toString("base64").slice(0, -3);
  assert.doesNotMatch(outcome.stdout + outcome.stderr, new RegExp(`${password}|${encoded}|aws_secret_access_key=`));
  const { data, metadata } = (await world.api.get(secretPath)) as {
    data: { cloud: string };
    metadata: { labels: Record<string, string> };
  };
  assert.equal(metadata.labels["app.kubernetes.io/managed-by"], "kubectl-mkebackup");
  const text = Buffer.from(data.cloud, "base64").toString();
  assert.equal(text, `[good]\naws_access_key_id=${user}\naws_secret_access_key=${password}\n`);
  assert.deepEqual(await keysIn(name), [], "the proof leaves nothing behind");
  assert.match((await world.run("location list")).stdout, new RegExp(`^${name} +Available `, "m"));
  assert.match((await world.run(`location describe ${name}`)).stdout, new RegExp(`^Location ${name} Available`));

  assertExit(await world.run(`create ${backup} --include-namespaces shop --storage-location ${name}`), 0);
  assert.ok((await keysIn(name)).includes(`backups/${backup}/velero-backup.json`));
});

test("a second one of that name is refused", async () => {
  const outcome = await world.run(`location create ${name} ${where(name)} --credentials-file ${keys} --profile good`);
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /^Error from server \(AlreadyExists\): backupstoragelocations\.velero\.io/m);
});

test("another cluster's backups are only read", async () => {
  const stored = {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name: `${foreign}-b` },
    status: { phase: "Completed" },
  };
  const Key = `backups/${foreign}-b/velero-backup.json`;
  await client.send(new PutObjectCommand({ Bucket: foreign, Key, Body: JSON.stringify(stored) }));
  const create = `location create ${foreign} ${where(foreign)} --secret ${name}-credentials=cloud --profile good`;
  const refused = await world.run(create);
  assertExit(refused, 1);
  assert.match(
    refused.stderr,
    new RegExp(`^error: ${foreign} holds backups that this cluster does not know: ${foreign}-b\\.`),
  );
  assert.match(refused.stderr, /--access-mode ReadOnly/);
  assert.equal(await statusOf(`${locations}/${foreign}`), 404);
  assertExit(await world.run(`${create} --access-mode ReadOnly`), 0);
  assert.deepEqual(await keysIn(foreign), [Key]);
});

test("keys are changed when the new ones are proved, and not otherwise", async () => {
  const before = (await world.api.get(secretPath))["data"];
  const wrong = await world.run(`location credentials ${name} --credentials-file ${keys}`);
  assertExit(wrong, 1);
  assert.match(wrong.stderr, /^error: the keys of location .* were not changed/m);
  assert.deepEqual((await world.api.get(secretPath))["data"], before);
  const good = await world.run(`location credentials ${name} --credentials-file ${keys} --profile good`);
  assertExit(good, 0);
  assert.match(
    good.stdout,
    new RegExp(`^Location ${name} Available:?\\s+keys changed in Secret ${name}-credentials\n`),
  );
  // Whoever insists is told by the server what came of it.
  const insisted = await world.run(`location credentials ${name} --credentials-file ${keys} --no-check`);
  assertExit(insisted, 1);
  assert.match(insisted.stderr, new RegExp(`^error: location ${name} is Unavailable: `, "m"));
  assertExit(await world.run(`location credentials ${name} --credentials-file ${keys} --profile good`), 0);
});

test("MKE's own location is left alone", async () => {
  for (const words of [`default ${name}`, "delete default --yes", `credentials default --credentials-file ${keys}`]) {
    const outcome = await world.run(`location ${words}`);
    assertExit(outcome, 1);
    assert.match(
      outcome.stderr,
      /^error: location default belongs to MKE, which would revert the change\nnext {2}change it in mke4\.yaml/,
    );
  }
});

test("of a Velero of one's own, another location becomes the default", async () => {
  await world.api.post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: other } });
  const create = (word: string) =>
    world.run(`-n ${other} location create ${word} --bucket ${word} --region eu-west-1 --no-check --no-wait --default`);
  assertExit(await create("first"), 0);
  assertExit(await create("second"), 0);
  const defaults = async () => {
    const { items } = (await world.api.get(locations.replace("/mke/", `/${other}/`))) as {
      items: { metadata: { name: string }; spec: { default?: boolean } }[];
    };
    return items.filter(({ spec }) => spec.default).map(({ metadata }) => metadata.name);
  };
  assert.deepEqual(await defaults(), ["second"]);
  const outcome = await world.run(`-n ${other} location default first`);
  assertExit(outcome, 0);
  assert.equal(outcome.stdout, "Backups that name no location go to first from now on, and no more to second.\n");
  assert.deepEqual(await defaults(), ["first"]);
  assertExit(await world.run(`-n ${other} location delete first`), 1);
});

test("a location is forgotten with its Backup objects and its Secret; the files stay", async () => {
  const asked = await world.run(`location delete ${name}`);
  assertExit(asked, 2);
  assert.match(asked.stderr, new RegExp(`goes .*\n +1 Backup object: no restore from it \\(${backup}\\)`));
  assert.equal(await statusOf(`${locations}/${name}`), 200);
  const outcome = await world.run(`location delete ${name} --yes`);
  assertExit(outcome, 0);
  for (const path of [`${locations}/${name}`, `/apis/velero.io/v1/namespaces/mke/backups/${backup}`])
    assert.equal(await statusOf(path), 404, path);
  assert.ok((await keysIn(name)).includes(`backups/${backup}/velero-backup.json`));
  assert.equal(await statusOf(secretPath), 200, "the other location uses it");
  assertExit(await world.run(`location delete ${foreign} --yes`), 0);
  assert.equal(await statusOf(secretPath), 404);
});
