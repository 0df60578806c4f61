import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Built } from "./build.ts";
import { certificate, kubeconfigOf } from "./certificates.ts";
import { ask } from "./command.ts";
import { answers } from "./control-plane.ts";
import { images, importImages, makeImages } from "./images.ts";
import {
  cgroupName,
  containerdSocket,
  inRun,
  kubeconfigFile,
  kubeletFolder,
  logFile,
  nodeBridge,
  nodeName,
  podBridge,
  services,
} from "./layout.ts";
import { ensureService } from "./processes.ts";
import { step, until } from "./step.ts";

/** Starts what makes this machine a node: container runtime, images, DNS, kubelet and kube-proxy. */
export async function startNode(built: Built): Promise<void> {
  await writeConfiguration();
  await ensureService({
    name: "containerd",
    program: "containerd",
    args: ["--config", inRun("containerd", "config.toml")],
    ready: async () => (await ask("ctr", ["-a", containerdSocket, "version"])) !== undefined,
  });
  const log = logFile("images");
  await step({ title: "images", limit: 180, log }, async (signal) => {
    await importImages(await makeImages(built, signal), log, signal);
  });
  await startDns();
  await ensureService({
    name: "kubelet",
    program: built.program("kubelet"),
    args: [
      ...[`--config=${inRun("kubelet.json")}`, `--kubeconfig=${kubeconfigOf("kubelet")}`],
      ...[`--hostname-override=${nodeName}`, `--node-ip=${nodeBridge.address}`, `--root-dir=${kubeletFolder}`],
      `--cert-dir=${inRun("kubelet-pki")}`,
    ],
    ready: () => answers(`http://${nodeBridge.address}:10248/healthz`),
  });
  await ensureService({
    name: "kube-proxy",
    program: built.program("kube-proxy"),
    args: [
      ...[`--kubeconfig=${kubeconfigOf("proxy")}`, `--hostname-override=${nodeName}`, "--proxy-mode=iptables"],
      ...["--conntrack-max-per-core=0", "--conntrack-min=0", "--iptables-localhost-nodeports=false"],
      // A pod may reach another pod of its bridge through a Service: the answer must come back the same way.
      "--masquerade-all",
      `--healthz-bind-address=${nodeBridge.address}:10256`,
      `--metrics-bind-address=${nodeBridge.address}:10249`,
    ],
    ready: () => answers(`http://${nodeBridge.address}:10256/healthz`),
  });
  await step({ title: "node is ready", limit: 60, log: logFile("kubelet") }, (signal) =>
    until(signal, async () => {
      const condition = "jsonpath={.status.conditions[?(@.type=='Ready')].status}";
      const args = ["--kubeconfig", kubeconfigFile, "get", "node", nodeName, "-o", condition];
      return (await ask(built.program("kubectl"), args)) === "True";
    }),
  );
}

/** Answers the few Service names that pods ask for. */
async function startDns(): Promise<void> {
  const names = ["minio.mke.svc", "minio.mke.svc.cluster.local"];
  await ensureService({
    name: "dnsmasq",
    program: "dnsmasq",
    args: [
      ...["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file="],
      ...[`--listen-address=${nodeBridge.address}`, "--bind-interfaces", "--user=root", "--log-facility=-"],
      ...names.map((name) => `--address=/${name}/${services.minio}`),
      // Anything else does not exist; without this a query for it would be refused and asked again.
      "--address=/#/",
    ],
    ready: async () => true,
  });
}

async function writeConfiguration(): Promise<void> {
  await mkdir(inRun("containerd", "cni"), { recursive: true });
  await writeFile(inRun("containerd", "config.toml"), containerdConfiguration());
  await writeFile(inRun("containerd", "cni", "10-pods.conflist"), JSON.stringify(podNetwork));
  await writeFile(inRun("kubelet.json"), JSON.stringify(kubeletConfiguration));
  await writeFile(inRun("resolv.conf"), `nameserver ${nodeBridge.address}\n`);
  await prepareCgroups();
}

function containerdConfiguration(): string {
  return `version = 2
root = "${inRun("containerd", "root")}"
state = "${inRun("containerd", "state")}"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${inRun("containerd", "opt")}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${images.base}"
  # Root in a container or a small virtual machine may not lower a process's OOM score.
  restrict_oom_score_adj = true
  stream_server_address = "${nodeBridge.address}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "${inRun("runc")}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${inRun("containerd", "cni")}"
`;
}

const podNetwork = {
  cniVersion: "1.0.0",
  name: "mkebackup",
  plugins: [
    {
      type: "bridge",
      bridge: podBridge.name,
      isGateway: true,
      ipam: {
        type: "host-local",
        dataDir: inRun("addresses"),
        ranges: [[{ subnet: podBridge.subnet }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
  ],
};

const kubeletConfiguration = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: nodeBridge.address,
  healthzBindAddress: nodeBridge.address,
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: certificate("ca") },
  },
  authorization: { mode: "Webhook" },
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${cgroupName}`,
  failSwapOn: false,
  failCgroupV1: false,
  enforceNodeAllocatable: [],
  clusterDNS: [nodeBridge.address],
  clusterDomain: "cluster.local",
  resolvConf: inRun("resolv.conf"),
  imageGCHighThresholdPercent: 100,
  evictionHard: { "memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
  // Tests delete and restore pods all the time: what changes should be seen within a second.
  syncFrequency: "10s",
  fileCheckFrequency: "1h",
  podLogsDir: inRun("pod-logs"),
  volumePluginDir: inRun("volume-plugins"),
};

/** The kubelet wants its cgroup to exist, in version 1 once for each controller. */
async function prepareCgroups(): Promise<void> {
  for (const folder of await cgroupFolders()) await mkdir(folder, { recursive: true });
}

/** The folders of the cluster's cgroup: one with cgroup v2, one for each controller with v1. */
export async function cgroupFolders(): Promise<string[]> {
  const root = "/sys/fs/cgroup";
  const entries = await readdir(root);
  if (!entries.includes("cgroup.controllers")) return entries.map((entry) => join(root, entry, cgroupName));
  const controllers = ["cpu", "cpuset", "memory", "pids", "hugetlb", "io"].map((name) => `+${name}`);
  for (const name of controllers) await writeFile(join(root, "cgroup.subtree_control"), name).catch(() => {});
  return [join(root, cgroupName)];
}
