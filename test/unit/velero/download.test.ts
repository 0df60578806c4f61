import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject, ResourceKind } from "../../../src/core/resource.ts";
import type { Cluster } from "../../../src/kube/cluster.ts";
import { signedUrl } from "../../../src/velero/download.ts";
import type { DownloadRequest } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { fakeTime } from "../fake-time.ts";

const target = { kind: "BackupResults", name: "b1" } as const;
const url = "http://minio.mke.svc:9000/velero/backups/b1/b1-results.gz?X-Amz-Signature=abc";

/** A cluster whose server signs the link at the given look; `held` tells what is left of the requests. */
function signing(atLook: number, options: FakeClusterOptions = {}) {
  const fake = fakeCluster(options);
  let looks = 0;
  const created: DownloadRequest[] = [];
  const cluster: Cluster = {
    ...fake,
    async create(kind, object, own) {
      created.push(object as unknown as DownloadRequest);
      return fake.create(kind, object, own);
    },
    async get<T extends KubeObject>(
      kind: ResourceKind<T>,
      reference: { namespace?: string | undefined; name: string },
    ) {
      const found = await fake.get(kind, reference);
      return ++looks < atLook ? found : ({ ...found, status: { downloadURL: url } } as T);
    },
  };
  const left = async () => (await fake.list({ group: "", version: "", plural: "", kind: "DownloadRequest" })).length;
  return { cluster, created, left };
}

test("a link is asked for until it is there, and the request is deleted", async (t) => {
  fakeTime(t);
  const { cluster, created, left } = signing(3);
  const signed = await signedUrl(cluster, "mke", target, { signal: new AbortController().signal, limit: 5000 });
  assert.equal(signed.href, url);
  assert.deepEqual(created[0]?.spec, { target });
  assert.equal(created[0]?.metadata.namespace, "mke");
  assert.equal(await left(), 0);
});

test("a server that signs nothing is given up at the limit, and the request is deleted", async (t) => {
  const time = fakeTime(t);
  const { cluster, left } = signing(Number.POSITIVE_INFINITY);
  await assert.rejects(signedUrl(cluster, "mke", target, { signal: new AbortController().signal, limit: 5000 }), {
    kind: "timeout",
    message: "timed out waiting for the Velero server to sign a link",
  });
  assert.equal(time.now, 5000);
  assert.equal(await left(), 0);
});

test("an interrupt leaves no request behind", async (t) => {
  fakeTime(t);
  const interrupt = new AbortController();
  const reason = new Failure("interrupted", "interrupted");
  const { cluster, left } = signing(Number.POSITIVE_INFINITY, {
    refuse: ({ verb }) => {
      if (verb === "get") interrupt.abort(reason);
      return undefined;
    },
  });
  await assert.rejects(signedUrl(cluster, "mke", target, { signal: interrupt.signal, limit: 5000 }), reason);
  assert.equal(await left(), 0);
});

test("the request is deleted with a last word, which an interrupt does not hold up", async (t) => {
  fakeTime(t);
  const { cluster } = signing(1);
  const options: unknown[] = [];
  const watched: Cluster = {
    ...cluster,
    async delete(kind, reference, signal, how) {
      options.push([signal, how]);
      return cluster.delete(kind, reference, signal, how);
    },
  };
  await signedUrl(watched, "mke", target, { signal: new AbortController().signal, limit: 5000 });
  assert.deepEqual(options, [[undefined, { lastWord: true }]]);
});

test("reading does not wait until the request is deleted", async (t) => {
  fakeTime(t);
  const { cluster } = signing(1);
  const slow: Cluster = { ...cluster, delete: () => new Promise(() => undefined) };
  const signed = await signedUrl(slow, "mke", target, { signal: new AbortController().signal, limit: 5000 });
  assert.equal(signed.href, url);
});

for (const [reason, deletions] of [
  ["Unreachable", 1],
  ["Forbidden", 0],
  ["Invalid", 0],
] as const) {
  test(`a request whose creation is ${reason} is ${deletions === 0 ? "not" : "perhaps there, and"} deleted`, async () => {
    const asked: string[] = [];
    const { cluster } = signing(1, {
      refuse: ({ verb }) => {
        asked.push(verb);
        return verb === "create" ? reason : undefined;
      },
    });
    const options = { signal: new AbortController().signal, limit: 5000 };
    await assert.rejects(signedUrl(cluster, "mke", target, options), { reason });
    assert.equal(asked.filter((verb) => verb === "delete").length, deletions);
  });
}

test("a server that takes longer than usual is looked for, and given up at once when none runs", async (t) => {
  const time = fakeTime(t);
  const { cluster, left } = signing(Number.POSITIVE_INFINITY);
  const stopped = new Failure("failed", "the Velero server is not running");
  const checkServer = () => Promise.reject(stopped);
  const options = { signal: new AbortController().signal, limit: 5000, checkServer };
  await assert.rejects(signedUrl(cluster, "mke", target, options), stopped);
  assert.ok(time.now > 1000 && time.now < 1500, String(time.now));
  assert.equal(await left(), 0);
});

test("a server that signs in its usual time is not looked for", async (t) => {
  fakeTime(t);
  const checkServer = () => Promise.reject(new Error("nobody asked"));
  const { cluster } = signing(5);
  const options = { signal: new AbortController().signal, limit: 5000, checkServer };
  assert.equal((await signedUrl(cluster, "mke", target, options)).href, url);
});

test("not being allowed to delete the request is no failure", async (t) => {
  fakeTime(t);
  const { cluster } = signing(1, { refuse: ({ verb }) => (verb === "delete" ? "Forbidden" : undefined) });
  const signed = await signedUrl(cluster, "mke", target, { signal: new AbortController().signal, limit: 5000 });
  assert.equal(signed.href, url);
});

test("not being allowed to ask is said as such", async () => {
  const { cluster } = signing(1, { refuse: ({ verb }) => (verb === "create" ? "Forbidden" : undefined) });
  await assert.rejects(signedUrl(cluster, "mke", target, { signal: new AbortController().signal, limit: 5000 }), {
    reason: "Forbidden",
  });
});

test("the request's name is unique, and short enough for the longest backup's name", async (t) => {
  fakeTime(t);
  const { cluster, created } = signing(1);
  const options = { signal: new AbortController().signal, limit: 5000 };
  for (const _ of [1, 2]) await signedUrl(cluster, "mke", { ...target, name: "a".repeat(253) }, options);
  const [first, second] = created.map(({ metadata }) => metadata.name);
  assert.ok((first ?? "").length <= 253);
  assert.notEqual(first, second);
});
