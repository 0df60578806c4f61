import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ForeignStore } from "../cluster/foreign-store.ts";
import { type Api, openApi } from "./api.ts";
import { type Outcome, programFor, type Running, start } from "./program.ts";
import { type Refusal, startRefusingStore } from "./refusing-store.ts";

/** A cluster with Velero, MinIO and the sample workload, and the program to use on it. */
export interface World {
  readonly name: "sandbox" | "cluster";
  readonly velero: string;
  readonly kubeconfig: string;
  readonly api: Api;
  /** MinIO's API as this machine reaches it; a laptop does not. */
  readonly storeUrl: string;
  /** Runs `kubectl mkebackup WORDS` to its end. */
  run(words: string, env?: NodeJS.ProcessEnv): Promise<Outcome>;
  start(words: string, env?: NodeJS.ProcessEnv): Running;
  /** Makes the volumes of the next backups fail; returns what ends that. */
  failVolumeBackups(): Promise<() => Promise<void>>;
  /** Starts a store outside of the cluster, with a bucket and keys of its own. */
  startForeignStore(): Promise<ForeignStore>;
  /** Starts a store outside of the cluster that refuses every request. */
  startRefusingStore(refusal: Refusal): Promise<{ readonly url: string; stop(): Promise<void> }>;
  /** Makes a schedule, or the deletion of a namespace, minutes older; a real API server lets nobody do so. */
  readonly makeOlder?: (kind: "schedules" | "namespaces", name: string, minutes: number) => void;
  stop(): Promise<void>;
}

/**
 * Opens the world that MKEBACKUP_TEST_WORLD names. The sandbox is started for this file alone; a cluster is the one that is
 * up. `unhurried` slows the sandbox down so that there is time to interfere with a run.
 */
export async function openWorld({ unhurried = false } = {}): Promise<World> {
  const name = process.env["MKEBACKUP_TEST_WORLD"] === "cluster" ? "cluster" : "sandbox";
  const opened = name === "cluster" ? await openCluster() : await openSandbox(unhurried);
  const program = programFor(name);
  const environment = (env: NodeJS.ProcessEnv = {}) => ({
    ...withoutTerminalWishes(process.env),
    KUBECONFIG: opened.kubeconfig,
    ...env,
  });
  const words = (text: string) => (text.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ""));
  return {
    name,
    ...opened,
    api: openApi(opened.kubeconfig),
    run: (text, env) => start(program, words(text), environment(env)).ended,
    start: (text, env) => start(program, words(text), environment(env)),
  };
}

type Opened = Pick<
  World,
  | "velero"
  | "kubeconfig"
  | "storeUrl"
  | "failVolumeBackups"
  | "startForeignStore"
  | "startRefusingStore"
  | "makeOlder"
  | "stop"
>;

async function openSandbox(unhurried: boolean): Promise<Opened> {
  const { startSandbox } = await import("../sandbox/sandbox.ts");
  const velero = process.env["MKEBACKUP_WORLD_VELERO"] === "1.13" ? "1.13" : "1.18";
  const sandbox = await startSandbox({ velero, ...(unhurried ? { speed: 0.25 } : {}) });
  return {
    velero,
    kubeconfig: sandbox.kubeconfig,
    storeUrl: sandbox.storeUrl,
    stop: () => sandbox.stop(),
    makeOlder: sandbox.makeOlder,
    async startForeignStore() {
      const { foreignStore } = await import("../cluster/foreign-store.ts");
      return { ...foreignStore, ...(await sandbox.startForeignStore(foreignStore)) };
    },
    async startRefusingStore(refusal) {
      const store = await startRefusingStore("127.0.0.1", refusal);
      sandbox.foreignStores.set(store.url, refusal);
      return store;
    },
    async failVolumeBackups() {
      const undo = sandbox.failVolumeBackups("data path backup failed: connection to the repository was lost");
      return async () => undo();
    },
  };
}

async function openCluster(): Promise<Opened> {
  const kubeconfig = process.env["MKEBACKUP_WORLD_KUBECONFIG"];
  if (kubeconfig === undefined)
    throw new Error("MKEBACKUP_WORLD_KUBECONFIG names no kubeconfig: run these through npm run test:cluster");
  const { failVolumeBackups } = await import("../cluster/failing-volumes.ts");
  const { startForeignStore } = await import("../cluster/foreign-store.ts");
  const service = (await openApi(kubeconfig).get("/api/v1/namespaces/mke/services/minio")) as {
    spec: { clusterIP: string };
  };
  return {
    // The node is this machine.
    storeUrl: `http://${service.spec.clusterIP}:9000`,
    velero: process.env["MKEBACKUP_WORLD_VELERO"] ?? "1.18",
    kubeconfig,
    stop: async () => undefined,
    failVolumeBackups: () => failVolumeBackups(openApi(kubeconfig)),
    startForeignStore: () => startForeignStore(openApi(kubeconfig)),
    startRefusingStore: (refusal) => startRefusingStore(new URL(openApi(kubeconfig).server).hostname, refusal),
  };
}

/** Whatever the developer's shell wants of colours and logs must not decide what the tests see. */
function withoutTerminalWishes(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    FORCE_COLOR: _f,
    NO_COLOR: _n,
    MKEBACKUP_LOG: _l,
    MKEBACKUP_NAMESPACE: _s,
    NODE_OPTIONS: _o,
    NODE_TEST_CONTEXT: _t,
    ...rest
  } = env;
  return rest;
}

/** Looks until the world is as wanted; fails with what was seen last. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  wanted: (seen: T) => boolean,
  limit = 120_000,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const seen = await look();
    if (wanted(seen)) return seen;
    assert.ok(
      performance.now() - start < limit,
      `${what} did not happen within ${limit / 1000}s; last seen: ${JSON.stringify(seen).slice(0, 600)}`,
    );
    await sleep(100);
  }
}

let counter = 0;
/** A name that no earlier run has used. */
export const uniqueName = (word: string): string => `${word}-${Date.now().toString(36)}${counter++}`;

/** Asserts an exit code, showing what the program wrote when it is another. */
export function assertExit(outcome: Outcome, code: number): void {
  assert.equal(
    outcome.code,
    code,
    `exit ${outcome.code}${outcome.signal ?? ""}\n--- stdout\n${outcome.stdout}\n--- stderr\n${outcome.stderr}`,
  );
}
