// Big files of a backup, and what other tools take for them.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { systemNamespace, workloadNamespace } from "../../test/cluster/manifests.ts";
import { minioPod, type SecondLocation } from "../../test/cluster/second-location.ts";
import { writeTar } from "../../test/sandbox/velero/tar.ts";
import type { Api } from "../../test/scenarios/api.ts";

const execute = promisify(execFile);
const requests = `/apis/velero.io/v1/namespaces/${systemNamespace}/downloadrequests`;
const signingLimitMs = 10_000;
const manifestBytes = 1024 * 1024;

/** Puts a tarball of about so many bytes, which do not compress further, in the place of the backup's own; returns its size. */
export async function putTarball({ client, bucket }: SecondLocation, backup: string, bytes: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "mkebackup-bench-"));
  const file = join(folder, "data.tar.gz");
  try {
    await pipeline(Readable.from(tarball(bytes)), createGzip({ level: 1 }), createWriteStream(file));
    const { size } = await stat(file);
    const object = { Bucket: bucket, Key: `backups/${backup}/${backup}.tar.gz` };
    await client.send(new PutObjectCommand({ ...object, Body: createReadStream(file), ContentLength: size }));
    return size;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** ConfigMaps full of random hexadecimal digits, of which gzip makes half. */
function* tarball(bytes: number): Generator<Buffer> {
  const endBytes = 1024;
  const count = Math.ceil((2 * bytes) / manifestBytes);
  for (let index = 0; index < count; index++) {
    const metadata = { name: `noise-${index}`, namespace: workloadNamespace };
    const data = { noise: randomBytes(manifestBytes / 2).toString("hex") };
    const manifest = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
    const path = `resources/configmaps/namespaces/${workloadNamespace}/noise-${index}.json`;
    const whole = writeTar([[path, manifest]]);
    yield index === count - 1 ? whole : whole.subarray(0, whole.length - endBytes);
  }
}

/** Seconds that curl takes for a backup's tarball through `kubectl port-forward`, which stands already. */
export async function curlThroughPortForward(
  api: Api,
  backup: string,
  { env, file }: { env: NodeJS.ProcessEnv; file: string },
): Promise<number> {
  const url = await signedUrl(api, backup);
  const { name: pod } = await minioPod(api);
  const forward = spawn("kubectl", ["-n", systemNamespace, "port-forward", `pod/${pod}`, ":9000"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(forward.stdout, "data")) as [Buffer];
    const port = /127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1];
    if (port === undefined) throw new Error(`kubectl port-forward said: ${line}`);
    const { host } = new URL(url);
    const options = ["--connect-to", `${host}:127.0.0.1:${port}`, "-sf", "-o", file, "-w", "%{time_total}"];
    return Number((await execute("curl", [...options, url])).stdout);
  } finally {
    forward.kill();
  }
}

async function signedUrl(api: Api, backup: string): Promise<string> {
  const name = `${backup}-bench`;
  await api.post(requests, {
    apiVersion: "velero.io/v1",
    kind: "DownloadRequest",
    metadata: { name, namespace: systemNamespace },
    spec: { target: { kind: "BackupContents", name: backup } },
  });
  try {
    const deadline = Date.now() + signingLimitMs;
    for (;;) {
      const { status } = (await api.get(`${requests}/${name}`)) as { status?: { downloadURL?: string } };
      if (status?.downloadURL !== undefined) return status.downloadURL;
      if (Date.now() > deadline) throw new Error("The Velero server signs no link.");
      await sleep(50);
    }
  } finally {
    await api.delete(`${requests}/${name}`);
  }
}
