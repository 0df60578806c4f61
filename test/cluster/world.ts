import type { Built } from "./build.ts";
import { run } from "./command.ts";
import { images } from "./images.ts";
import { kubeconfigFile, kubeletFolder, logFile, services, type VeleroVersion } from "./layout.ts";
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

/** Puts into the running cluster what an MKE cluster holds, and waits until backups can be taken. */
export async function fillCluster(built: Built, version: VeleroVersion): Promise<void> {
  const kubectl = (args: string[], signal: AbortSignal, input?: string, log?: string): Promise<string> =>
    run(built.program("kubectl"), ["--kubeconfig", kubeconfigFile, ...args], {
      signal,
      ...(input ? { input } : {}),
      ...(log ? { log } : {}),
    });
  const apply = async (objects: Manifest[], signal: AbortSignal, log: string): Promise<void> => {
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    await kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], signal, list, log);
  };
  const rolledOut = (workload: string, namespace: string, signal: AbortSignal): Promise<string> =>
    kubectl(["rollout", "status", workload, "-n", namespace], signal);

  const log = logFile("objects");
  await step({ title: "definitions and namespaces", limit: 60, log }, async (signal) => {
    await apply([namespaceOf(systemNamespace), mkeConfigDefinition], signal, log);
    await kubectl(["apply", "--server-side", "--force-conflicts", "-f", built.definitions], signal, undefined, log);
    await kubectl(["wait", "--for=condition=Established", "crd", "--all"], signal);
    // Pods of a namespace are refused until its default ServiceAccount has been made.
    await until(signal, () => kubectl(["get", "sa", "default", "-n", systemNamespace], signal).catch(() => false));
  });
  await step({ title: `MinIO, Velero ${version} and the workload applied`, limit: 60, log }, (signal) => {
    const shop = workload({ image: images.base, bytes: blobBytes });
    const storage = minio({ image: images.minio, clusterIp: services.minio });
    return apply([mkeConfig, ...storage, ...velero({ image: images.velero, kubeletFolder }), ...shop], signal, log);
  });
  await step({ title: "MinIO is running", limit: 120, log: logFile("kubelet") }, (signal) =>
    rolledOut("deployment/minio", systemNamespace, signal),
  );
  await step({ title: "Velero and its node agent are running", limit: 120, log: logFile("kubelet") }, (signal) =>
    Promise.all(["deployment/velero", "ds/node-agent"].map((name) => rolledOut(name, systemNamespace, signal))),
  );
  await step({ title: "workload is running", limit: 120, log: logFile("kubelet") }, (signal) =>
    rolledOut("deployment/web", workloadNamespace, signal),
  );
  await step({ title: "backup storage location is available", limit: 120, log }, (signal) =>
    until(signal, async () => {
      const path = ["backupstoragelocation", "default", "-n", systemNamespace, "-o", "jsonpath={.status.phase}"];
      return (await kubectl(["get", ...path], signal)) === "Available";
    }),
  );
}
