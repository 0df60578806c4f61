import type { Built } from "./build.ts";
import { run } from "./command.ts";
import { images } from "./images.ts";
import { inRun, kubeconfigFile, kubeletFolder, logFile, services, type VeleroVersion } from "./layout.ts";
import {
  type Manifest,
  minio,
  mkeConfig,
  mkeConfigDefinition,
  namespaceOf,
  systemNamespace,
  workload,
  workloadNamespace,
} from "./manifests.ts";
import { step, until } from "./step.ts";
import { velero } from "./velero-manifests.ts";

const blobBytes = 20 * 1024 * 1024;

/**
 * Puts into the running cluster what an MKE cluster holds, and waits until backups can be taken: until Velero has found
 * its storage location available after the given time (milliseconds since 1970). An older finding can be from before a crash.
 */
export async function fillCluster(built: Built, version: VeleroVersion, validatedAfter: number): Promise<void> {
  const log = logFile("objects");
  const kubectl: Kubectl = (args, signal, input) =>
    run(built.program("kubectl"), ["--kubeconfig", kubeconfigFile, ...args], {
      env: { ...process.env, KUBECACHEDIR: inRun("kubectl-cache") },
      ...{ signal, log, input: input ?? "" },
    });
  const apply = (what: string[], signal: AbortSignal, input?: string): Promise<string> =>
    kubectl(["apply", "--server-side", "--force-conflicts", ...what], signal, input);
  const applyObjects = (items: Manifest[], signal: AbortSignal): Promise<string> =>
    apply(["-f", "-"], signal, JSON.stringify({ apiVersion: "v1", kind: "List", items }));

  await step({ title: "definitions and namespaces", limit: 60, log }, async (signal) => {
    await applyObjects([namespaceOf(systemNamespace), mkeConfigDefinition], signal);
    await apply(["-f", built.definitions], signal);
    await kubectl(["wait", "--for=condition=Established", "crd", "--all"], signal);
    // Pods of a namespace are refused until its default ServiceAccount has been made.
    await until(signal, () => kubectl(["get", "sa", "default", "-n", systemNamespace], signal).catch(() => false));
  });
  await step({ title: `MinIO, Velero ${version} and the workload applied`, limit: 60, log }, (signal) => {
    const shop = workload({ image: images.base, bytes: blobBytes });
    const storage = minio({ image: images.minio, clusterIp: services.minio });
    const backup = velero({ image: images.velero, kubeletFolder });
    return applyObjects([mkeConfig, ...storage, ...backup, ...shop], signal);
  });
  await rollOut(kubectl, "MinIO is running", systemNamespace, "deployment/minio");
  await rollOut(kubectl, "Velero is running", systemNamespace, "deployment/velero");
  await rollOut(kubectl, "node agent is running", systemNamespace, "daemonset/node-agent");
  await rollOut(kubectl, "workload is running", workloadNamespace, "deployment/web");
  await step({ title: "backup storage location is available", limit: 120, log }, (signal) =>
    until(signal, async () => {
      const path = ["backupstoragelocation", "default", "-n", systemNamespace, "-o", "jsonpath={.status}"];
      const { phase, lastValidationTime } = JSON.parse((await kubectl(["get", ...path], signal)) || "{}");
      return phase === "Available" && Date.parse(lastValidationTime) >= validatedAfter;
    }),
  );
}

type Kubectl = (args: string[], signal: AbortSignal, input?: string) => Promise<string>;

async function rollOut(kubectl: Kubectl, title: string, namespace: string, workload: string): Promise<void> {
  await step({ title, limit: 120, log: logFile("objects") }, async (signal) => {
    try {
      await kubectl(["rollout", "status", workload, "-n", namespace, "--timeout=110s"], signal);
    } catch (error) {
      // Why a pod does not start stands in its events: into the log, which the failure quotes.
      await kubectl(["get", "events", "-n", namespace, "--sort-by=.lastTimestamp"], signal);
      throw error;
    }
  });
}
