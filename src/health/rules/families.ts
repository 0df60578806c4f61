import type { Family } from "../rule.ts";
import { addOnRules } from "./add-ons.ts";
import { clusterRules } from "./cluster.ts";
import { configurationRules } from "./configuration.ts";
import { credentialRules } from "./credentials.ts";
import { driftRules } from "./drift.ts";
import { engineRules } from "./engine.ts";
import { locationRules } from "./locations.ts";
import { nodeAgentRules } from "./node-agents.ts";
import { objectStoreRules } from "./object-store.ts";
import { resultRules } from "./results.ts";
import { rightsRules } from "./rights.ts";
import { runRules } from "./runs.ts";
import { scheduleRules } from "./schedules.ts";
import { serverRules } from "./server.ts";
import { storageRules } from "./storage.ts";

/** THE table of rules: causes stand before what they cause. */
export const families: readonly Family[] = [
  engineRules,
  addOnRules,
  serverRules,
  storageRules,
  credentialRules,
  locationRules,
  objectStoreRules,
  nodeAgentRules,
  clusterRules,
  runRules,
  resultRules,
  scheduleRules,
  configurationRules,
  driftRules,
  rightsRules,
];
