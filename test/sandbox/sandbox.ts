// A whole MKE-like cluster inside this process: API server, controllers, node, Velero and MinIO, on ports of 127.0.0.1.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bucket, minioCredentials, systemNamespace } from "../cluster/manifests.ts";
import { secureStoreName } from "../cluster/secure-store.ts";
import { servedTypes } from "./api/discovery.ts";
import { apiVersionOf, type KubernetesObject, namespaces, plainTypes, secrets } from "./api/objects.ts";
import { reviewTypes } from "./api/reviews.ts";
import { type Fault, startApiServer } from "./api/server.ts";
import { Store, timestamp } from "./api/store.ts";
import { type ClusterCertificates, createCertificates } from "./certificates.ts";
import { Clock } from "./clock.ts";
import { startControllers } from "./cluster/controllers.ts";
import { Kubelet } from "./cluster/kubelet.ts";
import { portForward } from "./cluster/port-forward.ts";
import { type Pod, pods, workloadTypes } from "./cluster/types.ts";
import { ObjectStore } from "./object-store/object-store.ts";
import { seed } from "./seed.ts";
import type { VeleroVersion } from "./velero/definitions.ts";
import { schedules, storageLocations } from "./velero/kinds.ts";
import { preloadBackups, preloadPeriod } from "./velero/preloaded.ts";
import { startVelero } from "./velero/server.ts";
import type { ForeignStore } from "./velero/world.ts";

export interface SandboxOptions {
  /** 1.18 when left out. */
  velero?: VeleroVersion;
  /** How many finished backups there are from the start; none when left out. */
  backups?: number;
  /** 2 halves all waiting inside the sandbox. */
  speed?: number;
  /** Where the kubeconfig is written; a temporary folder that goes with the sandbox when left out. */
  directory?: string;
}

export interface Sandbox {
  /** The file. */
  readonly kubeconfig: string;
  readonly server: string;
  /** MinIO's API as this machine reaches it. */
  readonly storeUrl: string;
  /** Every object of the cluster. */
  readonly store: Store;
  /** Stores outside of the cluster, by their origin (http://HOST:PORT), or what one answers to everything. */
  readonly foreignStores: Map<string, ForeignStore>;
  /** Starts a store outside of the cluster. */
  startForeignStore(options: ForeignStoreOptions): Promise<{ readonly url: string; stop(): Promise<void> }>;
  /** Makes the volumes of backups fail with this message until the returned function is called. */
  failVolumeBackups(message: string): () => void;
  /** Makes a schedule, or the deletion of a namespace, minutes older. */
  makeOlder(kind: "schedules" | "namespaces", name: string, minutes: number): void;
  /** Answers the next request that fits with a fault. */
  answer(fault: Fault): void;
  stop(): Promise<void>;
}

export interface ForeignStoreOptions {
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { velero: version = "1.18", speed = 1 } = options;
  const store = new Store();
  const born = new Date(Date.now() - ageOf(options.backups ?? 0));
  store.now = () => born;
  const clock = new Clock(speed);
  const certificates = createCertificates();
  const builtInTypes = [...plainTypes, ...workloadTypes, ...reviewTypes];
  const types = () => servedTypes(store, builtInTypes);
  const objectStore = new ObjectStore(bucket, {
    accessKeyId: minioCredentials.user,
    secretAccessKey: minioCredentials.password,
  });
  await objectStore.listen();

  const kubelet = new Kubelet(store, clock);
  startControllers({ store, clock, types });
  let volumeFailure: string | undefined;
  const foreignStores = new Map<string, ForeignStore>();
  const world = {
    store,
    clock,
    kubelet,
    objectStore,
    foreignStores,
    version,
    namespace: systemNamespace,
    types,
    volumeFailure: () => volumeFailure,
    openedRepositories: new Set<string>(),
    print: (line: string) => kubelet.write(velero.uid, line),
  };
  let velero = { uid: "", kill: () => {} };
  kubelet.onPod((event, pod) => {
    if (isMinio(pod)) {
      if (event === "started") objectStore.start();
      else objectStore.halt();
    }
    if (isSecureMinio(pod) && event === "started") {
      const { data = {} } = store.get(secrets, systemNamespace, secureStoreName) ?? {};
      const [key, cert] = ["private.key", "public.crt"].map((name) => String(Buffer.from(data[name] ?? "", "base64")));
      void objectStore.listenSecurely({ key: key ?? "", cert: cert ?? "" });
    }
    if (pod.metadata.labels?.["deploy"] === "velero") {
      const { uid = "" } = pod.metadata;
      if (event === "started" || velero.uid === uid) velero.kill();
      if (event !== "started") return;
      // The server has something to say while it starts.
      velero = { uid, kill: () => {} };
      velero.kill = startVelero(world);
    }
  });
  seed(store, version, (object) => typeOf(types(), object));
  preloadBackups(world, options.backups ?? 0);

