/** The objects every test world holds, as plain data: MKE's configuration, its MinIO, and a workload to back up. */

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

export const systemNamespace = "mke";
export const workloadNamespace = "shop";
export const bucket = "velero";
export const minioCredentials = { user: "admin", password: "mke-test-minio-password" };

export const namespaceOf = (name: string): Manifest => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

/** MKE's own definition is not public: what is known is its group, kind, scope and the default object. */
export const mkeConfigDefinition: Manifest = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "mkeconfigs.mke.mirantis.com" },
  spec: {
    group: "mke.mirantis.com",
    names: { kind: "MkeConfig", listKind: "MkeConfigList", plural: "mkeconfigs", singular: "mkeconfig" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

/** The configuration that `mkectl init` of MKE 4.1.0 writes, shortened to what concerns backups and the cluster. */
export const mkeConfig: Manifest = {
  apiVersion: "mke.mirantis.com/v1alpha1",
  kind: "MkeConfig",
  metadata: { name: "mke", namespace: systemNamespace },
  spec: {
    version: "v4.1.0",
    backup: {
      enabled: true,
      scheduled_backup: { enabled: false },
      storage_provider: {
        type: "InCluster",
        external_options: {},
        in_cluster_options: { admin_credentials_secret: "minio-credentials", enable_ui: true },
      },
    },
    network: { serviceCIDR: "10.96.0.0/16", nodePortRange: "32768-35535" },
    tracking: { enabled: true },
  },
};

const minioLabels = { "app.kubernetes.io/name": "minio", "app.kubernetes.io/instance": "minio" };

/**
 * MinIO as MKE deploys it: the Bitnami chart's names, a ClusterIP Service, and an emptyDir, so a new pod starts with an
 * empty bucket.
 */
export function minio(options: { image: string; clusterIp?: string }): Manifest[] {
  const labels = { ...minioLabels, "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "minio-14.10.5" };
  const credential = (name: string, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: "minio-credentials", key } },
  });
  const metadata = { name: "minio", namespace: systemNamespace, labels };
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "minio-credentials", namespace: systemNamespace, labels },
      type: "Opaque",
      stringData: { "root-user": minioCredentials.user, "root-password": minioCredentials.password },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        type: "ClusterIP",
        ...(options.clusterIp ? { clusterIP: options.clusterIp } : {}),
        selector: minioLabels,
        ports: [
          { name: "minio-api", port: 9000, targetPort: "minio-api" },
          { name: "minio-console", port: 9001, targetPort: "minio-console" },
        ],
      },
    },
    {
      // The console, as enable_ui has MKE's ingress controller serve it.
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata,
      spec: {
        ingressClassName: "nginx-default",
        rules: [
          {
            http: {
              paths: [
                {
                  path: "/minio/",
                  pathType: "Prefix",
                  backend: { service: { name: "minio", port: { name: "minio-console" } } },
                },
              ],
            },
          },
        ],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: minioLabels },
        template: {
          metadata: { labels },
          spec: {
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 5,
            containers: [
              {
                name: "minio",
                image: options.image,
                imagePullPolicy: "IfNotPresent",
                // A folder of the data drive is a bucket: MinIO's pod brings its own, as the chart's defaultBuckets does.
                command: ["/bin/sh", "-c"],
                args: [`mkdir -p /data/${bucket} && exec minio server /data --console-address :9001`],
                env: [
                  credential("MINIO_ROOT_USER", "root-user"),
                  credential("MINIO_ROOT_PASSWORD", "root-password"),
                  { name: "MINIO_BROWSER", value: "on" },
                ],
                ports: [
                  { name: "minio-api", containerPort: 9000 },
                  { name: "minio-console", containerPort: 9001 },
                ],
                readinessProbe: { httpGet: { path: "/minio/health/live", port: "minio-api" }, periodSeconds: 2 },
                volumeMounts: [{ name: "data", mountPath: "/data" }],
              },
            ],
            volumes: [{ name: "data", emptyDir: {} }],
          },
        },
      },
    },
  ];
}

/** A pod prints its volume's checksum when it starts: before a disaster and after a restore, its log tells. */
const workloadScript = (bytes: number): string =>
  [
    `[ -f /data/blob ] || { head -c ${bytes} /dev/urandom > /data/blob.new && mv /data/blob.new /data/blob; }`,
    `echo "sha256 $(sha256sum /data/blob | cut -d' ' -f1)"`,
    "exec sleep 2147483647",
  ].join("\n");

/** Namespace `shop`: two pods with a volume each, a Service, a ConfigMap and a Secret. */
export function workload(options: { image: string; bytes: number }): Manifest[] {
  const labels = { app: "web" };
  const inShop = (name: string) => ({ name, namespace: workloadNamespace, labels });
  return [
    namespaceOf(workloadNamespace),
    { apiVersion: "v1", kind: "ConfigMap", metadata: inShop("settings"), data: { currency: "EUR", theme: "dark" } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: inShop("login"),
      type: "Opaque",
      stringData: { username: "shop", password: "open-sesame" },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: inShop("web"),
      spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: inShop("web"),
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            // The script does not react to SIGTERM: without this each deletion would take 30 s.
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: "web",
                image: options.image,
                imagePullPolicy: "IfNotPresent",
                command: ["/bin/sh", "-c", workloadScript(options.bytes)],
                volumeMounts: [{ name: "data", mountPath: "/data" }],
              },
            ],
            volumes: [{ name: "data", emptyDir: {} }],
          },
        },
      },
    },
  ];
}
