import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Context } from "../../../src/commands/command.ts";
import { command } from "../../../src/commands/completion.ts";
import { installShim, removeShim } from "../../../src/commands/completion-install.ts";
import { scripts, shells, shim } from "../../../src/commands/completion-scripts.ts";

const program = "kubectl-mkebackup";
const file = "kubectl_complete-mkebackup";

function folder(t: TestContext, ...path: string[]): string {
  const made = mkdtempSync(join(tmpdir(), "mkebackup-completion-"));
  t.after(() => rmSync(made, { recursive: true }));
  const inner = join(made, ...path);
  mkdirSync(inner, { recursive: true });
  return inner;
}
const place = (env: NodeJS.ProcessEnv, force = false) => ({
  env: { HOME: "/nowhere", ...env },
  isWindows: false,
  force,
});
const put = (path: string, text = "", mode = 0o755) => writeFileSync(path, text, { mode });

test("the shim is written beside the program that PATH finds first, and once", async (t) => {
  const [empty, bin] = [folder(t), folder(t)];
  put(join(bin, program));
  const where = place({ PATH: [empty, "", "/nowhere/bin", bin].join(delimiter) });
  assert.deepEqual(await installShim(where), { path: join(bin, file), state: "written" });
  assert.equal(readFileSync(join(bin, file), "utf8"), shim.posix);
  assert.equal(statSync(join(bin, file)).mode & 0o777, 0o755);
  assert.deepEqual(await installShim(where), { path: join(bin, file), state: "unchanged" });
  assert.deepEqual(await removeShim(where), { path: join(bin, file), state: "removed" });
  assert.deepEqual(await removeShim(where), { path: file, state: "absent" });
});

test("with krew, the shim stands beside the link and never in the store", async (t) => {
  const root = folder(t);
  const [store, bin] = [join(root, "store", "mkebackup", "v1.0.0"), join(root, "bin")];
  for (const made of [store, bin]) mkdirSync(made, { recursive: true });
  put(join(store, program));
  symlinkSync(join(store, program), join(bin, program));
  const linked = place({ PATH: bin, KREW_ROOT: root });
  assert.deepEqual(await installShim(linked), { path: join(bin, file), state: "written" });
  rmSync(join(bin, file));
  const inStore = place({ PATH: [store, bin].join(delimiter), HOME: root, KREW_ROOT: root });
  assert.equal((await installShim(inStore)).path, join(bin, file));
});

test("~/.krew/bin takes the shim of a program that PATH does not find", async (t) => {
  const bin = folder(t, ".krew", "bin");
  const home = join(bin, "..", "..");
  assert.equal((await installShim(place({ PATH: bin, HOME: home }))).path, join(bin, file));
});

test("a file that this program did not write is replaced by force alone", async (t) => {
  const bin = folder(t);
  put(join(bin, program));
  put(join(bin, file), "#!/bin/sh\necho mine\n");
  const failure = {
    message: `${join(bin, file)} exists, and it is not what this program wrote`,
    next: ["kubectl mkebackup completion kubectl --install --force        (does it all the same)"],
  };
  await assert.rejects(installShim(place({ PATH: bin })), failure);
  await assert.rejects(removeShim(place({ PATH: bin })), { message: failure.message });
  assert.equal((await installShim(place({ PATH: bin }, true))).state, "written");
  assert.equal(readFileSync(join(bin, file), "utf8"), shim.posix);
});

test("an older shim of ours is replaced, and a link of that name is not written through", async (t) => {
  const [bin, elsewhere] = [folder(t), folder(t)];
  put(join(bin, program));
  put(join(elsewhere, "old"), '#!/bin/sh\nexec kubectl-mkebackup __complete "$@"\n');
  symlinkSync(join(elsewhere, "old"), join(bin, file));
  assert.equal((await installShim(place({ PATH: bin }))).state, "written");
  assert.match(readFileSync(join(elsewhere, "old"), "utf8"), /exec/);
});

test("without a place to write to, the failure says what to do", async () => {
  await assert.rejects(installShim(place({ PATH: "/nowhere" })), {
    message: "kubectl-mkebackup is in no folder on PATH, so that kubectl cannot find it either",
  });
});

test("a folder that is closed to the user is named, with the command for who may write there", {
  skip: process.getuid?.() === 0 ? "nothing is closed to root" : false,
}, async (t) => {
  const bin = folder(t);
  put(join(bin, program));
  chmodSync(bin, 0o555);
  const path = join(bin, file);
  const installing = installShim(place({ PATH: bin })).finally(() => chmodSync(bin, 0o755));
  await assert.rejects(installing, {
    message: `cannot write beside kubectl-mkebackup: ${bin} is closed to you`,
    next: [`kubectl mkebackup completion kubectl | sudo tee ${path} >/dev/null && sudo chmod 755 ${path}`],
  });
});

test("on Windows it is a .cmd beside the .exe", async (t) => {
  const bin = folder(t);
  put(join(bin, `${program}.exe`));
  const installed = await installShim({ ...place({ PATH: bin }), isWindows: true });
  assert.equal(installed.path, join(bin, `${file}.cmd`));
  assert.match(
    readFileSync(installed.path, "utf8"),
    /^@echo off\r\n.*kubectl-mkebackup\.exe __complete %\* 2>nul\r\n/s,
  );
});

