import type { Family } from "../rule.ts";
import { configurationRules } from "./configuration.ts";
import { locationRules } from "./locations.ts";
import { nodeAgentRules } from "./node-agents.ts";
import { objectStoreRules } from "./object-store.ts";
import { resultRules } from "./results.ts";
import { runRules } from "./runs.ts";
import { scheduleRules } from "./schedules.ts";
import { serverRules } from "./server.ts";
import { storageRules } from "./storage.ts";

/** THE table of rules: causes stand before what they cause. */
export const families: readonly Family[] = [
  serverRules,
  storageRules,
  locationRules,
  objectStoreRules,
  nodeAgentRules,
  runRules,
  resultRules,
  scheduleRules,
  configurationRules,
];
