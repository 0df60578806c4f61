import { type Archive, type ArchiveOptions, openArchive } from "../../src/archive/archive.ts";
import type { FileKind } from "../../src/archive/stored-file.ts";
import { connect } from "../../src/cli/run-command.ts";
import { hasReason } from "../../src/core/failure.ts";
import { openObjectStore } from "../../src/object-store/open.ts";
import { storageLocations } from "../../src/velero/kinds.ts";
import type { BackupStorageLocation } from "../../src/velero/types.ts";

export interface Reader {
  readonly archive: Archive;
  /** What --log-level=debug would say of the ways taken. */
  readonly notes: string[];
  close(): Promise<void>;
}

export interface ReaderOptions
  extends Partial<Pick<ArchiveOptions, "prefer" | "signal" | "insecureSkipTlsVerify" | "location">> {
  readonly kubeconfig: string;
  /** A user's token, in place of the kubeconfig's administrator. */
  readonly token?: string;
  readonly locationName?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The archive of a location as a command opens it, for a scenario that reads any kind of file. */
export async function openReader({
  kubeconfig,
  token,
  locationName = "default",
  env = {},
  ...options
}: ReaderOptions): Promise<Reader> {
  const { signal = new AbortController().signal } = options;
  const notes: string[] = [];
  const environment = { ...env, KUBECONFIG: kubeconfig };
  const onWarning = () => undefined;
  const flags = { ...(token === undefined ? {} : { token }) } as Parameters<typeof connect>[0];
  const told = { env: environment, signal, onWarning, log: undefined };
  const cluster = await connect(flags, told);
  const { routeTo } = await import("../../src/kube/route.ts");
  const store = openObjectStore(cluster, {
    namespace: async () => "mke",
    route: (server, tls) => routeTo({ server, tls }, { env: environment }),
  });
  const archive = openArchive({
    cluster,
    store: async () => store,
    namespace: "mke",
    location: () => cluster.get(storageLocations, { namespace: "mke", name: locationName }, signal),
    insecureSkipTlsVerify: false,
    note: (sentence) => notes.push(sentence),
    ...options,
    signal,
  });
  return {
    archive,
    notes,
    async close() {
      store.close();
      await cluster.close();
    },
  };
}

/** Every kind of file that each backup has with the Velero that runs, and some that none has. */
export const backupFiles: readonly FileKind[] = [
  "BackupLog",
  "BackupContents",
  "BackupResults",
  "BackupResourceList",
  "BackupVolumeInfos",
  "BackupItemOperations",
];
export const unsignedFiles: readonly FileKind[] = ["BackupMetadata", "PodVolumeBackups"];

/** The sizes of the files that can be read, by kind; 0 of one that the bucket does not have. Throws the first other failure. */
export async function sizes(
  archive: Archive,
  kinds: readonly FileKind[],
  name: string,
): Promise<Record<string, number>> {
  const read = async (kind: FileKind): Promise<[string, number]> => {
    try {
      return [kind, (await archive.read({ kind, name })).length];
    } catch (error) {
      if (hasReason(error, "NotFound")) return [kind, 0];
      throw error;
    }
  };
  return Object.fromEntries(await Promise.all(kinds.map(read)));
}

/** The same location with other words in it. */
export const changed = (
  location: BackupStorageLocation,
  change: NonNullable<BackupStorageLocation["spec"]>,
): BackupStorageLocation => ({ ...location, spec: { ...location.spec, ...change } });
