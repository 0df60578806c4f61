import assert from "node:assert/strict";
import { get as httpGet, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { administrator, backup, send, until, velero } from "./client.ts";

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ speed: 4 });
  await send(sandbox, `${velero}/backups`, {
    method: "POST",
    body: backup("nightly", { includedNamespaces: ["shop"] }),
  });
  await until(
    () => send(sandbox, `${velero}/backups/nightly`),
    ({ text }) => text.includes('"phase":"Completed"'),
  );
});
after(() => sandbox.stop());

async function podOf(app: string): Promise<string> {
  const selector = `labelSelector=${encodeURIComponent(`app.kubernetes.io/name=${app}`)}`;
  const pods = await send(sandbox, `/api/v1/namespaces/mke/pods?${selector}`);
  return pods.json<{ items: { metadata: { name: string } }[] }>().items[0]?.metadata.name ?? "";
}

/** A byte stream to a port of a pod; fails with what the error channel says. */
async function forward(pod: string, port: number): Promise<Duplex> {
  const url = `${sandbox.server.replace("https", "wss")}/api/v1/namespaces/mke/pods/${pod}/portforward?ports=${port}`;
  const webSocket = new WebSocket(url, ["v4.channel.k8s.io"], administrator(sandbox));
  const stream = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => webSocket.send(Buffer.concat([Buffer.from([0]), chunk]), done),
    destroy: (error, done) => {
      webSocket.terminate();
      done(error);
    },
  });
  const announced = new Set<number>();
  webSocket.on("message", (frame: Buffer) => {
    const [channel = -1] = frame;
    if (!announced.has(channel)) {
      announced.add(channel);
      assert.equal(frame.readUInt16LE(1), port);
    } else if (channel === 0) stream.push(frame.subarray(1));
    else stream.destroy(new Error(frame.toString("utf8", 1)));
  });
  webSocket.on("close", () => stream.push(null));
  await new Promise((resolve, reject) => webSocket.once("open", resolve).once("error", reject));
  return stream;
}

async function download(url: string, host?: string): Promise<{ code: number; content: Buffer }> {
  const stream = await forward(await podOf("minio"), 9000);
  const { host: signed, pathname, search } = new URL(url);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = pathname + search;
    httpGet({ path, headers: { Host: host ?? signed }, createConnection: () => stream }, resolve).on("error", reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { code: response.statusCode ?? 0, content: Buffer.concat(chunks) };
}

async function signedUrl(kind: string, name: string): Promise<string> {
  const request = {
    apiVersion: "velero.io/v1",
    kind: "DownloadRequest",
    metadata: { generateName: "get-" },
    spec: { target: { kind, name } },
  };
  const made = await send(sandbox, `${velero}/downloadrequests`, { method: "POST", body: request });
  const path = `${velero}/downloadrequests/${made.json<{ metadata: { name: string } }>().metadata.name}`;
  const answered = await until(
    () => send(sandbox, path),
    ({ text }) => text.includes("downloadURL"),
  );
  return answered.json<{ status: { downloadURL: string } }>().status.downloadURL;
}

test("a signed URL leads, through a tunnel, to the file; only with the host it was signed for", async () => {
  const url = await signedUrl("BackupResourceList", "nightly");
  assert.match(
    url,
    /^http:\/\/minio\.mke\.svc:9000\/velero\/backups\/nightly\/nightly-resource-list\.json\.gz\?X-Amz-/,
  );
  const { code, content } = await download(url);
  assert.equal(code, 200);
  const list = JSON.parse(gunzipSync(content).toString()) as Record<string, string[]>;
  assert.deepEqual(list["v1/Namespace"], ["shop"]);
  assert.deepEqual(list["v1/Service"], ["shop/web"]);
  const wrongHost = await download(url, "localhost:9000");
  assert.equal(wrongHost.code, 403);
  assert.match(wrongHost.content.toString(), /<Code>SignatureDoesNotMatch<\/Code>/);
});

test("a file that was never written is NoSuchKey", async () => {
  const { code, content } = await download(await signedUrl("CSIBackupVolumeSnapshots", "nightly"));
  assert.equal(code, 404);
  assert.match(content.toString(), /<Code>NoSuchKey<\/Code>/);
});

test("a port nobody listens on is reported on the error channel", async () => {
  const stream = await forward(await podOf("velero"), 1234);
  const error = await new Promise<Error>((resolve) => stream.once("error", resolve));
  assert.match(error.message, /error forwarding port 1234 to pod .*connection refused/);
});

test("a Backup vanishes from the cluster, the sync brings it back", async () => {
  await send(sandbox, `${velero}/backups/nightly`, { method: "DELETE" });
  const { text } = await until(
    () => send(sandbox, `${velero}/backups/nightly`),
    ({ code }) => code === 200,
  );
  assert.match(text, /"phase":"Completed"/);
});
