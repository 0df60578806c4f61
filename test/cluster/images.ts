import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { copyFile, link, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Built } from "./build.ts";
import { run } from "./command.ts";
import { cacheFolder, containerdSocket } from "./layout.ts";

/** Images of the test cluster. They exist on the node only: no registry knows them. */
export const images = {
  base: "mkebackup.test/busybox:1",
  minio: "mkebackup.test/minio:1",
  velero: "mkebackup.test/velero:1",
  /** Velero 1.13 adds this init container to restored pods, by its public name; from 1.16 on it is in Velero's image. */
  restoreHelper: "docker.io/velero/velero-restore-helper:v1.13.0",
};

interface Layer {
  name: string;
  /** Path in the image -> file on this machine. */
  files: Record<string, string>;
}

const busybox = "/bin/busybox";

/** Makes one archive of all images (cached by what is in it) and returns its path. */
export async function makeImages(built: Built, signal: AbortSignal): Promise<string> {
  const minio: Layer = { name: "minio", files: { "usr/bin/minio": built.program("minio") } };
  const velero: Layer = {
    name: "velero",
    files: {
      velero: built.program("velero"),
      "velero-restore-helper": built.program("velero-restore-helper"),
      "plugins/velero-plugin-for-aws": built.program("velero-plugin-for-aws"),
    },
  };
  const sources = [minio, velero].flatMap(({ files }) => Object.values(files).map(dirname));
  const key = createHash("sha256")
    .update(JSON.stringify([images, sources]))
    .update(await digest(busybox))
    .digest("hex")
    .slice(0, 12);
  const archive = join(cacheFolder, "images", `${key}.tar`);
  if (existsSync(archive)) return archive;
  await mkdir(dirname(archive), { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, "images", "unfinished-"));
  try {
    const base = await makeBaseLayer(folder, signal);
    const manifest = [
      await describe(folder, [images.base], [base]),
      await describe(folder, [images.minio], [base, await makeLayer(folder, minio, signal)]),
      await describe(folder, [images.velero, images.restoreHelper], [base, await makeLayer(folder, velero, signal)]),
    ];
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    await run("tar", ["-cf", "all.tar", "--exclude=all.tar", "--exclude=root-*", "."], { cwd: folder, signal });
    await rename(join(folder, "all.tar"), archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return archive;
}

/** Unpacks the images on the node. */
export async function importImages(archive: string, log: string, signal: AbortSignal): Promise<void> {
  const list = await run("ctr", ["-a", containerdSocket, "-n", "k8s.io", "images", "list", "-q"], { signal });
  if (Object.values(images).every((name) => list.split("\n").includes(name))) return;
  await run("ctr", ["-a", containerdSocket, "-n", "k8s.io", "images", "import", archive], { log, signal });
}

/** Busybox with a link for each of its commands: shell of the workload, and the pause container's `sleep`. */
async function makeBaseLayer(folder: string, signal: AbortSignal): Promise<string> {
  const root = join(folder, "root-base");
  for (const path of ["bin", "etc", "root", "tmp", "plugins"]) await mkdir(join(root, path), { recursive: true });
  await run("chmod", ["1777", join(root, "tmp")]);
  await copyFile(busybox, join(root, "bin", "busybox"));
  const applets = (await run(busybox, ["--list"], { signal })).trim().split("\n");
  for (const applet of applets) {
    if (applet !== "busybox") await symlink("busybox", join(root, "bin", applet));
  }
  await writeFile(join(root, "etc", "passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  return pack(folder, "base", signal);
}

async function makeLayer(folder: string, layer: Layer, signal: AbortSignal): Promise<string> {
  for (const [path, source] of Object.entries(layer.files)) {
    const target = join(folder, `root-${layer.name}`, path);
    await mkdir(dirname(target), { recursive: true });
    await link(source, target);
  }
  return pack(folder, layer.name, signal);
}

async function pack(folder: string, name: string, signal: AbortSignal): Promise<string> {
  const order = ["--sort=name", "--owner=0", "--group=0", "--mtime=@0"];
  await run("tar", [...order, "-cf", `${name}.tar`, "-C", `root-${name}`, "."], { cwd: folder, signal });
  return `${name}.tar`;
}

/** An image's entry in the archive: its configuration and the files of its layers. */
async function describe(folder: string, names: string[], layers: string[]) {
  const digests = await Promise.all(layers.map((layer) => digest(join(folder, layer))));
  const config = {
    architecture: { x64: "amd64", arm64: "arm64" }[process.arch as string],
    os: "linux",
    config: { Env: ["PATH=/bin:/usr/bin", "HOME=/root"], Cmd: ["/bin/sleep", "2147483647"] },
    rootfs: { type: "layers", diff_ids: digests.map((value) => `sha256:${value}`) },
  };
  const file = `${createHash("sha256").update(names.join(" ")).digest("hex")}.json`;
  await writeFile(join(folder, file), JSON.stringify(config));
  return { Config: file, RepoTags: names, Layers: layers };
}

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
