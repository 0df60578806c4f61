import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { StorageProof } from "../../src/velero/storage-proof.ts";
import { minioCredentials } from "../cluster/manifests.ts";
import { secureStore, secureStoreName } from "../cluster/secure-store.ts";
import { restartVelero, veleroPath } from "./cluster-state.ts";
import { createUser, type Rule } from "./restricted-user.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let client: S3Client;

before(async () => {
  world = await openWorld();
  client = new S3Client({
    endpoint: world.storeUrl,
    region: "minio",
    forcePathStyle: true,
    credentials: { accessKeyId: minioCredentials.user, secretAccessKey: minioCredentials.password },
  });
});
after(async () => {
  client.destroy();
  await world.stop();
});

type Checked = StorageProof & { velero: { phase?: string; cause?: string; lastValidationTime?: string } };

/** Checks a location and reads the document. */
async function checked(words: string, code: number, env?: NodeJS.ProcessEnv): Promise<Checked> {
  const outcome = await world.run(`storage check ${words} -o json`, env);
  assertExit(outcome, code);
  assert.ok(!outcome.stdout.includes(minioCredentials.password) && !outcome.stderr.includes(minioCredentials.password));
  return JSON.parse(outcome.stdout) as Checked;
}
const stepOf = ({ steps }: StorageProof, name: string) => steps.find((step) => step.name === name);
const failedIn = ({ steps }: StorageProof) =>
  steps.filter(({ status }) => status === "fail").map(({ name, cause }) => `${name}: ${cause}`);

const probesLeft = async (): Promise<(string | undefined)[]> => {
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ Bucket: "velero", Prefix: "metadata/mkebackup-" }),
  );
  return Contents.map(({ Key }) => Key);
};

interface Spec {
  readonly bucket?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly accessMode?: string;
  readonly credentials?: string;
}

/** Another location in MinIO, with what is wrong with it; it is gone when the test is. */
async function anotherLocation(t: TestContext, { bucket = "velero", config, accessMode, credentials }: Spec) {
  const name = uniqueName("checked");
  t.after(async () => {
    await world.api.delete(`${veleroPath("backupstoragelocations")}/${name}`);
    if (credentials !== undefined) await world.api.delete(`/api/v1/namespaces/mke/secrets/${name}`);
  });
  if (credentials !== undefined)
    await world.api.post("/api/v1/namespaces/mke/secrets", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name },
      data: { cloud: Buffer.from(credentials).toString("base64") },
    });
  await world.api.post(veleroPath("backupstoragelocations"), {
    apiVersion: "velero.io/v1",
    kind: "BackupStorageLocation",
    metadata: { name, namespace: "mke" },
    spec: {
      provider: "aws",
      objectStorage: { bucket },
      config: { region: "minio", s3ForcePathStyle: "true", s3Url: "http://minio.mke.svc:9000", ...config },
      ...(accessMode === undefined ? {} : { accessMode }),
      ...(credentials === undefined ? {} : { credential: { name, key: "cloud" } }),
    },
  });
  return name;
}

const file = (id: string, key: string, profile = "default") =>
  `[${profile}]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`;

