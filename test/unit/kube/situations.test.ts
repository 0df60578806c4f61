import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import { openCluster } from "../../../src/kube/http-cluster.ts";
import { readKubeconfig } from "../../../src/kube/kubeconfig.ts";
import { execSituations } from "./exec-situations.ts";
import { kubeconfigSituations } from "./kubeconfig-situations.ts";
import { type Probe, type Seen, startProbe } from "./probe.ts";
import { layOut, type SituationFolder } from "./situation-folder.ts";

let probe: Probe;
before(async () => {
  probe = await startProbe();
});
after(() => probe.stop());

/** Asks the server for its version, and returns what the server saw. */
async function ask({ flags, env }: SituationFolder): Promise<Seen | undefined> {
  probe.take();
  const signal = new AbortController().signal;
  const cluster = await openCluster({ flags, env, signal, userAgent: "test", onWarning: assert.fail });
  try {
    await cluster.version();
  } finally {
    cluster.close();
  }
  return probe.take().at(-1);
}

for (const situation of [...kubeconfigSituations, ...execSituations]) {
  const { title, expected } = situation;
  test(title, async (t) => {
    const folder = layOut(situation, probe);
    t.after(() => folder.remove());
    if (expected.current !== undefined) {
      const config = await readKubeconfig(folder.flags.kubeconfig, folder.env);
      assert.equal(config.currentContext, expected.current);
      const context = config.contexts.get(folder.flags.context || config.currentContext);
      assert.equal(context?.namespace, expected.namespace);
    }
    if (expected.error === undefined) {
      assert.deepEqual(await ask(folder), expected.seen);
      if (expected.told !== undefined) assert.deepEqual(folder.told(), expected.told);
      return;
    }
    await assert.rejects(ask(folder), (error: unknown) => {
      assert.ok(error instanceof Failure, String(error));
      assert.match(folder.readable(error.message), expected.error ?? /never/);
      return true;
    });
  });
}
