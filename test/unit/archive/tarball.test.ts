import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { itemPath, manifests } from "../../../src/archive/tarball.ts";
import { Failure } from "../../../src/core/failure.ts";
import { writeTar } from "../../sandbox/velero/tar.ts";
import { fakeArchive } from "../fake-archive.ts";

const web = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" } };
const shop = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const plain: readonly (readonly [string, string])[] = [
  ["metadata/version", "1.1.0\n"],
  ["resources/deployments.apps/namespaces/shop/web.json", JSON.stringify(web)],
  ["resources/deployments.apps/v1-preferredversion/namespaces/shop/web.json", JSON.stringify(web)],
  ["resources/namespaces/cluster/shop.json", JSON.stringify(shop)],
  ["resources/namespaces/v1-preferredversion/cluster/shop.json", JSON.stringify(shop)],
];
const packed = (files: Iterable<readonly [string, string]>) => gzipSync(writeTar(files));
const archiveOf = (tarball: Buffer) => fakeArchive({ "BackupContents/b1": tarball });
const read = (tarball: Buffer, wanted?: (path: { resource: string }) => boolean) =>
  Array.fromAsync(manifests(archiveOf(tarball), "b1", wanted === undefined ? {} : { wanted }));

test("each object of a tarball comes once", async () => {
  assert.deepEqual(await read(packed(plain)), [
    { resource: "deployments.apps", namespace: "shop", name: "web", manifest: web },
    { resource: "namespaces", namespace: undefined, name: "shop", manifest: shop },
  ]);
});

test("an object that lies there only under its version comes too", async () => {
  const versioned = plain.filter(([path]) => path.includes("preferredversion"));
  assert.deepEqual(
    (await read(packed(versioned))).map(({ name }) => name),
    ["web", "shop"],
  );
});

test("what is not asked for is not parsed", async () => {
  const broken = [["resources/pods/namespaces/shop/broken.json", "{"] as const, ...plain];
  const found = await read(packed(broken), ({ resource }) => resource === "namespaces");
  assert.deepEqual(
    found.map(({ name }) => name),
    ["shop"],
  );
});

