import { bucket, type Manifest, minioCredentials, systemNamespace } from "./manifests.ts";

const chartLabels = {
  "app.kubernetes.io/name": "velero",
  "app.kubernetes.io/instance": "velero",
  "app.kubernetes.io/managed-by": "Helm",
  "helm.sh/chart": "velero-6.0.0",
};

/** The location of MKE's in-cluster storage: no publicUrl, so signed URLs name a host only the cluster can resolve. */
export const storageLocation: Manifest = {
  apiVersion: "velero.io/v1",
  kind: "BackupStorageLocation",
  metadata: { name: "default", namespace: systemNamespace, labels: chartLabels },
  spec: {
    default: true,
    provider: "aws",
    objectStorage: { bucket },
    config: { region: "minio", s3ForcePathStyle: "true", s3Url: `http://minio.${systemNamespace}.svc:9000` },
  },
};

/** Velero, its node agent and their storage location, with the names and labels of the chart MKE uses. */
export function velero(options: { image: string; kubeletFolder: string }): Manifest[] {
  const named = (name: string) => ({ name, namespace: systemNamespace, labels: chartLabels });
  const credentials = `[default]\naws_access_key_id=${minioCredentials.user}\naws_secret_access_key=${minioCredentials.password}\n`;
  const bindingName = `velero-${systemNamespace}`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: named("velero") },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: bindingName, labels: chartLabels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", name: "velero", namespace: systemNamespace }],
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: named("cloud-credentials"),
      type: "Opaque",
      stringData: { cloud: credentials },
    },
    storageLocation,
    {
      // Velero 1.13 reads this name. Its agent takes one volume at a time and looks for the next a minute later.
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: named("node-agent-config"),
      data: { "config.json": JSON.stringify({ loadConcurrency: { globalConfig: 4 } }) },
    },
    serverDeployment(options.image),
    nodeAgent(options.image, options.kubeletFolder),
  ];
}

function serverDeployment(image: string): Manifest {
  const args = ["server", "--uploader-type=kopia", "--store-validation-frequency=10s"];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "velero", namespace: systemNamespace, labels: { ...chartLabels, component: "velero" } },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: { deploy: "velero" } },
      template: {
        metadata: { labels: { ...chartLabels, component: "velero", deploy: "velero", name: "velero" } },
        spec: {
          enableServiceLinks: false,
          serviceAccountName: "velero",
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              ...container("velero", image, args),
              ports: [{ name: "http-monitoring", containerPort: 8085 }],
              volumeMounts: [scratchMount, credentialsMount],
            },
          ],
          volumes: [scratch, credentialsVolume],
        },
      },
    },
  };
}

/** Backs up and restores the volumes of pods on its node; it reads them below the kubelet's root. */
function nodeAgent(image: string, kubeletFolder: string): Manifest {
  const hostFolder = (name: string, mountPath: string) => ({ name, mountPath, mountPropagation: "HostToContainer" });
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "node-agent", namespace: systemNamespace, labels: chartLabels },
    spec: {
      selector: { matchLabels: { name: "node-agent" } },
      template: {
        metadata: { labels: { ...chartLabels, name: "node-agent", role: "node-agent" } },
        spec: {
          enableServiceLinks: false,
          serviceAccountName: "velero",
          securityContext: { runAsUser: 0 },
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              ...container("node-agent", image, ["node-agent", "server"]),
              volumeMounts: [
                hostFolder("host-pods", "/host_pods"),
                hostFolder("host-plugins", "/var/lib/kubelet/plugins"),
                scratchMount,
                credentialsMount,
              ],
            },
          ],
          volumes: [
            { name: "host-pods", hostPath: { path: `${kubeletFolder}/pods` } },
            { name: "host-plugins", hostPath: { path: `${kubeletFolder}/plugins`, type: "DirectoryOrCreate" } },
            scratch,
            credentialsVolume,
          ],
        },
      },
    },
  };
}

const scratch = { name: "scratch", emptyDir: {} };
const scratchMount = { name: "scratch", mountPath: "/scratch" };
const credentialsVolume = { name: "cloud-credentials", secret: { secretName: "cloud-credentials" } };
const credentialsMount = { name: "cloud-credentials", mountPath: "/credentials" };

function container(name: string, image: string, args: string[]) {
  const field = (variable: string, fieldPath: string) => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["/velero"],
    args,
    env: [
      field("NODE_NAME", "spec.nodeName"),
      field("VELERO_NAMESPACE", "metadata.namespace"),
      { name: "VELERO_SCRATCH_DIR", value: "/scratch" },
      { name: "AWS_SHARED_CREDENTIALS_FILE", value: "/credentials/cloud" },
    ],
  };
}