  const apiServer = await startApiServer({
    store,
    certificates,
    builtInTypes,
    kubelets: {
      logs: (pod, query, request, response) => kubelet.logs(pod as Pod, query).serve(query, request, response),
      portForward(pod, request, socket, head) {
        const localPort = (port: number) => {
          if (port !== 9000 || !objectStore.running) return undefined;
          return isMinio(pod) ? objectStore.port : isSecureMinio(pod) ? objectStore.securePort : undefined;
        };
        portForward(request, socket, head, localPort);
      },
    },
  });
  await whenAvailable(store);
  kubelet.finishBooting();
  store.now = () => new Date();
  const folder = options.directory ?? mkdtempSync(join(tmpdir(), "mke-sandbox-"));
  mkdirSync(folder, { recursive: true });
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigText(apiServer.url, certificates), { mode: 0o600 });
  return {
    kubeconfig,
    server: apiServer.url,
    storeUrl: `http://127.0.0.1:${objectStore.port}`,
    store,
    foreignStores,
    async startForeignStore({ bucket: name, region, ...keys }) {
      const foreign = new ObjectStore(name, keys, region);
      await foreign.listen();
      foreign.start();
      const url = `http://127.0.0.1:${foreign.port}`;
      foreignStores.set(url, foreign);
      return {
        url,
        async stop() {
          foreignStores.delete(url);
          await foreign.close();
        },
      };
    },
    failVolumeBackups(message) {
      volumeFailure = message;
      return () => {
        volumeFailure = undefined;
      };
    },
    makeOlder(kind, name, minutes) {
      const time = timestamp(new Date(Date.now() - minutes * 60_000));
      if (kind === "schedules")
        store.update(schedules, systemNamespace, name, ({ metadata }) => {
          metadata.creationTimestamp = time;
        });
      else
        store.update(namespaces, undefined, name, ({ metadata }) => {
          metadata.deletionTimestamp = time;
        });
    },
    answer: (fault) => apiServer.answer(fault),
    async stop() {
      velero.kill();
      clock.stop();
      await Promise.all([apiServer.stop(), objectStore.close()]);
      if (options.directory === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

const day = 24 * 3600 * 1000;

/** How long the cluster pretends to have been up, in milliseconds: MinIO must be older than what it keeps. */
const ageOf = (backups: number) => Math.max(12 * day, (backups + 24) * preloadPeriod);

/** Resolves once the location can be used, which also means that the pods of Velero and MinIO run. */
function whenAvailable(store: Store): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.watch(() => {
      if (!store.list(storageLocations).some(({ status }) => status?.phase === "Available")) return;
      if (!store.list(pods).every(({ status }) => status?.phase === "Running")) return;
      stop();
      resolve();
    });
  });
}

const isMinio = ({ metadata }: KubernetesObject) => metadata.labels?.["app.kubernetes.io/name"] === "minio";

/** Another MinIO, behind TLS: the same bucket. */
const isSecureMinio = ({ metadata }: KubernetesObject) => metadata.labels?.["app"] === secureStoreName;

function typeOf(types: ReturnType<typeof servedTypes>, { apiVersion, kind }: KubernetesObject) {
  const type = types.find((served) => served.kind === kind && apiVersionOf(served) === apiVersion);
  if (type === undefined) throw new Error(`the sandbox does not serve ${kind} of ${apiVersion}`);
  return type;
}

function kubeconfigText(server: string, { authority, administrator }: ClusterCertificates): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return `apiVersion: v1
kind: Config
current-context: mke
clusters:
- name: mke
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(authority)}
contexts:
- name: mke
  context:
    cluster: mke
    user: admin
users:
- name: admin
  user:
    client-certificate-data: ${base64(administrator.certificate)}
    client-key-data: ${base64(administrator.key)}
`;
}