test("a healthy location: the answer first, each step, what Velero says, and nothing is left behind", async () => {
  const outcome = await world.run("storage check");
  assertExit(outcome, 0);
  const lines = outcome.stdout.split("\n");
  assert.match(lines[0] ?? "", /^OK {2}Location default works from here \(\d+ms\)$/);
  assert.match(outcome.stdout, /^connect +OK +\S+ +through the API server to pod mke\/minio-/m);
  assert.match(outcome.stdout, /^read back +OK +\S+ +the same bytes$/m);
  assert.match(outcome.stdout, /^delete +OK +\S+ +nothing is left behind$/m);
  assert.match(lines.at(-2) ?? "", /^Velero's view: Available, looked \d+s ago\.$/);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.deepEqual(await probesLeft(), []);
});

test("the document has each step with its time, the clocks and the server's view", async () => {
  const proof = await checked("default", 0);
  assert.ok(proof.passed);
  assert.deepEqual(failedIn(proof), []);
  assert.match(stepOf(proof, "resolve")?.detail ?? "", /^Service mke\/minio, pod minio-/);
  assert.equal(stepOf(proof, "credentials")?.detail, "Secret cloud-credentials, profile default");
  for (const skew of [proof.skew.store, proof.skew.cluster]) assert.ok(Math.abs(skew ?? 99_999) < 60_000);
  assert.ok((proof.latency ?? 0) > 0);
  assert.equal(proof.velero.phase, "Available");
});

test("the newest backup of the bucket is found", async (t) => {
  const name = uniqueName("newest");
  t.after(() => world.run(`delete backup/${name} --yes`));
  assertExit(await world.run(`create ${name} --include-namespaces shop`), 0);
  const { latestBackup } = await checked("", 0);
  assert.equal(latestBackup?.name, name);
});

test("--read-only, and a read-only location: nothing is written", async (t) => {
  const written = (proof: Checked) => ["write", "read back", "delete"].map((name) => stepOf(proof, name)?.detail);
  assert.deepEqual(written(await checked("--read-only", 0)), ["--read-only", "--read-only", "--read-only"]);
  const name = await anotherLocation(t, { accessMode: "ReadOnly" });
  const proof = await checked(name, 0);
  assert.equal(proof.readOnly, "location");
  assert.deepEqual(new Set(written(proof)), new Set(["the location is read-only"]));
});

const broken: readonly (readonly [what: string, spec: Spec, fails: string])[] = [
  ["an access key that nobody has", { credentials: file("nobody", minioCredentials.password) }, "list: wrong-key"],
  ["a bucket in the name of MinIO's host", { config: { s3ForcePathStyle: "false" } }, "list: host-style"],
  ["encryption, of which MinIO has no keys", { config: { serverSideEncryption: "AES256" } }, "write: encryption"],
  ["a secret key that is wrong", { credentials: file(minioCredentials.user, "wrong-secret") }, "list: wrong-secret"],
  [
    "a session token that is none",
    { credentials: `${file(minioCredentials.user, minioCredentials.password)}aws_session_token = none\n` },
    "list: expired-token",
  ],
  ["a profile that the file has not", { config: { profile: "other" } }, "credentials: profile-missing"],
  ["a bucket that does not exist", { bucket: "no-such-bucket" }, "list: missing-bucket"],
  ["a host that does not exist", { config: { s3Url: "http://no-such.mke.svc:9000" } }, "resolve: no-host"],
  ["a port that the Service has not", { config: { s3Url: "http://minio.mke.svc:9999" } }, "resolve: refused"],
  ["https where MinIO speaks http", { config: { s3Url: "https://minio.mke.svc:9000" } }, "TLS: plain-http"],
  ["a key that the plugin does not know", { config: { bogus: "1" } }, "settings: invalid-config"],
  ["an address without http", { config: { s3Url: "minio.mke.svc:9000" } }, "settings: bad-url"],
];
for (const [what, spec, fails] of broken) {
  test(`${what}: the step that fails is named, with the cause and what to do`, async (t) => {
    const name = await anotherLocation(t, spec);
    const proof = await checked(name, 1);
    assert.deepEqual(failedIn(proof), [fails]);
    const failed = proof.steps.find(({ status }) => status === "fail");
    assert.ok(failed?.hint !== undefined && failed.next !== undefined);
    const { stdout, stderr } = await world.run(`storage check ${name}`);
    assert.match(stdout, new RegExp(`^FAIL  Location ${name} fails at `));
    assert.match(stderr, /failed the check/);
  });
}

test("the server's own words on a wrong key have the same cause as this program's", async (t) => {
  // It waits for a minute and a half at an address of the last tests where nobody answers, before it looks at another location.
  await restartVelero(world.api);
  const name = await anotherLocation(t, { credentials: file("nobody", "nothing") });
  const { velero } = await eventually(
    "the server has looked at the location",
    () => checked(name, 1),
    (proof) => proof.velero.phase === "Unavailable",
  );
  assert.equal(velero.cause, "wrong-key");
});

const rule = (apiGroup: string, verbs: string[], ...resources: string[]): Rule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

test("a user who may read the keys may check; one who may not is told, and the store is not blamed", async (t) => {
  const reach = [
    rule("velero.io", ["get", "list"], "backupstoragelocations"),
    rule("", ["get", "list"], "services", "pods"),
    rule("", ["get", "create"], "pods/portforward"),
  ];
  const [may, mayNot] = [
    await createUser(world.api, uniqueName("checker"), [...reach, rule("", ["get"], "secrets")]),
    await createUser(world.api, uniqueName("looker"), reach),
  ];
  t.after(async () => {
    await may.remove();
    await mayNot.remove();
  });
  const as = ({ token }: { token: string }) => `--token ${token} -n mke --kubeconfig ${world.kubeconfig}`;
  const proof = await checked(`${as(may)} --read-only`, 0);
  assert.ok(proof.passed);
  const denied = await checked(as(mayNot), 1);
  assert.equal(stepOf(denied, "connect")?.status, "ok");
  assert.match(stepOf(denied, "credentials")?.detail ?? "", /^this user may not read the location's keys: /);
});

test("TLS with a private CA: the location's own is believed, without it the certificate is not", async (t) => {
  const { body } = await world.api.request("GET", "/apis/apps/v1/namespaces/mke/deployments/minio");
  const { image } = (body as { spec: { template: { spec: { containers: [{ image: string }] } } } }).spec.template.spec
    .containers[0];
  const { objects } = secureStore({ image, hasDns: true });
  const paths = ["/api/v1/namespaces/mke/secrets", "/api/v1/namespaces/mke/services"];
  const places = [...paths, "/apis/apps/v1/namespaces/mke/deployments", veleroPath("backupstoragelocations")];
  t.after(async () => {
    for (const place of places.toReversed()) await world.api.delete(`${place}/${secureStoreName}`);
  });
  for (const [at, object] of objects.entries()) await world.api.post(places[at] ?? "", object);
  const trusted = await eventually(
    "the store behind TLS runs",
    () => world.run(`storage check ${secureStoreName} -o json`),
    ({ code }) => code === 0,
  );
  const proof = JSON.parse(trusted.stdout) as Checked;
  assert.match(stepOf(proof, "TLS")?.detail ?? "", /^valid to \d{4}-\d\d-\d\d, .*issued by /);

  const path = `${veleroPath("backupstoragelocations")}/${secureStoreName}`;
  await world.api.patch(path, { spec: { objectStorage: { caCert: null } } });
  const untrusted = await checked(secureStoreName, 1);
  assert.deepEqual(failedIn(untrusted), ["TLS: untrusted"]);
  assert.equal(stepOf(untrusted, "list")?.detail, "needs TLS");

  await world.api.patch(path, { spec: { config: { insecureSkipTLSVerify: "true" } } });
  assert.match(
    stepOf(await checked(secureStoreName, 0), "TLS")?.detail ?? "",
    /^NOT verified, as the settings want it/,
  );
});

test("what is no check is refused, and a name that does not exist is answered with the nearest", async () => {
  assertExit(await world.run("storage prove"), 2);
  assertExit(await world.run("storage"), 2);
  const outcome = await world.run("storage check defaul");
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /nearest: default/);
});
