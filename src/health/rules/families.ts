import type { Family } from "../rule.ts";
import { addOnRules } from "./add-ons.ts";
import { ageRules } from "./ages.ts";
import { bucketRules } from "./buckets.ts";
import { clusterRules } from "./cluster.ts";
import { configurationRules } from "./configuration.ts";
import { coverageRules } from "./coverage.ts";
import { credentialRules } from "./credentials.ts";
import { deletionRules } from "./deletions.ts";
import { driftRules } from "./drift.ts";
import { engineRules } from "./engine.ts";
import { locationRules } from "./locations.ts";
import { nodeAgentRules } from "./node-agents.ts";
import { objectStoreRules } from "./object-store.ts";
import { repositoryRules } from "./repositories.ts";
import { resultRules } from "./results.ts";
import { rightsRules } from "./rights.ts";
import { runRules } from "./runs.ts";
import { scheduleRules } from "./schedules.ts";
import { serverRules } from "./server.ts";
import { storageRules } from "./storage.ts";
import { volumeRules } from "./volumes.ts";

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
  ageRules,
  scheduleRules,
  bucketRules,
  coverageRules,
  volumeRules,
  repositoryRules,
  deletionRules,
  configurationRules,
  driftRules,
  rightsRules,
];