const noFlags = { install: undefined, uninstall: undefined, force: undefined, output: "table" } as const;
const context = { env: { PATH: "/nowhere" } } as Partial<Context> as Context;

test("each shell has a script that says how to load it", async () => {
  for (const shell of shells) {
    const result = await command.run({ ...noFlags, operands: [shell] }, context);
    const text = await command.text(result, undefined as never);
    assert.match(text, new RegExp(`${program} completion ${shell}`));
    assert.match(text, /__complete/);
  }
});

test("a word that is no shell, and --install for one, are usage failures", async () => {
  const run = (operands: string[], flags = {}) => command.run({ ...noFlags, ...flags, operands }, context);
  await assert.rejects(run([]), { kind: "usage", message: "say for what: kubectl, bash, zsh, fish, powershell" });
  await assert.rejects(run(["ksh"]), { kind: "usage", message: 'no completion for "ksh"' });
  await assert.rejects(run(["bash"], { install: true }), { kind: "usage", message: /--install/ });
  await assert.rejects(run(["kubectl"], { install: true, uninstall: true }), { kind: "usage" });
});

const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;
const parsers = { bash: ["-n"], zsh: ["-n"], fish: ["--no-execute"] } as const;
for (const shell of ["bash", "zsh", "fish"] as const) {
  test(`${shell} can read its script`, { skip: has(shell) ? false : `no ${shell} on this machine` }, (t) => {
    const script = join(folder(t), shell);
    put(script, scripts[shell]);
    execFileSync(shell, [...parsers[shell], script]);
  });
}

/** What bash would be told after TAB at the end of the line; the program is one that answers as given and notes its words. */
function pressTab(t: TestContext, line: string, answer: string, more = ""): { replies: string[]; asked: string[] } {
  const bin = folder(t);
  put(join(bin, "answer"), answer);
  put(join(bin, program), `#!/bin/sh\nprintf '%s|' "$@" >'${bin}/asked'\ncat '${bin}/answer'\n`);
  put(join(bin, "script"), scripts.bash);
  // bash itself cuts a line at these too.
  const words = line.split(/ +|(?<=[=:@])|(?=[=:@])/);
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const simulation = `
    source ${bin}/script
    COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:' COMP_TYPE=9 COLUMNS=80
    ${more}
    COMP_LINE=${quoted(line)} COMP_POINT=${line.length}
    COMP_WORDS=(${words.map(quoted).join(" ")}) COMP_CWORD=${words.length - 1}
    __kubectl_mkebackup
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  const replies = execFileSync("bash", ["--norc", "-c", simulation], { env, encoding: "utf8" });
  const asked = readFileSync(join(bin, "asked"), "utf8").split("|").slice(0, -1);
  return { replies: replies.split("\n").slice(0, -1), asked };
}

test("bash: the words reach the program as they were typed, and the answer takes the place of what bash calls the word", {
  skip: has("bash") ? false : "no bash on this machine",
}, (t) => {
  for (const [line, answer, asked, reply] of [
    ["kubectl-mkebackup sta", "status\tShow\n:4\n", ["__complete", "sta"], "status"],
    ["kubectl-mkebackup  -n mke restore ", "a\n:36\n", ["__complete", "-n", "mke", "restore", ""], "a"],
    ["kubectl-mkebackup list --context=ad", "admin@mke\n:4\n", ["__complete", "list", "--context=ad"], "admin@mke"],
    ["kubectl-mkebackup list --context=", "admin@mke\n:4\n", ["__complete", "list", "--context="], "admin@mke"],
    [
      "kubectl-mkebackup list --context admin@m",
      "admin@mke\n:4\n",
      ["__complete", "list", "--context", "admin@m"],
      "mke",
    ],
    [
      "kubectl-mkebackup restore x --namespace-mappings a:b,sh",
      "a:b,shop:\n:6\n",
      ["__complete", "restore", "x", "--namespace-mappings", "a:b,sh"],
      "b,shop:",
    ],
    [
      "kubectl-mkebackup list -n 'a b' --status=Failed,P",
      "Failed,PartiallyFailed\n:4\n",
      undefined,
      "Failed,PartiallyFailed",
    ],
  ] as const) {
    const told = pressTab(t, line, answer);
    assert.deepEqual(told.replies, [reply], line);
    if (asked !== undefined) assert.deepEqual(told.asked, asked, line);
  }
});

test("bash: several words are shown with their notes, cut at the edge, and put in without them", {
  skip: has("bash") ? false : "no bash on this machine",
}, (t) => {
  const answer = `a\tCompleted, 3h\nlonger\t${"x".repeat(100)}\n:36\n`;
  const { replies } = pressTab(t, "kubectl-mkebackup restore ", answer);
  assert.equal(replies[0], "a       (Completed, 3h)");
  assert.equal(replies[1]?.length, 80);
  assert.match(replies[1] ?? "", /^longer {2}\(x+\.\.\.\)$/);
  const menu = pressTab(t, "kubectl-mkebackup restore ", answer, "COMP_TYPE=37");
  assert.deepEqual(menu.replies, ["a", "longer"]);
});
