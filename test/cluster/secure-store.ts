// A second MinIO, behind TLS with a certificate of a private CA, and a storage location in it.
import { createCertificates } from "../sandbox/certificates.ts";
import { bucket, type Manifest, minioCredentials, systemNamespace } from "./manifests.ts";

export const secureStoreName = "minio-tls";
/** A fixed one: the certificate is for it. */
const address = "10.96.9.2";
const host = `${secureStoreName}.${systemNamespace}.svc`;

export interface SecureStoreOptions {
  /** MinIO's. */
  readonly image: string;
  /** Velero asks a DNS server that knows the name of the Service; else it is told the address. */
  readonly hasDns: boolean;
}

/** The objects, in the order in which they can be made, and the CA's certificate in PEM. */
export function secureStore({ image, hasDns }: SecureStoreOptions): { objects: Manifest[]; authority: string } {
  const { authority, server } = createCertificates([host, address, "127.0.0.1"]);
  const metadata = { name: secureStoreName, namespace: systemNamespace };
  const labels = { app: secureStoreName };
  const url = `https://${host}:9000`;
  const config = hasDns ? { s3Url: url } : { s3Url: `https://${address}:9000`, publicUrl: url };
  const objects: Manifest[] = [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      stringData: { "public.crt": server.certificate, "private.key": server.key },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        ...(hasDns ? {} : { clusterIP: address }),
        selector: labels,
        ports: [{ name: "api", port: 9000, targetPort: "api" }],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: "minio",
                image,
                imagePullPolicy: "IfNotPresent",
                command: ["/bin/sh", "-c"],
                args: [`mkdir -p /data/${bucket} && exec minio server /data --certs-dir /certificates`],
                env: [
                  { name: "MINIO_ROOT_USER", value: minioCredentials.user },
                  { name: "MINIO_ROOT_PASSWORD", value: minioCredentials.password },
                ],
                ports: [{ name: "api", containerPort: 9000 }],
                readinessProbe: {
                  httpGet: { path: "/minio/health/live", port: "api", scheme: "HTTPS" },
                  periodSeconds: 1,
                },
                volumeMounts: [
                  { name: "data", mountPath: "/data" },
                  { name: "certificates", mountPath: "/certificates" },
                ],
              },
            ],
            volumes: [
              { name: "data", emptyDir: {} },
              { name: "certificates", secret: { secretName: secureStoreName } },
            ],
          },
        },
      },
    },
    {
      apiVersion: "velero.io/v1",
      kind: "BackupStorageLocation",
      metadata,
      spec: {
        provider: "aws",
        objectStorage: { bucket, caCert: Buffer.from(authority).toString("base64") },
        config: { region: "minio", s3ForcePathStyle: "true", ...config },
      },
    },
  ];
  return { objects, authority };
}
