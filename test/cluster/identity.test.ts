// Holds the table of situations to the real kubectl: what it reads, what the API server sees of it, and where it refuses.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { readKubeconfig } from "../../src/kube/kubeconfig.ts";
import { execSituations } from "../unit/kube/exec-situations.ts";
import { kubeconfigSituations, type Outcome } from "../unit/kube/kubeconfig-situations.ts";
import { type Probe, startProbe } from "../unit/kube/probe.ts";
import { layOut, type SituationFolder } from "../unit/kube/situation-folder.ts";

const folders = (process.env["PATH"] ?? "").split(delimiter);
const kubectl = folders.map((folder) => join(folder, "kubectl")).find((file) => existsSync(file)) ?? "kubectl";

let probe: Probe;
before(async () => {
  probe = await startProbe();
});
after(() => probe.stop());

interface Answer {
  readonly stdout: string;
  /** kubectl's sentence without the word it begins with; undefined when it succeeded. */
  readonly refusal: string | undefined;
}

/** Runs kubectl with these words and no input. */
function run({ env, readable }: SituationFolder, ...words: string[]): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const child = execFile(kubectl, words, { env }, (error, stdout, stderr) => {
    const sentence = readable(stderr.trim()).replace(/^W\d.*\n/, "");
    const refusal = sentence.replace(/^(?:error|Error in configuration|Unable to connect to the server): /, "");
    resolve({ stdout: stdout.trim(), refusal: error === null ? undefined : refusal });
  });
  child.stdin?.end();
  return promise;
}

const words = (flags: SituationFolder["flags"], ...only: string[]): string[] =>
  Object.entries(flags)
    .filter(([name]) => only.length === 0 || only.includes(name))
    .flatMap(([name, value]) => [value].flat().map((each) => `--${name}=${each}`));

interface View {
  readonly contexts: readonly { name: string; context: Readonly<Record<string, unknown>> }[] | null;
  readonly clusters: readonly { name: string; cluster: Readonly<Record<string, unknown>> }[] | null;
  readonly users: readonly { name: string; user: Readonly<Record<string, unknown>> }[] | null;
}

const paths = ["certificate-authority", "client-certificate", "client-key", "tokenFile", "command"];

/**
 * An entry in a form that can be compared: `config view` writes empty fields and defaults out, and leaves paths as they
 * are written. That paths are resolved well is told by what the server sees.
 */
const comparable = (entry: unknown): unknown =>
  JSON.parse(
    JSON.stringify(entry ?? {}, (key, value: unknown) => {
      if (value === null || value === "" || (key === "provideClusterInfo" && value === false)) return undefined;
      if (key === "interactiveMode" && value === "IfAvailable") return undefined;
      return paths.includes(key) ? basename(String(value)) : value;
    }),
  );

/** What `kubectl config` makes of the files is what this program makes of them. */
async function compareFiles(folder: SituationFolder, expected: Outcome): Promise<void> {
  const { flags, env } = folder;
  const view = ["config", "view", "--minify", "--raw", "--merge", "-o", "json"];
  const [current, shown] = await Promise.all([
    run(folder, "config", "current-context", ...words(flags, "kubeconfig")),
    run(folder, ...view, ...words(flags, "kubeconfig", "context")),
  ]);
  assert.equal(current.stdout, expected.current ?? "");
  // A part that is not there is an error of this command alone.
  if (shown.refusal !== undefined) return;
  const config = await readKubeconfig(flags.kubeconfig, env);
  const { contexts, clusters, users } = JSON.parse(shown.stdout) as View;
  const context = contexts?.[0];
  assert.equal(context?.context["namespace"], expected.namespace);
  assert.deepEqual(comparable(config.contexts.get(context?.name ?? "")), comparable(context?.context));
  for (const { name, cluster } of clusters ?? [])
    assert.deepEqual(comparable(config.clusters.get(name)), comparable(cluster));
  for (const { name, user } of users ?? []) assert.deepEqual(comparable(config.users.get(name)), comparable(user));
}

for (const situation of [...kubeconfigSituations, ...execSituations]) {
  const because = situation.kubectl === undefined ? "" : ` (kubectl differs: ${situation.kubectl.because})`;
  test(`${situation.title}${because}`, async (t) => {
    const folder = layOut(situation, probe);
    t.after(() => folder.remove());
    const expected: Outcome = situation.kubectl ?? situation.expected;
    if (situation.expected.current !== undefined) await compareFiles(folder, expected);
    probe.take();
    const answer = await run(folder, "get", "--raw", "/version", ...words(folder.flags));
    if (expected.error === undefined) {
      assert.equal(answer.refusal, undefined);
      assert.deepEqual(probe.take().at(-1), expected.seen);
      if (expected.told !== undefined) assert.deepEqual(folder.told(), expected.told);
      return;
    }
    assert.match(answer.refusal ?? "kubectl refused nothing", expected.error);
    assert.deepEqual(probe.take(), []);
  });
}
