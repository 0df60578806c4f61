import { get } from "node:https";
import type { Built } from "./build.ts";
import { certificate, kubeconfigOf, privateKey } from "./certificates.ts";
import { ask } from "./command.ts";
import { etcdUrl, inRun, kubeconfigFile, nodeBridge, services } from "./layout.ts";
import { ensureService } from "./processes.ts";

/** Starts etcd, API server, controller manager and scheduler, each ready before the next. */
export async function startControlPlane(built: Built): Promise<void> {
  const { address } = nodeBridge;
  await ensureService({
    name: "etcd",
    program: built.program("etcd"),
    args: [
      ...[`--data-dir=${inRun("etcd")}`, "--unsafe-no-fsync", "--log-level=warn"],
      ...[`--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`],
      ...[`--listen-peer-urls=http://${address}:2380`, `--initial-advertise-peer-urls=http://${address}:2380`],
      `--initial-cluster=default=http://${address}:2380`,
    ],
    ready: () => answers(`${etcdUrl}/health`),
  });
  await ensureService({
    name: "kube-apiserver",
    program: built.program("kube-apiserver"),
    args: [
      ...[`--bind-address=${address}`, `--advertise-address=${address}`, "--secure-port=6443"],
      ...[`--etcd-servers=${etcdUrl}`, "--authorization-mode=Node,RBAC", "--allow-privileged"],
      `--service-cluster-ip-range=${services.subnet}`,
      `--service-node-port-range=${services.nodePorts}`,
      ...[`--client-ca-file=${certificate("ca")}`, `--tls-cert-file=${certificate("apiserver")}`],
      `--tls-private-key-file=${privateKey("apiserver")}`,
      `--kubelet-client-certificate=${certificate("admin")}`,
      `--kubelet-client-key=${privateKey("admin")}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${privateKey("service-accounts")}`,
      `--service-account-signing-key-file=${privateKey("service-accounts")}`,
    ],
    // Readiness, not liveness: it turns true once the default roles and priority classes exist.
    ready: async () =>
      (await ask(built.program("kubectl"), ["--kubeconfig", kubeconfigFile, "get", "--raw", "/readyz"])) === "ok",
  });
  await ensureService({
    name: "kube-controller-manager",
    program: built.program("kube-controller-manager"),
    args: [
      ...[`--kubeconfig=${kubeconfigOf("controller-manager")}`, `--bind-address=${address}`, "--leader-elect=false"],
      // Its own user may do little: each controller acts as a service account with the rights it needs.
      "--use-service-account-credentials",
      `--root-ca-file=${certificate("ca")}`,
      `--service-account-private-key-file=${privateKey("service-accounts")}`,
      ...[`--cluster-signing-cert-file=${certificate("ca")}`, `--cluster-signing-key-file=${privateKey("ca")}`],
      `--cert-dir=${inRun("controller-manager")}`,
    ],
    ready: () => answers(`https://${address}:10257/healthz`),
  });
  await ensureService({
    name: "kube-scheduler",
    program: built.program("kube-scheduler"),
    args: [
      ...[`--kubeconfig=${kubeconfigOf("scheduler")}`, `--bind-address=${address}`, "--leader-elect=false"],
      `--cert-dir=${inRun("scheduler")}`,
    ],
    ready: () => answers(`https://${address}:10259/healthz`),
  });
}

/** True when a GET is answered with 200. Certificates are not checked: these ones are the services' own. */
export async function answers(url: string): Promise<boolean> {
  if (url.startsWith("http:")) {
    return fetch(url, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
  }
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get(url, { rejectUnauthorized: false, timeout: 2000, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  request.on("timeout", () => request.destroy());
  request.on("error", () => resolve(false));
  return promise;
}
