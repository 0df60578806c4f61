// The Velero server: runs while its pod runs.
import { failInterruptedBackups, runBackups } from "./backups.ts";
import { deleteBackups } from "./deletion.ts";
import { syncBackups, validateLocations } from "./locations.ts";
import { logLine } from "./log.ts";
import { answerRequests } from "./requests.ts";
import { failInterruptedRestores, runRestores } from "./restores.ts";
import { runSchedules } from "./schedules.ts";
import { repeat, type World } from "./world.ts";

/** Much shorter than Velero's own (10 s and a minute), so that nobody waits for them. */
const validationPeriod = 1000;
const syncPeriod = 3000;

/** Starts the server's loops; returns how to kill it, in the middle of whatever it does. */
export function startVelero(world: World): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  world.print(logLine("info", "setting log-level to INFO", {}));
  failInterruptedBackups(world);
  failInterruptedRestores(world);
  const loops = [
    repeat(world, validationPeriod, signal, () => {
      validateLocations(world);
      const location = `${world.namespace}/default`;
      const fields = { "backup-storage-location": location, controller: "backup-storage-location" };
      world.print(logLine("info", "Validating BackupStorageLocation", fields));
    }),
    repeat(world, syncPeriod, signal, () => syncBackups(world)),
    runBackups(world, signal),
    runRestores(world, signal),
    answerRequests(world, signal),
    deleteBackups(world, signal),
    runSchedules(world, signal),
  ];
  for (const loop of loops) {
    loop.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
  return () => controller.abort();
}
