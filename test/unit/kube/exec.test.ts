import assert from "node:assert/strict";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../../src/core/failure.ts";
import { openCredentials } from "../../../src/kube/credentials.ts";
import type { ClusterEntry, ExecEntry } from "../../../src/kube/kubeconfig-fields.ts";
import type { LoginEdge } from "../../../src/kube/login.ts";
import { createCertificates } from "../../sandbox/certificates.ts";

const apiVersion = "client.authentication.k8s.io/v1";
const printed = (status: object): string => JSON.stringify({ apiVersion, kind: "ExecCredential", status });

/** A plugin in a folder of its own; FOLDER in its text is that folder. It appends a line to FOLDER/runs each time. */
function plugin(t: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const command = join(folder, "plugin");
  const script = `#!/bin/sh\necho >> FOLDER/runs\n${text}\n`.replaceAll("FOLDER", folder);
  writeFileSync(command, script, { mode: 0o700 });
  const file = (name: string) => readFileSync(join(folder, name), "utf8");
  return { folder, command, file, runs: () => file("runs").length };
}

function open(command: string, edge: Partial<LoginEdge> = {}, exec: ExecEntry = {}, cluster: ClusterEntry = {}) {
  const user = { exec: { apiVersion, command, interactiveMode: "IfAvailable", ...exec } };
  return openCredentials(
    { context: "c", server: "https://api:6443", cluster, user, requestTimeout: 0 },
    { env: process.env, signal: new AbortController().signal, onWarning: assert.fail, ...edge },
  );
}

/** A file as the terminal: what it holds is typed, and stderr is kept. */
function terminal(t: TestContext, folder: string, typed: string) {
  writeFileSync(join(folder, "typed"), typed);
  const [stdin, stderr] = [openSync(join(folder, "typed"), "r"), openSync(join(folder, "shown"), "w")];
  t.after(() => [stdin, stderr].forEach(closeSync));
  return { stdin: { fd: stdin, isTTY: true }, stderr: { fd: stderr } };
}

test("on a terminal a plugin may ask, and what it says there is seen", async (t) => {
  const { command, folder, file } = plugin(
    t,
    `printf 'Password: ' >&2; read password; printf %s "$KUBERNETES_EXEC_INFO" > FOLDER/told
     echo '${printed({ token: "PASSWORD" })}' | sed "s/PASSWORD/$password/"`,
  );
  const credentials = await open(command, { terminal: terminal(t, folder, "open sesame\n") });
  assert.deepEqual(await credentials.headers(), { Authorization: "Bearer open sesame" });
  assert.equal(file("shown"), "Password: ");
  assert.equal(JSON.parse(file("told")).spec.interactive, true);
});

test("a plugin that never asks gets no input, but is heard", async (t) => {
  const { command, folder, file } = plugin(
    t,
    `echo 'opening a browser' >&2; read line; echo '${printed({ token: "[LINE]" })}' | sed "s/LINE/$line/"`,
  );
  const edge = { terminal: terminal(t, folder, "typed\n") };
  const credentials = await open(command, edge, { interactiveMode: "Never" });
  assert.deepEqual(await credentials.headers(), { Authorization: "Bearer []" });
  assert.equal(file("shown"), "opening a browser\n");
});

test("a plugin that wants to know the cluster is told its proxy and its compression, too", async (t) => {
  const { command, file } = plugin(
    t,
    `printf %s "$KUBERNETES_EXEC_INFO" > FOLDER/told; echo '${printed({ token: "t" })}'`,
  );
  const cluster = { "proxy-url": "socks5://proxy:1080", "disable-compression": true };
  await open(command, {}, { provideClusterInfo: true }, cluster);
  const { cluster: told } = JSON.parse(file("told")).spec;
  assert.deepEqual(told, { server: "https://api:6443", ...cluster, config: null });
});

test("a plugin is asked once, at the start, while what it gave is valid", async (t) => {
  const later = new Date(Date.now() + 60_000).toISOString();
  const { command, runs } = plugin(t, `echo '${printed({ token: "valid", expirationTimestamp: later })}'`);
  const { headers } = await open(command);
  assert.equal(runs(), 1);
  assert.deepEqual(await headers(), { Authorization: "Bearer valid" });
  assert.deepEqual(await headers(), { Authorization: "Bearer valid" });
  assert.equal(runs(), 1);
});

test("a plugin is asked again when what it gave has expired, once for all requests that wait", async (t) => {
  const { command, runs } = plugin(
    t,
    `echo '${printed({ token: "short", expirationTimestamp: "2020-01-01T00:00:00Z" })}'`,
  );
  const { headers } = await open(command);
  await Promise.all([headers(), headers(), headers()]);
  assert.equal(runs(), 2);
});

test("a plugin is asked again when the server refused what it gave", async (t) => {
  const { command, runs } = plugin(t, `echo '${printed({ token: "TOKEN" })}' | sed "s/TOKEN/$(wc -l < FOLDER/runs)/"`);
  const credentials = await open(command);
  assert.deepEqual(await credentials.headers(), { Authorization: "Bearer 1" });
  credentials.refused?.();
  assert.deepEqual(await credentials.headers(), { Authorization: "Bearer 2" });
  assert.equal(runs(), 2);
});

test("a renewed client certificate takes the place of the old one", async (t) => {
  const status = ({ certificate, key }: { certificate: string; key: string }) =>
    printed({ clientCertificateData: certificate, clientKeyData: key, expirationTimestamp: "2020-01-01T00:00:00Z" });
  const { command, folder } = plugin(t, `cat FOLDER/answer$(wc -l < FOLDER/runs)`);
  const [first, second] = [createCertificates().administrator, createCertificates().administrator];
  writeFileSync(join(folder, "answer1"), status(first));
  writeFileSync(join(folder, "answer2"), status(second));
  const { tls, headers } = await open(command);
  assert.deepEqual([tls.cert, tls.key], [first.certificate, first.key]);
  assert.deepEqual(await headers(), {});
  assert.deepEqual([tls.cert, tls.key], [second.certificate, second.key]);
});

test("Ctrl-C ends a plugin that waits, and the wait for it", async (t) => {
  const { command, folder } = plugin(t, `trap 'echo > FOLDER/ended; exit 1' TERM\nsleep 60 & wait`);
  const interrupt = new AbortController();
  const opening = open(command, { signal: interrupt.signal });
  while (!existsSync(join(folder, "runs"))) await sleep(5);
  await sleep(50);
  interrupt.abort(new Failure("interrupted", "interrupted"));
  await assert.rejects(opening, { kind: "interrupted" });
  while (!existsSync(join(folder, "ended"))) await sleep(5);
});

test("the hint how to install a plugin is shown, without what could steer the terminal", async () => {
  await assert.rejects(
    open("no-such-plugin", {}, { installHint: "get it:\n\n  \u001b[2Jbrew install\tplugin\u0007\n" }),
    {
      sentence: "Unable to connect to the server: getting credentials: exec: executable no-such-plugin not found",
      next: ["get it:", "  [2Jbrew install    plugin"],
    },
  );
});

test("a plugin that is not there and has no hint is named", async () => {
  await assert.rejects(open("no-such-plugin"), {
    next: ["install no-such-plugin, the credential plugin that the kubeconfig names, or put it on PATH"],
  });
});

test("a plugin that may not be run says why", async (t) => {
  const { folder } = plugin(t, "");
  const data = join(folder, "data");
  writeFileSync(data, "", { mode: 0o600 });
  await assert.rejects(open(data), { message: `getting credentials: exec: ${data} could not be started: EACCES` });
});
