import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Velero releases the cluster can run: the current one, and the one MKE 4.0 and 4.1 bundle. */
export const veleroVersions = ["1.18", "1.13"] as const;
export type VeleroVersion = (typeof veleroVersions)[number];

export const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const modulesFolder = join(projectFolder, "test", "cluster", "modules");

/** What survives `down`: built binaries and images, named after a hash of what they were made of. */
export const cacheFolder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kubectl-mkebackup");

/** Everything a running cluster keeps on disk, but for the kubelet's root, whose default place Velero expects. */
export const runFolder = "/var/lib/kubectl-mkebackup-cluster";
export const kubeletFolder = "/var/lib/kubelet";
export const inRun = (...parts: string[]): string => join(runFolder, ...parts);
export const kubeconfigFile = inRun("kubeconfig");
export const logFile = (name: string): string => inRun("logs", `${name}.log`);

/** Every server listens on this bridge's address, so no port can clash with what else runs on the machine. */
export const nodeBridge = { name: "mkebackup-node", address: "172.30.0.1" };
/** The bridge the pods hang on; the CNI plugin makes it. */
export const podBridge = { name: "mkebackup-pods", subnet: "10.244.0.0/24" };
export const services = {
  subnet: "10.96.0.0/16",
  apiServer: "10.96.0.1",
  minio: "10.96.9.0",
  nodePorts: "32768-35535",
};
export const apiServerUrl = `https://${nodeBridge.address}:6443`;
export const etcdUrl = `http://${nodeBridge.address}:2379`;
export const nodeName = "mke-node";
/** Parent of the pods' cgroups, so that only ours are taken down. */
export const cgroupName = "kubectl-mkebackup";
export const containerdSocket = inRun("containerd", "containerd.sock");
