// The sandbox on its own: prints the kubeconfig's path and runs until it is told to stop.
import process from "node:process";
import { parseArgs } from "node:util";
import { startSandbox } from "./sandbox.ts";
import type { VeleroVersion } from "./velero/definitions.ts";

const { values } = parseArgs({
  options: {
    velero: { type: "string" },
    backups: { type: "string" },
    speed: { type: "string" },
    directory: { type: "string" },
  },
});
const { velero, backups, speed, directory } = values;
const sandbox = await startSandbox({
  ...(velero === undefined ? {} : { velero: velero as VeleroVersion }),
  ...(backups === undefined ? {} : { backups: Number(backups) }),
  ...(speed === undefined ? {} : { speed: Number(speed) }),
  ...(directory === undefined ? {} : { directory }),
});
process.stdout.write(`${sandbox.kubeconfig}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => sandbox.stop());
