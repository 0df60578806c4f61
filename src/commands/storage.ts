import { Failure, usageFailure } from "../core/failure.ts";
import { storageCheckText } from "../output/views/storage-check.ts";
import { storageLocations } from "../velero/kinds.ts";
import { storageCause } from "../velero/storage-cause.ts";
import { defaultLocation } from "../velero/storage-location.ts";
import type { StorageProof } from "../velero/storage-proof.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import { type Context, defineCommand } from "./command.ts";
import { findLocation } from "./find-location.ts";
import { proveStorage } from "./prove-storage.ts";

interface Checked {
  readonly location: BackupStorageLocation;
  readonly proof: StorageProof;
}

export const command = defineCommand({
  flags: {
    "read-only": { type: "switch", describe: "Write nothing: leave out the steps write, read back and delete" },
  },
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 2,
  examples: [
    ["kubectl mkebackup storage check", "Prove the default location: connect, list, write, read back, delete"],
    ["kubectl mkebackup storage check offsite --read-only", "Prove a location and write nothing"],
    ["kubectl mkebackup storage check -o json", "Each step with its time in milliseconds"],
  ],
  async run({ operands: [action, name], "read-only": readOnly }, context): Promise<Checked> {
    if (action !== "check")
      throw usageFailure(
        action === undefined ? "say what to do with the storage" : `"${action}" is nothing that storage does`,
        "kubectl mkebackup storage check [LOCATION]",
      );
    const location = await chosenLocation(name, context);
    const proof = await proveStorage(location, undefined, context, { readOnly: readOnly === true });
    return { location, proof };
  },
  text: ({ location, proof }, screen) => storageCheckText(location, proof, screen),
  document: ({ location, proof }) => ({
    apiVersion: "mkebackup/v1",
    kind: "StorageCheck",
    ...proof,
    namespace: location.metadata.namespace,
    velero: {
      phase: location.status?.phase,
      message: location.status?.message || undefined,
      cause: storageCause(location.status?.message ?? "")?.code,
      lastValidationTime: location.status?.lastValidationTime,
    },
  }),
  verdict({ location, proof }) {
    if (proof.passed) return undefined;
    const failed = proof.steps.filter(({ status }) => status === "fail").map(({ name }) => name);
    return new Failure("failed", `location ${location.metadata.name} failed the check: ${failed.join(", ")}`);
  },
});

async function chosenLocation(name: string | undefined, context: Context): Promise<BackupStorageLocation> {
  if (name !== undefined) {
    const bare = name.replace(/^(?:location|backupstoragelocation(?:s?\.velero\.io)?|bsl)\//, "");
    return (await findLocation(bare, context)).location;
  }
  const [cluster, { name: namespace }] = [await context.cluster(), await context.velero()];
  const { signal } = context;
  const all = await cluster.list(storageLocations, { namespace, signal });
  const found = defaultLocation(all) ?? (all.length === 1 ? all[0] : undefined);
  if (found !== undefined) return found;
  const names = all.map(({ metadata }) => metadata.name);
  throw new Failure("failed", `no location in namespace ${namespace} is the default one`, {
    next: names.length === 0 ? [] : [`kubectl mkebackup storage check ${names[0]}        (${names.join(", ")})`],
  });
}
