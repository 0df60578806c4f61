// Nothing that opens a door may come out of any verb: no signed URL, no key of the store, no value of a Secret.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { minioCredentials } from "../cluster/manifests.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const backup = uniqueName("secrecy");
const folder = mkdtempSync(join(tmpdir(), "mkebackup-secrecy-"));
const value = `s3cr3t-${uniqueName("value")}`;
const changed = `${value}-changed`;
const secretPath = "/api/v1/namespaces/shop/secrets";
const env = {
  MKEBACKUP_LOG: "trace",
  XDG_CACHE_HOME: join(folder, "cache"),
  HOME: folder,
};

before(async () => {
  world = await openWorld();
  await world.api.post(secretPath, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: backup,
      namespace: "shop",
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ stringData: { password: value } }),
      },
    },
    stringData: { password: value },
  });
  assertExit(await world.run(`create ${backup} --include-namespaces shop --default-volumes-to-fs-backup`), 0);
  await world.api.patch(`${secretPath}/${backup}`, { stringData: { password: changed } });
});

after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.api.delete(`${secretPath}/${backup}`);
  await world.run(`delete backup/${backup} --yes`);
  await world.stop();
});

const base64 = (text: string) => Buffer.from(text).toString("base64");
/** Base64 of a longer text has the value at one of three offsets; whole values are what Secrets hold. */
const secrets: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a signature", /X-Amz-Signature=[0-9a-f]/],
  ["a credential of a link", /X-Amz-Credential=\w/],
  ["the store's key", new RegExp(`${minioCredentials.password}|aws_secret_access_key=`)],
  ["the store's key, encoded", new RegExp(base64(minioCredentials.password))],
  ["the value of a Secret", new RegExp(value)],
  ["the value of a Secret, encoded", new RegExp(`${base64(value)}|${base64(changed)}`)],
];

function assertNothingSecret(text: string, where: string): void {
  for (const [what, pattern] of secrets) {
    const found = pattern.exec(text);
    const around = found === null ? "" : text.slice(Math.max(found.index - 200, 0), found.index + 40);
    assert.equal(found, null, `${where} holds ${what}: …${around}`);
  }
}

const lines = [
  `describe ${backup} --details`,
  `describe ${backup} -o json`,
  `describe location/default -o yaml`,
  `logs ${backup}`,
  `logs ${backup} --raw`,
  `logs ${backup} -o json`,
  `contents ${backup}`,
  `contents ${backup} secrets -o wide`,
  `contents ${backup} secrets -o yaml`,
  `contents ${backup} secret/${backup} -o json`,
  `search secret/${backup} -o json`,
  `diff ${backup} live secret/${backup}`,
  `diff ${backup} live -o json`,
  `list locations -o yaml`,
  `status -o json`,
];
for (const line of lines) {
  test(`${line.replaceAll(backup, "BACKUP")} shows nothing secret, at log level trace either`, async () => {
    const outcome = await world.run(line, env);
    assert.ok([0, 3].includes(outcome.code ?? 1), outcome.stderr.slice(-600));
    assert.notEqual(outcome.stdout, "");
    assertNothingSecret(outcome.stdout, "stdout");
    assertNothingSecret(outcome.stderr, "stderr");
  });
}

test("a download says nothing secret, and only the file holds the Secret", async () => {
  const file = join(folder, "data.tar.gz");
  const outcome = await world.run(`download ${backup} -o ${file}`, env);
  assertExit(outcome, 0);
  assertNothingSecret(outcome.stdout + outcome.stderr, "the screen");
  assert.match(gunzipSync(readFileSync(file)).toString("latin1"), new RegExp(base64(value)));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a value is shown to whoever says --show-secrets, and to nobody else", async () => {
  const shown = await world.run(`contents ${backup} secret/${backup} -o yaml --show-secrets`);
  assertExit(shown, 0);
  assert.match(shown.stdout, new RegExp(base64(value)));
});

test("the cache holds names, nothing secret, and nobody else may read it", () => {
  const root = join(folder, "cache");
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  const contents = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  assert.ok(contents.length > 0, "search left nothing in the cache");
  for (const file of contents) {
    assert.equal(statSync(file).mode & 0o077, 0);
    const bytes = readFileSync(file);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    assertNothingSecret((isPacked ? gunzipSync(bytes) : bytes).toString("latin1"), file);
  }
  for (const entry of files.filter((one) => one.isDirectory()))
    assert.equal(statSync(join(entry.parentPath, entry.name)).mode & 0o077, 0, entry.name);
});

test("a store that refuses says nothing secret", async () => {
  const outcome = await world.run(`logs ${backup}-nothing`, env);
  assertExit(outcome, 1);
  assertNothingSecret(outcome.stdout + outcome.stderr, "the screen");
});
