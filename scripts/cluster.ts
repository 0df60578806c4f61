import { clusterCommand } from "../test/cluster/cli.ts";

process.exitCode = await clusterCommand(process.argv.slice(2));
