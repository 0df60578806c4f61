import { testCluster } from "../test/cluster/run-scenarios.ts";

process.exitCode = await testCluster(process.argv.slice(2));
