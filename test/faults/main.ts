// The delaying proxy as a program of its own, for whoever measures with it: prints its kubeconfig, then the number of requests
// and the longest chain of them as soon as its input ends, and goes.
import { once } from "node:events";
import process from "node:process";
import { parseArgs } from "node:util";
import { longestChain, openDelayingProxy } from "./proxy.ts";

const { values } = parseArgs({
  options: { kubeconfig: { type: "string" }, delay: { type: "string", default: "100" } },
});
const kubeconfig = values.kubeconfig ?? process.env["KUBECONFIG"];
if (kubeconfig === undefined) throw new Error("--kubeconfig FILE or KUBECONFIG names the server to stand in front of");
const proxy = await openDelayingProxy({ kubeconfig, delayMs: Number(values.delay) });
process.stdout.write(`${proxy.kubeconfig}\n`);
await Promise.race([once(process.stdin.resume(), "end"), once(process, "SIGINT"), once(process, "SIGTERM")]);
process.stdout.write(`${proxy.requests().length} requests, ${longestChain(proxy.requests())} in a row\n`);
await proxy.close();
process.exit();
