// Packs the program for krew: the binary, its archive and the manifest with the archive's checksum, all in dist.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { archive } from "./package/archive.ts";
import { manifestFaults } from "./package/krew-rules.ts";
import { fillManifest } from "./package/manifest.ts";
import { thirdPartyNotices } from "./package/notices.ts";
import { pack } from "./package/pack.ts";
import { archiveName, type Platform, platformName, platforms } from "./package/platforms.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** The platforms that this script packs so far, each on a machine of its own kind. */
const packed = ["linux-x64"];

async function packageProgram(): Promise<void> {
  const here = `${process.platform}-${process.arch}`;
  const platform = platforms.find(({ node }) => node === here && packed.includes(node));
  if (platform === undefined) throw new Error(`npm run package works on ${packed.join(", ")} only; this is ${here}.`);
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  // The manifest comes last, so that one in dist always fits the archive beside it.
  await rm(join(dist, "plugin.yaml"), { force: true });
  await import("./build.ts");

  const binary = join(dist, platform.binary);
  const { stripped } = await pack({ root, bundle: join(dist, "build"), output: binary, platform });
  if (!stripped) {
    process.stderr.write(
      "Node's symbols stay in the binary (about 30 MB): strip is not installed (package binutils).\n",
    );
  }
  await tryOut(binary, `v${version}`);

  const archived = await makeArchive(platform, binary);
  const manifest = fillManifest(await readFile(join(root, "plugin.yaml"), "utf8"), {
    version: `v${version}`,
    archives: new Map([[archiveName(platform), archived.sha256]]),
  });
  const faults = manifestFaults(manifest);
  if (faults.length > 0) throw new Error(`plugin.yaml would be refused by krew:\n${faults.join("\n")}`);
  await writeFile(join(dist, "plugin.yaml"), manifest);

  process.stdout.write(`Packed v${version} for ${platformName(platform)}:\n`);
  for (const file of [binary, archived.file]) {
    process.stdout.write(`  ${relative(root, file)}  ${megabytes((await stat(file)).size)}\n`);
  }
  process.stdout.write(`  dist/plugin.yaml  sha256 ${archived.sha256}\n`);
}

/** A binary that cannot say its version, or that the user's NODE_OPTIONS can break, must not be shipped. */
async function tryOut(binary: string, version: string): Promise<void> {
  const env = { ...process.env, NODE_OPTIONS: "--no-such-option" };
  const { stdout } = await run(binary, ["--version"], { cwd: "/", env });
  if (!stdout.includes(version)) throw new Error(`${binary} --version printed "${stdout.trim()}", not ${version}.`);
}

async function makeArchive(platform: Platform, binary: string): Promise<{ file: string; sha256: string }> {
  const metafile = JSON.parse(await readFile(join(dist, "metafile.json"), "utf8"));
  const notices = thirdPartyNotices(root, metafile, platform.nodePackage);
  const bytes = archive([
    { name: platform.binary, mode: 0o755, content: await readFile(binary) },
    { name: "LICENSE", mode: 0o644, content: await readFile(join(root, "LICENSE")) },
    { name: "THIRD_PARTY_NOTICES.txt", mode: 0o644, content: Buffer.from(`${notices}\n`) },
  ]);
  const file = join(dist, archiveName(platform));
  await writeFile(file, bytes);
  return { file, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

try {
  await packageProgram();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
