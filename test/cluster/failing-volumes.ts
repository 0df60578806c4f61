import { setTimeout as sleep } from "node:timers/promises";
import { workloadNamespace } from "./manifests.ts";

/** The requests this needs; paths are absolute, bodies JSON. Failures are thrown. */
export interface FailingVolumesApi {
  get(path: string): Promise<Record<string, unknown>>;
  post(path: string, body: unknown): Promise<Record<string, unknown>>;
  /** Merge patch. */
  patch(path: string, body: unknown): Promise<Record<string, unknown>>;
  delete(path: string): Promise<void>;
}

const core = "/api/v1/namespaces/mke";
const velero = "/apis/velero.io/v1/namespaces/mke";
const secret = `${core}/secrets/velero-repo-credentials`;
const quotas = `${core}/resourcequotas`;
const quotaName = "no-more-pods";

/**
 * Makes every pod volume backup of the workload fail, each with a message of its own in the PodVolumeBackup, and returns
 * what ends that. Does so through the Kubernetes API alone, in the way that fails at once on the Velero that runs:
 * - from 1.17 on, each volume is backed up by a pod in Velero's namespace: a ResourceQuota there forbids new pods.
 *   "error to expose PVB: error to create hosting pod: pods "…" is forbidden: exceeded quota: no-more-pods, …"
 * - before, the node agent itself opens the repository: its password is made a wrong one.
 *   "error to initialize data path: … unable to create format manager: invalid repository password"
 */
export async function failVolumeBackups(api: FailingVolumesApi): Promise<() => Promise<void>> {
  return (await usesHostingPods(api)) ? forbidPods(api) : spoilPassword(api);
}

/** Velero's own definition tells: volumes backed up by pods of their own can be cancelled. */
async function usesHostingPods(api: FailingVolumesApi): Promise<boolean> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/podvolumebackups.velero.io";
  return JSON.stringify((await api.get(path))["spec"]).includes('"cancel":');
}

async function forbidPods(api: FailingVolumesApi): Promise<() => Promise<void>> {
  await api.post(quotas, {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: quotaName },
    spec: { hard: { pods: "0" } },
  });
  // Until the controller has counted, pods are refused for another reason than the quota.
  await eventually("the quota is counted", async () => {
    const quota = await api.get(`${quotas}/${quotaName}`);
    return JSON.stringify(quota["status"] ?? {}).includes('"used"');
  });
  return () => api.delete(`${quotas}/${quotaName}`);
}

async function spoilPassword(api: FailingVolumesApi): Promise<() => Promise<void>> {
  // A repository made under the wrong password would open with it: there must be one already.
  if (!(await hasRepository(api))) await backUpOnce(api);
  const data = (await api.get(secret))["data"];
  const wrong = Buffer.from("not-the-password").toString("base64");
  await api.patch(secret, { data: { "repository-password": wrong } });
  return async () => {
    await api.patch(secret, { data });
  };
}

interface Repository {
  spec: { volumeNamespace: string };
  status?: { phase?: string };
}

async function hasRepository(api: FailingVolumesApi): Promise<boolean> {
  const { items } = (await api.get(`${velero}/backuprepositories`)) as { items?: Repository[] };
  return (items ?? []).some(
    ({ spec, status }) => spec.volumeNamespace === workloadNamespace && status?.phase === "Ready",
  );
}

async function backUpOnce(api: FailingVolumesApi): Promise<void> {
  const name = `first-repository-${Date.now()}`;
  await api.post(`${velero}/backups`, {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name },
    spec: { includedNamespaces: [workloadNamespace], defaultVolumesToFsBackup: true, ttl: "1h0m0s" },
  });
  await eventually(`backup ${name} has ended`, async () => {
    const { status } = (await api.get(`${velero}/backups/${name}`)) as { status?: { completionTimestamp?: string } };
    return status?.completionTimestamp !== undefined;
  });
  if (!(await hasRepository(api))) throw new Error(`Backup ${name} has made no repository for ${workloadNamespace}.`);
}

async function eventually(what: string, question: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await question())) {
    if (Date.now() > deadline) throw new Error(`Waited 120 s, and it is not so: ${what}.`);
    await sleep(200);
  }
}
