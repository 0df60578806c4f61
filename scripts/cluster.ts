import { clusterCommand } from "../test/cluster/cli.ts";

// A reader that goes away (| head) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await clusterCommand(process.argv.slice(2));
