import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { stringify } from "yaml";
import { run } from "./command.ts";
import { apiServerUrl, inRun, kubeconfigFile, nodeBridge, nodeName, services } from "./layout.ts";

const days = "3650";
const folder = inRun("certificates");
export const certificate = (name: string): string => `${folder}/${name}.crt`;
export const privateKey = (name: string): string => `${folder}/${name}.key`;
export const kubeconfigOf = (name: string): string => `${folder}/${name}.kubeconfig`;

interface Identity {
  name: string;
  commonName: string;
  organization?: string;
}

/** Who may talk to the API server; the names are the ones Kubernetes' own roles are bound to. */
const identities: Identity[] = [
  { name: "admin", commonName: "admin", organization: "system:masters" },
  { name: "kubelet", commonName: `system:node:${nodeName}`, organization: "system:nodes" },
  { name: "controller-manager", commonName: "system:kube-controller-manager" },
  { name: "scheduler", commonName: "system:kube-scheduler" },
  { name: "proxy", commonName: "system:kube-proxy" },
];

/** Makes the certificate authority, all certificates and kubeconfigs. Once made, they stay for the cluster's life. */
export async function makeCertificates(signal: AbortSignal): Promise<void> {
  if (existsSync(kubeconfigFile)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await openssl(signal, [
    ..."req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=mke-test-ca".split(" "),
    ...["-days", days, "-keyout", privateKey("ca"), "-out", certificate("ca")],
  ]);
  const names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"].map(
    (name) => `DNS:${name}`,
  );
  const addresses = [nodeBridge.address, "127.0.0.1", services.apiServer].map((address) => `IP:${address}`);
  await sign(signal, { name: "apiserver", commonName: "kube-apiserver" }, [...names, ...addresses].join(","));
  await Promise.all(identities.map((identity) => sign(signal, identity)));
  await openssl(signal, ["genrsa", "-out", privateKey("service-accounts"), "2048"]);
  for (const { name } of identities) await writeFile(kubeconfigOf(name), await kubeconfig(name), { mode: 0o600 });
  await writeFile(kubeconfigFile, await kubeconfig("admin"), { mode: 0o600 });
}

async function sign(signal: AbortSignal, identity: Identity, alternativeNames?: string): Promise<void> {
  const { name, commonName, organization } = identity;
  const subject = `${organization ? `/O=${organization}` : ""}/CN=${commonName}`;
  const usage = alternativeNames ? "serverAuth" : "clientAuth";
  const extensions = [`extendedKeyUsage=${usage}`, ...(alternativeNames ? [`subjectAltName=${alternativeNames}`] : [])];
  await openssl(signal, [
    ..."req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256".split(" "),
    ...["-CA", certificate("ca"), "-CAkey", privateKey("ca"), "-subj", subject, "-days", days],
    ...extensions.flatMap((extension) => ["-addext", extension]),
    ...["-addext", "basicConstraints=CA:false", "-keyout", privateKey(name), "-out", certificate(name)],
  ]);
}

const openssl = (signal: AbortSignal, args: string[]): Promise<string> => run("openssl", args, { signal });

async function kubeconfig(name: string): Promise<string> {
  const encoded = async (file: string) => (await readFile(file)).toString("base64");
  // As kubectl and mkectl write it, so that what is measured with it is what users have.
  return stringify(
    {
      apiVersion: "v1",
      clusters: [
        {
          cluster: { "certificate-authority-data": await encoded(certificate("ca")), server: apiServerUrl },
          name: "mke",
        },
      ],
      contexts: [{ context: { cluster: "mke", user: name }, name: "mke" }],
      "current-context": "mke",
      kind: "Config",
      preferences: {},
      users: [
        {
          name,
          user: {
            "client-certificate-data": await encoded(certificate(name)),
            "client-key-data": await encoded(privateKey(name)),
          },
        },
      ],
    },
    { lineWidth: 0 },
  );
}
