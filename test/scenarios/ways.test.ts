import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Failure } from "../../src/core/failure.ts";
import type { BackupStorageLocation } from "../../src/velero/types.ts";
import { secureStore, secureStoreName } from "../cluster/secure-store.ts";
import { longestChain, openDelayingProxy, type Seen } from "../faults/proxy.ts";
import { backupPath, names, scale, veleroPath } from "./cluster-state.ts";
import {
  backupFiles,
  changed,
  openReader,
  type Reader,
  type ReaderOptions,
  sizes,
  unsignedFiles,
} from "./opened-archive.ts";
import { createUser, type Rule } from "./restricted-user.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const backup = uniqueName("ways");
/** What the administrator reads of it by links. */
let whole: Record<string, number>;

before(async () => {
  world = await openWorld();
  assertExit(await world.run(`create ${backup} --include-namespaces shop --default-volumes-to-fs-backup`), 0);
});
after(async () => {
  await world.run(`delete backup/${backup} --yes`);
  await world.stop();
});

/** Opens the archive for one test, and closes it. */
async function reading<T>(options: Partial<ReaderOptions>, use: (reader: Reader) => Promise<T>): Promise<T> {
  const reader = await openReader({ kubeconfig: world.kubeconfig, ...options });
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

const requestsLeft = async (): Promise<number> => {
  const { items } = (await world.api.get(veleroPath("downloadrequests"))) as {
    items: { metadata: { name: string } }[];
  };
  return items.filter(({ metadata }) => metadata.name.startsWith(backup)).length;
};
const setDefault = (config: object) =>
  world.api.patch(`${veleroPath("backupstoragelocations")}/default`, { spec: { config } });

const tunnel = /^backups\/\S+: by a link that the server signed, through the API server to pod mke\/minio-\S+$/;
const byKeys = /^backups\/\S+: with the location's own keys, through the API server to pod mke\/minio-\S+$/;

test("ClusterIP only: every file by links through a tunnel, and no request is left", async () => {
  await reading({}, async ({ archive, notes }) => {
    whole = await sizes(archive, backupFiles, backup);
    assert.ok(
      Object.values(whole).every((size) => size > 0),
      JSON.stringify(whole),
    );
    assert.equal(notes.length, backupFiles.length);
    for (const note of notes) assert.match(note, tunnel);
  });
  assert.equal(await requestsLeft(), 0);
});

test("ClusterIP only: the same files with the location's own keys, and those that no server signs", async () => {
  await reading({ prefer: "keys" }, async ({ archive, notes }) => {
    assert.deepEqual(await sizes(archive, backupFiles, backup), whole);
    const unsigned = await sizes(archive, unsignedFiles, backup);
    assert.ok(
      Object.values(unsigned).every((size) => size > 0),
      JSON.stringify(unsigned),
    );
    for (const note of notes) assert.match(note, byKeys);
    const entries = await archive.entries("backup", backup);
    assert.ok(entries.some(({ key, size }) => key.endsWith(`${backup}.tar.gz`) && size === whole["BackupContents"]));
  });
});

test("a file that the bucket does not have is NotFound, either way", async (t) => {
  if (world.velero === "1.13") return t.skip("this Velero writes every file that it signs links to");
  for (const prefer of ["links", "keys"] as const) {
    await reading({ prefer }, ({ archive }) =>
      assert.rejects(archive.read({ kind: "CSIBackupVolumeSnapshots", name: backup }), { reason: "NotFound" }),
    );
  }
});

test("far away, files cost four round trips: the location, the links, a look at them, the tunnel", async () => {
  const far = await openDelayingProxy({ kubeconfig: world.kubeconfig, delayMs: 200 });
  try {
    await reading({ kubeconfig: far.kubeconfig }, async ({ archive }) => {
      archive.prepare?.();
      assert.deepEqual(await sizes(archive, backupFiles, backup), whole);
    });
    const first = untilTheFirstFile(far.requests());
    assert.ok(first.some(({ method }) => method === "UPGRADE"));
    const told = first.map(({ method, url, began, ended }) => `${method} ${url} ${began} ${ended}`);
    assert.ok(longestChain(first) <= 4, told.join("\n"));
  } finally {
    await far.close();
  }
});

/** The server signs one link after the other, and is asked until it has: what is added by that is its own time. */
function untilTheFirstFile(requests: readonly Seen[]): Seen[] {
  const tunnel = requests.find(({ method }) => method === "UPGRADE");
  return requests.filter((one) => one.began <= (tunnel?.began ?? 0) && one.method !== "DELETE");
}

const velero = (verbs: string[], ...resources: string[]): Rule => ({ apiGroups: ["velero.io"], resources, verbs });
const core = (verbs: string[], ...resources: string[]): Rule => ({ apiGroups: [""], resources, verbs });
const rights = {
  look: velero(["get", "list"], "backups", "backupstoragelocations"),
  ask: velero(["create", "get", "delete"], "downloadrequests"),
  find: core(["get", "list"], "services", "pods"),
  forward: core(["get", "create"], "pods/portforward"),
  secrets: core(["get"], "secrets"),
};

/** Reads as a user of namespace mke who has these rights alone. */
async function as<T>(
  having: readonly (keyof typeof rights)[],
  options: Partial<ReaderOptions>,
  use: (reader: Reader) => Promise<T>,
) {
  const user = await createUser(
    world.api,
    uniqueName("user"),
    having.map((name) => rights[name]),
  );
  try {
    return await reading({ token: user.token, ...options }, use);
  } finally {
    await user.remove();
  }
}

const log = { kind: "BackupLog", name: backup } as const;
const told = (check: (text: string, error: Failure) => void) => (error: unknown) => {
  assert.ok(error instanceof Failure, String(error));
  const text = [error.sentence, ...error.next].join("\n");
  assert.doesNotMatch(text, /X-Amz|Signature|mke-test-minio-password/);
  check(text, error);
  return true;
};

test("a user without Secret rights reads by links, also where keys are preferred, and is told what needs keys", async () => {
  await as(["look", "ask", "find", "forward"], { prefer: "keys" }, async ({ archive, notes }) => {
    assert.deepEqual(await sizes(archive, backupFiles, backup), whole);
    assert.ok(
      notes.some((note) => note.includes("not with the location's own keys: ")),
      notes.join("\n"),
    );
    const missing = told((text, { reason }) => {
      assert.equal(reason, "Forbidden");
      assert.match(text, /cannot get resource "secrets" in API group "" in the namespace "mke"/);
    });
    await assert.rejects(archive.read({ kind: "PodVolumeBackups", name: backup }), missing);
  });
});

test("a user who may not ask for links reads with the location's own keys", async () => {
  await as(["look", "find", "forward", "secrets"], {}, async ({ archive, notes }) => {
    assert.deepEqual(await sizes(archive, backupFiles, backup), whole);
    assert.ok(
      notes.some((note) => /not by a link .*cannot create resource "downloadrequests"/.test(note)),
      notes.join("\n"),
    );
  });
});

test("a user with neither right is told both", async () => {
  await as(["look", "find", "forward"], {}, async ({ archive }) => {
    const missing = told((text, { reason }) => {
      assert.equal(reason, "Forbidden");
      assert.match(text, /cannot create resource "downloadrequests"/);
      assert.match(text, /cannot get resource "secrets"/);
    });
    await assert.rejects(archive.read(log), missing);
  });
});

test("a user without port-forward rights is told the verb that is missing", async () => {
  await as(["look", "ask", "find", "secrets"], {}, async ({ archive }) => {
    const missing = told((text, { reason }) => {
      assert.equal(reason, "Forbidden");
      assert.match(text, /cannot (get|create) resource "pods\/portforward" in API group "" in the namespace "mke"/);
      assert.match(text, /get and create are needed/);
    });
    await assert.rejects(archive.read(log), missing);
  });
});

test("publicUrl reachable: files come directly, for a user without port-forward and Secret rights too", async () => {
  await setDefault({ publicUrl: world.storeUrl });
  try {
    await as(["look", "ask"], {}, async ({ archive, notes }) => {
      assert.deepEqual(await sizes(archive, backupFiles, backup), whole);
      for (const note of notes) assert.match(note, /: by a link that the server signed, directly$/);
    });
  } finally {
    await setDefault({ publicUrl: null });
  }
});

test("publicUrl that leads nowhere: with the location's own keys, through the tunnel", async () => {
  await setDefault({ publicUrl: "http://minio.nowhere.invalid:9000" });
  try {
    await reading({}, async ({ archive, notes }) => {
      assert.deepEqual(await sizes(archive, backupFiles, backup), whole);
      assert.ok(
        notes.some((note) => byKeys.test(note)),
        notes.join("\n"),
      );
    });
  } finally {
    await setDefault({ publicUrl: null });
  }
});

test("TLS with a private CA: the location's own is trusted, and nothing else but by the user's own choice", async (t) => {
  const { body } = await world.api.request("GET", "/apis/apps/v1/namespaces/mke/deployments/minio");
  const { image } = (body as { spec: { template: { spec: { containers: [{ image: string }] } } } }).spec.template.spec
    .containers[0];
  const { objects } = secureStore({ image, hasDns: world.name === "sandbox" });
  const paths = ["/api/v1/namespaces/mke/secrets", "/api/v1/namespaces/mke/services"];
  const places = [...paths, "/apis/apps/v1/namespaces/mke/deployments", veleroPath("backupstoragelocations")];
  const name = uniqueName("secured");
  t.after(async () => {
    await world.run(`delete backup/${name} --yes`);
    for (const place of places.toReversed()) await world.api.delete(`${place}/${secureStoreName}`);
  });
  for (const [at, object] of objects.entries()) await world.api.post(places[at] ?? "", object);
  const location = () => world.api.get(`${veleroPath("backupstoragelocations")}/${secureStoreName}`);
  await eventually(
    "the location behind TLS is available",
    async () => (await location()) as unknown as BackupStorageLocation,
    ({ status }) => status?.phase === "Available",
  );
  assertExit(await world.run(`create ${name} --include-namespaces shop --storage-location ${secureStoreName}`), 0);
  const found = (await location()) as unknown as BackupStorageLocation;
  // With keys too the way leads to the Service by its name.
  const byName = changed(found, {
    config: { ...found.spec?.config, s3Url: `https://${secureStoreName}.mke.svc:9000` },
  });
  const options = { locationName: secureStoreName };

  const read = await reading(options, async ({ archive, notes }) => {
    const seen = await sizes(archive, backupFiles, name);
    for (const note of notes) assert.match(note, /signed, through the API server to pod mke\/minio-tls-/);
    return seen;
  });
  assert.ok(
    Object.values(read).every((size) => size > 0),
    JSON.stringify(read),
  );
  await reading({ prefer: "keys", location: async () => byName }, async ({ archive, notes }) => {
    assert.deepEqual(await sizes(archive, backupFiles, name), read);
    for (const note of notes) assert.match(note, /own keys, through the API server to pod mke\/minio-tls-/);
  });

  const { caCert: _, ...objectStorage } = byName.spec?.objectStorage ?? {};
  const withoutCa = async () =>
    changed(byName, { objectStorage, config: { ...byName.spec?.config, insecureSkipTLSVerify: "true" } });
  await reading({ location: withoutCa }, async ({ archive }) => {
    const refused = told((text, { reason }) => {
      assert.equal(reason, "Untrusted");
      assert.match(text, /x509: certificate signed by unknown authority/);
      assert.match(text, /not this user's choice\n.*--insecure-skip-tls-verify/);
    });
    await assert.rejects(archive.read({ kind: "BackupLog", name }), refused);
  });
  for (const prefer of ["links", "keys"] as const) {
    await reading({ prefer, location: withoutCa, insecureSkipTlsVerify: true }, async ({ archive }) => {
      assert.deepEqual(await sizes(archive, backupFiles, name), read);
    });
  }
});

test("Velero stopped: files come with the location's own keys at once, and without them the reason is told", async (t) => {
  t.after(async () => {
    await scale(world.api, "velero", 1);
  });
  await scale(world.api, "velero", 0);
  // Until its pod has ended it goes on working.
  const pods = "/api/v1/namespaces/mke/pods?labelSelector=deploy%3Dvelero";
  await eventually(
    "the server's pod is gone",
    () => names(world.api, pods),
    (left) => left.length === 0,
  );
  const start = performance.now();
  await reading({}, async ({ archive, notes }) => {
    assert.deepEqual(await sizes(archive, backupFiles, backup), whole);
    assert.ok(performance.now() - start < 4500, "nobody waits for a server that does not run");
    assert.ok(
      notes.some((note) => note.includes("the Velero server is not running: it is scaled to 0")),
      notes.join("\n"),
    );
  });
  assert.equal(await requestsLeft(), 0);

  await as(["look", "ask", "find", "forward"], {}, async ({ archive }) => {
    const missing = told((text) => {
      assert.match(text, /no Velero server seems to run|timed out waiting for the Velero server|is scaled to 0/);
      assert.match(text, /cannot get resource "secrets"/);
    });
    await assert.rejects(archive.read(log), missing);
  });

  const interrupt = new AbortController();
  const reason = new Failure("interrupted", "interrupted");
  await reading({ signal: interrupt.signal }, async ({ archive }) => {
    const read = Promise.all(backupFiles.map((kind) => archive.read({ kind, name: backup })));
    await eventually("links are asked for", requestsLeft, (left) => left === backupFiles.length);
    interrupt.abort(reason);
    await assert.rejects(read, reason);
  });
  assert.equal(await requestsLeft(), 0);
  assert.equal((await world.api.request("GET", backupPath(backup))).status, 200);
});
