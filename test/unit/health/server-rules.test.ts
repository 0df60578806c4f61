import { type Fact, known } from "../../../src/health/fact.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { minute, hour, day } = sample.units;
const forbidden: Fact<never> = { state: "forbidden", sentence: "list something" };
const timedOut: Fact<never> = { state: "timed out", milliseconds: 5000 };
const { location, workload, pod, stamp } = sample;

testRules({
  "a healthy cluster has no problem": { facts: {}, found: [] },
  "what may not be seen is no problem": {
    facts: {
      server: forbidden,
      answer: forbidden,
      nodeAgents: forbidden,
      objectStore: forbidden,
      configuration: forbidden,
      backups: forbidden,
      restores: timedOut,
      schedules: timedOut,
    },
    found: [],
  },

  "the server is scaled to 0": {
    facts: { server: known(sample.scaledDown(workload())), answer: { state: "failed", sentence: "no pod" } },
    found: ["fail server.down"],
    evidence: /^Deployment velero is scaled to 0\.$/,
    next: "kubectl -n mke scale deployment velero --replicas=1",
  },
  "the server's image cannot be pulled": {
    facts: { server: known(sample.broken(workload(), { trouble: "ImagePullBackOff" })) },
    found: ["fail server.down"],
    evidence: /0 of 1 pods ready \(ImagePullBackOff\)\. Its pod became unready 2026-11-24T08:48:00/,
    next: "kubectl -n mke describe pod velero-6bc96b49cc-t58rg",
  },
  "the server crashes": {
    facts: { server: known(sample.broken(workload(), { trouble: "CrashLoopBackOff" })) },
    found: ["fail server.down"],
    next: "kubectl -n mke logs deployment/velero -c velero --previous",
  },
  "the server's ReplicaSet makes no pods": {
    facts: { server: known(workload({ ready: 0, pods: [] })) },
    found: ["fail server.down"],
    next: "kubectl -n mke describe deployment velero",
  },
  "pods may not be listed": {
    facts: { server: known(workload({ ready: 0, pods: undefined })) },
    found: ["fail server.down"],
    next: "kubectl -n mke describe pods -l name=velero",
  },
  "no server at all": {
    facts: {
      server: known(undefined),
      answer: timedOut,
      locations: known([location({ lastValidationTime: stamp(hour) })]),
    },
    found: ["fail server.missing"],
    evidence: /last checked/,
  },
  "a server outside the cluster leaves traces": { facts: { server: known(undefined), answer: timedOut }, found: [] },
  "the server does not answer": {
    facts: { answer: timedOut },
    found: ["warn server.silent"],
    evidence: /within 5s/,
  },
  "the server ran out of memory once": {
    facts: {
      server: known(
        workload({ pods: [pod({ restarts: 1, lastEnd: { reason: "OOMKilled", at: sample.ago(3 * hour) } })] }),
      ),
    },
    found: ["warn server.memory"],
    evidence: /restarted once, last .* \(OOMKilled\)/,
  },
  "the server ran out of memory, and doctor has read what it wrote": {
    facts: {
      server: known(
        workload({
          memoryLimit: "512Mi",
          pods: [pod({ name: "velero-1", restarts: 2, lastEnd: { reason: "OOMKilled", at: sample.ago(3 * hour) } })],
        }),
      ),
      thorough: sample.thorough({
        lastLines: new Map([["velero-1", known(["starting", "fatal error: out of memory"])]]),
      }),
    },
    found: ["warn server.memory"],
    evidence:
      /^It restarted 2 times, last .* \(OOMKilled; its memory limit is 512Mi\)\. .* It last wrote: fatal error: out of memory\.$/,
  },
  "MinIO ran out of memory": {
    facts: {
      objectStore: known(
        sample.minio({
          persistent: true,
          pods: [pod({ restarts: 1, lastEnd: { reason: "OOMKilled", at: sample.ago(3 * hour) } })],
        }),
      ),
    },
    found: ["warn storage.restarting"],
  },
  "a node agent ran out of memory": {
    facts: {
      nodeAgents: known([
        sample.agents({
          pods: [
            pod({ name: "node-agent-1", restarts: 1, lastEnd: { reason: "OOMKilled", at: sample.ago(3 * hour) } }),
          ],
        }),
      ]),
    },
    found: ["warn agents.restarting"],
    next: "kubectl -n mke describe pod node-agent-1",
  },
  "the server restarts again and again": {
    facts: {
      server: known(
        workload({ pods: [pod({ restarts: 3, lastEnd: { reason: "Error", at: sample.ago(11 * minute) } })] }),
      ),
    },
    found: ["warn server.restarting"],
    next: "kubectl -n mke logs deployment/velero -c velero --previous",
  },
  "restarts of yesterday are over": {
    facts: {
      server: known(workload({ pods: [pod({ restarts: 9, lastEnd: { reason: "Error", at: sample.ago(day) } })] })),
    },
    found: [],
  },

  "node agents are missing on some nodes": {
    facts: { nodeAgents: known([sample.agents({ ready: 3, pods: [pod({ ready: false, node: "node-4" })] })]) },
    found: ["warn agents.down"],
    evidence: /^2 of 5 are not ready on node-4\./,
  },
  "no node agent is ready": {
    facts: { nodeAgents: known([sample.agents({ ready: 0 })]) },
    found: ["fail agents.down"],
  },
  "no node agents, and nobody needs them": { facts: { nodeAgents: known([]) }, found: [] },
  "no node agents, and a schedule needs them": {
    facts: {
      nodeAgents: known([]),
      schedules: known([sample.schedule("nightly", hour, { template: { defaultVolumesToFsBackup: true } })]),
    },
    found: ["fail agents.missing"],
    evidence: /^Schedule nightly wants/,
  },
});
