import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import { cacheFolder, logFile, modulesFolder, type VeleroVersion } from "./layout.ts";
import { step } from "./step.ts";

interface Program {
  name: string;
  /** Folder below modules/ whose go.mod pins the versions. */
  module: string;
  package: string;
  /** Values stamped into the binary: without them an API server calls itself by a name that clients cannot parse. */
  stamps?: Record<string, string>;
}

const kubernetesStamps = {
  "k8s.io/component-base/version.gitVersion": "v1.34.4",
  "k8s.io/component-base/version.gitMajor": "1",
  "k8s.io/component-base/version.gitMinor": "34",
};
const veleroModule = "github.com/vmware-tanzu/velero";

const kubernetesPrograms: Program[] = [
  "kubectl",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
].map((name) => ({ name, module: "kubernetes", package: `k8s.io/kubernetes/cmd/${name}`, stamps: kubernetesStamps }));

function programsFor(velero: VeleroVersion): Program[] {
  const stamps = { [`${veleroModule}/pkg/buildinfo.Version`]: velero === "1.18" ? "v1.18.1" : "v1.13.0" };
  const module = `velero-${velero}`;
  const plugin = "velero-plugin-for-aws";
  return [
    { name: "etcd", module: "etcd", package: "go.etcd.io/etcd/server/v3" },
    ...kubernetesPrograms,
    { name: "minio", module: "minio", package: "github.com/minio/minio" },
    { name: "velero", module, package: `${veleroModule}/cmd/velero`, stamps },
    { name: "velero-restore-helper", module, package: `${veleroModule}/cmd/velero-restore-helper` },
    { name: plugin, module: "aws-plugin", package: `github.com/vmware-tanzu/${plugin}/${plugin}` },
  ];
}

export interface Built {
  /** Path of a built program. Throws when the cluster has no such program. */
  program(name: string): string;
  /** Folder with Velero's own resource definitions. */
  definitions: string;
}

/** Builds what is not in the cache yet, one program after the other, and says where everything lies. */
export async function build(velero: VeleroVersion): Promise<Built> {
  const goVersion = (await run("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { cwd: modulesFolder })).trim();
  const paths = new Map<string, string>();
  for (const program of programsFor(velero)) {
    const folder = join(cacheFolder, "bin", `${program.name}-${await cacheKey(program, goVersion)}`);
    if (!existsSync(folder)) await compile(program, folder);
    paths.set(program.name, join(folder, program.name));
  }
  const path = (name: string): string => {
    const found = paths.get(name);
    if (!found) throw new Error(`The cluster's list of programs has no ${name}.`);
    return found;
  };
  return { program: path, definitions: `${path("velero")}-definitions` };
}

/** Changes when the pins, the flags or the compiler change; nothing else makes a binary differ. */
export async function cacheKey(program: Program, goVersion: string): Promise<string> {
  const hash = createHash("sha256").update(goVersion).update(goArguments(program, "").join(" "));
  for (const file of ["go.mod", "go.sum"]) hash.update(await readFile(join(modulesFolder, program.module, file)));
  return hash.digest("hex").slice(0, 12);
}

function goArguments(program: Program, output: string): string[] {
  const stamps = Object.entries(program.stamps ?? {}).map(([name, value]) => ` -X ${name}=${value}`);
  const linker = `-s -w${stamps.join("")}`;
  return ["build", "-mod=readonly", "-trimpath", "-ldflags", linker, "-o", output, program.package];
}

async function compile(program: Program, folder: string): Promise<void> {
  const log = logFile(`build-${program.name}`);
  const cwd = join(modulesFolder, program.module);
  await step({ title: `build ${program.name} (${program.module})`, limit: 45 * 60, log }, async (signal) => {
    await mkdir(join(cacheFolder, "bin"), { recursive: true });
    // Built aside and renamed, so that a folder in the cache is always a whole one.
    const aside = await mkdtemp(join(cacheFolder, "bin", "unfinished-"));
    try {
      const output = join(aside, program.name);
      // No cgo: the images have no libc that a dynamically linked binary could load.
      const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" };
      await run("go", goArguments(program, output), { cwd, env, log, signal });
      if (program.name === "velero") await copyDefinitions(cwd, `${output}-definitions`);
      await rename(aside, folder);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  });
}

async function copyDefinitions(module: string, target: string): Promise<void> {
  const source = (
    await run("go", ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", veleroModule], { cwd: module })
  ).trim();
  for (const version of ["v1", "v2alpha1"]) {
    await cp(join(source, "config", "crd", version, "bases"), target, { recursive: true });
  }
  // The module cache is read-only, and cp keeps that.
  await run("chmod", ["-R", "u+w", target]);
}