test("large objects that are passed over do not stop the reading of others", { timeout: 20_000 }, async (t) => {
  const pod = (name: string) =>
    JSON.stringify({ kind: "Pod", metadata: { name, annotations: { x: randomBytes(4000).toString("base64") } } });
  const many = Array.from(
    { length: 300 },
    (_, at) => [`resources/pods/namespaces/shop/p${at}.json`, pod(`p${at}`)] as const,
  );
  const tarball = packed(many);
  const folder = await mkdtemp(join(tmpdir(), "mkebackup-tarball-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "b1.tar.gz"), tarball);
  const content = createReadStream(join(folder, "b1.tar.gz"));
  const archive = { ...fakeArchive({}), open: async () => ({ size: tarball.length, etag: undefined, content }) };
  const found = await Array.fromAsync(manifests(archive, "b1", { wanted: ({ name }) => name.endsWith("7") }));
  assert.equal(found.length, 30);
});

test("whoever stops reading ends the transfer", async () => {
  const whole = packed(plain);
  const content = new Readable({ read() {} });
  content.push(whole.subarray(0, whole.length - 30));
  const archive = { ...fakeArchive({}), open: async () => ({ size: whole.length, etag: undefined, content }) };
  for await (const { name } of manifests(archive, "b1")) {
    assert.equal(name, "web");
    break;
  }
  assert.ok(content.destroyed);
});

test("a transfer that breaks is its own failure, not a damaged file", async () => {
  const gone = new Failure("failed", "the tunnel broke", { reason: "Unreachable" });
  const content = new Readable({ read() {} });
  content.push(packed(plain).subarray(0, 40));
  setImmediate(() => content.destroy(gone));
  const archive = { ...fakeArchive({}), open: async () => ({ size: 1, etag: undefined, content }) };
  await assert.rejects(Array.fromAsync(manifests(archive, "b1")), gone);
});

const header = (change: (block: Buffer) => void): Buffer => {
  const tar = writeTar(plain);
  change(tar);
  // The checksum has to fit again, so that only the change is wrong.
  tar.write(" ".repeat(8), 148, "latin1");
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return gzipSync(tar);
};
const whole = packed(plain);
const damages: readonly (readonly [what: string, tarball: Buffer, why: RegExp])[] = [
  ["is no gzip", Buffer.from("<html>not found</html>"), /it is not what gzip writes$/],
  ["is empty", Buffer.alloc(0), /it (ends in the middle|is not a tar archive)$/],
  ["was cut", whole.subarray(0, whole.length - 20), /it ends in the middle$/],
  ["is followed by something else", Buffer.concat([whole, Buffer.from("more")]), /it is not what gzip writes$/],
  ["holds a tar that was cut", gzipSync(writeTar(plain).subarray(0, 1400)), /it ends in the middle$/],
  ["holds no tar", gzipSync(Buffer.alloc(4096, "x")), /it is not a tar archive$/],
  ["holds a wrong checksum", gzipSync(writeTar(plain).fill("9", 148, 154)), /it is not a tar archive$/],
  ["names an absolute path", packed([["/etc/passwd", "x"]]), /names a place outside of itself: "\/etc\/passwd"$/],
  ["names a parent folder", packed([["resources/../../x", "x"]]), /names a place outside of itself/],
  ["holds a symbolic link", header((tar) => tar.write("2", 156)), /metadata\/version is a symlink$/],
  [
    "holds a manifest that is no JSON",
    packed([["resources/pods/cluster/a.json", "{"]]),
    /a\.json in .* it is not JSON$/,
  ],
  [
    "holds a manifest that is no object",
    packed([["resources/pods/cluster/a.json", "[]"]]),
    /it is no Kubernetes object$/,
  ],
];
for (const [what, tarball, why] of damages) {
  test(`a tarball that ${what} is damaged`, async () => {
    await assert.rejects(read(tarball), (error: unknown) => {
      assert.ok(error instanceof Failure, String(error));
      assert.equal(error.reason, "Damaged");
      assert.match(error.message, /^.*backups\/b1\/b1\.tar\.gz is damaged: /);
      assert.match(error.message, why);
      return true;
    });
  });
}

test("what unpacks to far more than anything real is refused before it fills the memory", async () => {
  const bomb = packed([["resources/pods/cluster/a.json", " ".repeat(100 * 1024 * 1024)]]);
  await assert.rejects(
    read(bomb, () => false),
    { reason: "Damaged", message: /unpack to more than \d+$/ },
  );
});

test("a manifest larger than any object is refused", async () => {
  const noise = Buffer.alloc(33 * 1024 * 1024, "0123456789abcdefghijklmnopqrstuvwxyz!").toString();
  await assert.rejects(read(packed([["resources/pods/cluster/a.json", noise]])), { reason: "Damaged" });
});

const paths: readonly (readonly [path: string, item: readonly (string | undefined)[] | undefined])[] = [
  ["resources/pods/namespaces/shop/web.json", ["pods", "shop", "web"]],
  ["resources/nodes/cluster/a.b.c.json", ["nodes", undefined, "a.b.c"]],
  [
    "resources/clusterroles.rbac.authorization.k8s.io/cluster/system:node.json",
    ["clusterroles.rbac.authorization.k8s.io", undefined, "system:node"],
  ],
  ["resources/pods/v1-preferredversion/namespaces/shop/web.json", ["pods", "shop", "web"]],
  ["resources/ingresses.networking.k8s.io/v1beta1/namespaces/shop/web.json", undefined],
  ["metadata/version", undefined],
  ["resources/pods/namespaces/shop/web.yaml", undefined],
];
for (const [path, item] of paths) {
  test(`${path} is ${item === undefined ? "no object's place" : item.join(" ")}`, () => {
    const found = itemPath(path);
    assert.deepEqual(found && [found.resource, found.namespace, found.name], item);
  });
}
