import { parseDocuments } from "../../../src/mke/document.ts";

/** Plain data of the only document in a YAML text. */
export const parsed = async (yaml: string): Promise<unknown> => (await parseDocuments(yaml, "sample"))[0];

/** The whole default file of MKE 4.1.0, as `mkectl init` writes it. */
export const mke410 = `
apiVersion: mke.mirantis.com/v1alpha1
kind: MkeConfig
metadata: {name: mke, namespace: mke, creationTimestamp: null}
spec:
  version: v4.1.0
  hosts: [{role: controller+worker, ssh: {address: 10.0.0.160, user: ubuntu, port: 22, keyPath: /path/key}}]
  airgap: {enabled: false}
  apiServer: {audit: {enabled: false, logPath: /var/log/k0s/audit/mke4_audit.log, maxAge: 30, maxBackup: 10, maxSize: 10}, encryptionProvider: /var/lib/k0s/encryption.cfg, eventRateLimit: {enabled: false}, requestTimeout: 1m0s}
  authentication: {expiry: {}, ldap: {enabled: false}, oidc: {enabled: false}, saml: {enabled: false}}
  backup:
    enabled: true
    scheduled_backup:
      enabled: false
    storage_provider:
      external_options: {}
      in_cluster_options:
        admin_credentials_secret: minio-credentials
        enable_ui: true
      type: InCluster
  cloudProvider: {enabled: false, provider: aws}
  controllerManager: {terminatedPodGCThreshold: 12500}
  devicePlugins: {nvidiaGPU: {enabled: false, mig: {}}}
  dns: {lameduck: {}}
  etcd: {}
  ingressController: {enabled: true, replicaCount: 2, affinity: {nodeAffinity: {}}, nodePorts: {}, ports: {}, extraArgs: {defaultSslCertificate: mke/mke-ingress.tls, enableSslPassthrough: false, httpPort: 80, httpsPort: 443}}
  kubelet: {eventRecordQPS: 50, maxPods: 110, podPidsLimit: -1, managerKubeReserved: {cpu: 250m, ephemeral-storage: 4Gi, memory: 2Gi}}
  license: {token: ""}
  monitoring: {enableCAdvisor: false, enableGrafana: true, enableOpscare: false, grafana: {ingress: {enabled: false}}, prometheus: {}}
  network:
    serviceCIDR: 10.96.0.0/16
    nodePortRange: 32768-35535
    kubeProxy: {mode: iptables, metricsBindAddress: "0.0.0.0:10249", iptables: {minSyncPeriod: 0s, syncPeriod: 0s}}
    providers: [{provider: calico, enabled: true, extraConfig: {cidrV4: 192.168.0.0/16, linuxDataplane: Iptables, loglevel: Info}}, {provider: custom, enabled: false}]
  policyController: {opaGatekeeper: {enabled: false}}
  registries: {chartRegistry: {url: "oci://registry.mirantis.com/mke"}, imageRegistry: {url: registry.mirantis.com/mke}}
  scheduler: {}
  tracking: {enabled: true}
`;

export const mkeConfigObject = {
  apiVersion: "mke.mirantis.com/v1alpha1",
  kind: "MkeConfig",
  metadata: { name: "mke", namespace: "mke" },
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
  },
};
