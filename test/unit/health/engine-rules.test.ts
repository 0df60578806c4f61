import assert from "node:assert/strict";
import { test } from "node:test";
import { known } from "../../../src/health/fact.ts";
import type { Facts } from "../../../src/health/facts.ts";
import type { BackupConfiguration } from "../../../src/mke/configuration.ts";
import type { EngineFound, NativeBackup, VeleroFound } from "../../../src/mke/engine.ts";
import { engineKind, engineSentences } from "../../../src/mke/engine-words.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import { mkeConfigObject } from "../mke/samples.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { minute, day } = sample.units;

const velero = (namespace: string, change: Partial<VeleroFound> = {}): VeleroFound => ({
  namespace,
  server: { name: "velero", ready: 1, wanted: 1 },
  locations: [{ name: "default", store: `s3 ${namespace}`, lastValidation: sample.ago(minute) }],
  ...change,
});
const stale = [{ name: "default", store: "s3 velero", lastValidation: sample.ago(12 * day) }];
const idle = velero("k0rdent", { locations: [] });

const engine = (veleros: readonly VeleroFound[], change: Partial<EngineFound> = {}): EngineFound => ({
  era: "k0rdent",
  veleros,
  native: undefined,
  unseen: [],
  ...change,
});

const config = (version: string, backup?: object): BackupConfiguration =>
  interpret(
    { kind: "MkeConfig", spec: { version, ...(backup === undefined ? {} : { backup }) } },
    { kind: "MkeConfig", namespace: "mke", name: "mke" },
  );
const declared = mkeConfigObject.spec.backup;
const scheduled = (enabled: boolean) => config("v4.2.1", { schedule: { enabled, cronExpression: "0 2 * * *" } });
const noConfig: Facts["configuration"] = { state: "failed", sentence: "no MKE configuration found" };

const record = (change: Partial<NativeBackup> = {}): NativeBackup => ({
  namespace: "mke",
  name: "nightly-1",
  created: sample.ago(minute),
  state: "Completed",
  failed: false,
  location: "Node",
  ...change,
});
const records = (newest: NativeBackup) => ({
  resource: "mkebackups.mke.mirantis.com",
  count: 3,
  failed: newest.failed ? 1 : 0,
  newest,
});

/** Nothing of Velero in `mke`, and what there is elsewhere. */
const without = (found: EngineFound, configuration: Facts["configuration"] = noConfig): Partial<Facts> => ({
  engine: known(found),
  configuration,
  server: known(undefined),
  answer: { state: "failed", sentence: "no server pod is ready" },
  locations: known([]),
  nodeAgents: known([]),
  objectStore: known(undefined),
  backups: known([]),
});

/** A location and a good backup, and nobody who looks at them. */
const left = (found: EngineFound, configuration: Facts["configuration"]): Partial<Facts> => ({
  ...without(found, configuration),
  locations: known([sample.location({ lastValidationTime: sample.stamp(12 * day) })]),
  backups: known([sample.backup("b1", 60 * minute)]),
});

testRules({
  "a cluster as MKE 4.1 makes it, with k0rdent's own Velero beside": {
    facts: { engine: known(engine([velero("mke"), idle])) },
    found: [],
  },
  "a Velero of one's own on an MKE that brings none": {
    facts: { engine: known(engine([velero("mke")])), configuration: known(config("v4.1.3")) },
    found: [],
  },
  "a Velero of one's own, with a bucket outside, where MKE's section is of no use any more": {
    facts: {
      engine: known(engine([velero("mke")])),
      configuration: known(config("v4.1.3", declared)),
      locations: known([sample.location({}, { config: { region: "eu-west-1" } })]),
      objectStore: known(undefined),
    },
    found: [],
  },
  "a Velero of one's own in another namespace than MKE's": {
    facts: {
      namespace: "velero",
      engine: known(engine([velero("velero")])),
      configuration: known(config("v4.1.0", declared)),
      locations: known([sample.location({}, { config: { region: "eu-west-1" } })]),
      objectStore: known(undefined),
    },
    found: [],
  },
  "a Velero of one's own beside MKE's own backups": {
    facts: {
      engine: known(engine([velero("mke")], { native: records(record()) })),
      configuration: known(scheduled(true)),
    },
    found: [],
  },
  "nothing at all": {
    facts: without(engine([])),
    found: ["fail engine.none"],
    evidence: /^No namespace holds a Velero server or a location\. No MKE configuration was read\.$/,
    next: "kubectl mkebackup doctor --explain engine.none",
  },
  "nothing, on an MKE that brings none": {
    facts: without(engine([]), known(config("v4.1.3"))),
    found: ["fail engine.none"],
    evidence: /MKE v4\.1\.3 brings none, as none does since 4\.1\.2\.$/,
  },
  "nothing, and MKE's own schedule is off": {
    facts: without(engine([]), known(scheduled(false))),
    found: ["fail engine.none"],
    evidence: /Its own backups are off: backup\.schedule\.enabled is false\.$/,
  },
  "nobody knows where nobody may look": {
    facts: without(engine([], { unseen: ["list deployments.apps in every namespace"] })),
    found: ["fail server.missing", "fail location.missing", "warn backup.none"],
  },
  "MKE's own backups by the clock": {
    facts: without(engine([], { native: records(record()) }), known(scheduled(true))),
    found: ["fail engine.native"],
    evidence:
      /^MkeConfig mke\/mke schedules MKE's own backups; no Velero is here\. There are 3 MkeBackup records, the newest nightly-1 \(Completed\) of 2026/,
    next: "kubectl -n mke get mkebackups.mke.mirantis.com",
  },
  "MKE's own backups, run by hand": {
    facts: without(engine([], { native: records(record({ location: "Client" })) }), known(config("v4.2.1"))),
    found: ["fail engine.native"],
    evidence: /^MKE has taken backups itself; no Velero is here\./,
  },
  "MKE's own last backup failed, beside a Velero that works": {
    facts: { engine: known(engine([velero("mke")], { native: records(record({ state: "Failed", failed: true })) })) },
    found: ["warn engine.native-failed"],
    evidence: /^The record says Failed; it is of 2026-11-24T08:59:00\.000Z\. Of 3 records 1 failed\.$/,
    next: "kubectl -n mke describe mkebackups.mke.mirantis.com nightly-1",
  },
  "k0rdent's Velero alone": {
    facts: without(engine([idle]), known(config("v4.1.3"))),
    found: ["fail engine.foreign-only"],
    evidence: /^Deployment velero in k0rdent has no location/,
  },
  "MKE declares Velero, and none is there": {
    facts: without(engine([]), known(config("v4.1.0", declared))),
    found: ["fail engine.absent"],
    evidence: /^MkeConfig mke\/mke declares backups with Velero\. No namespace holds a Velero server or a location\.$/,
    next: "kubectl -n mke get deployments,pods",
  },
  "MKE declares Velero, and only k0rdent's is there": {
    facts: without(engine([idle]), known(config("v4.1.0", declared))),
    found: ["fail engine.absent"],
    evidence: /The only Velero, in k0rdent, has no location\.$/,
  },
  "MKE declares a Velero that it does not bring any more": {
    facts: without(engine([]), known(config("v4.1.3", declared))),
    found: ["fail engine.not-bundled"],
    evidence: /^MkeConfig mke\/mke has backup\.storage_provider, which MKE follows up to 4\.1\.1\./,
  },
  "switched off, and gone": {
    facts: without(engine([]), known(config("v4.1.0", { ...declared, enabled: false }))),
    found: ["warn config.disabled"],
  },
  "switched off, and running": {
    facts: {
      engine: known(engine([velero("mke")])),
      configuration: known(config("v4.1.0", { ...declared, enabled: false })),
    },
    found: ["warn config.disabled"],
  },
  "an upgrade took the server and left the rest": {
    facts: left(engine([velero("mke", { server: undefined, locations: stale })]), known(config("v4.1.3"))),
    found: ["fail engine.left-behind"],
    evidence:
      /^It holds a location \(default\), last checked 2026-11-12T09:00:00\.000Z, and no server\. MKE v4\.1\.3 brings no Velero/,
    next: "kubectl -n mke get backupstoragelocations.velero.io,backups.velero.io",
  },
  "the server has moved to another namespace": {
    facts: left(
      engine([velero("mke", { server: undefined, locations: stale }), velero("velero")]),
      known(config("v4.1.0", declared)),
    ),
    found: ["fail engine.left-behind"],
    evidence: /The Velero that runs is in namespace velero\.$/,
    next: "kubectl mkebackup status -n velero",
  },
  "MKE's server is gone, which MKE would bring back": {
    facts: left(engine([velero("mke", { server: undefined, locations: stale })]), known(config("v4.1.0", declared))),
    found: ["fail server.missing"],
  },
  "a server outside of the cluster": {
    facts: {
      ...left(engine([velero("mke", { server: undefined })]), known(config("v4.1.3"))),
      locations: known([sample.location()]),
    },
    found: [],
  },
  "two Veleros": {
    facts: { engine: known(engine([velero("mke"), velero("velero"), idle])) },
    found: ["warn engine.several"],
    evidence: /^A server and a location are in each of the namespaces mke, velero\. This is about mke\.$/,
    next: "kubectl mkebackup status -n velero",
  },
  "two Veleros with one bucket": {
    facts: {
      engine: known(engine([velero("mke"), velero("velero", { locations: velero("mke").locations })])),
    },
    found: ["warn engine.several"],
    evidence: /Two of them keep backups in the same place: s3 mke\.$/,
  },
});

test("what takes backups is said in plain sentences", () => {
  const first = (found: EngineFound, configuration?: BackupConfiguration) => [
    engineKind(found, configuration),
    engineSentences(found, configuration)[0],
  ];
  const mke = config("v4.1.0", declared);
  assert.deepEqual(first(engine([velero("mke")]), mke), [
    "managed",
    "Velero, which MKE v4.1.0 installs and keeps as configured.",
  ]);
  assert.equal(first(engine([velero("velero")]), mke)[0], "self-installed");
  assert.equal(first(engine([]), mke)[0], "managed");
  assert.deepEqual(first(engine([velero("velero")]), config("v4.1.3")), [
    "self-installed",
    "Velero in velero, which MKE does not manage.",
  ]);
  assert.deepEqual(first(engine([velero("mke")]), config("v4.1.3", declared)), [
    "self-installed",
    "Velero in mke, which MKE does not manage.",
  ]);
  assert.deepEqual(first(engine([idle]), config("v4.1.3")), [
    "foreign",
    "Nothing: k0rdent's Velero has no place to keep backups.",
  ]);
  assert.equal(first(engine([]), scheduled(true))[0], "native");
  assert.equal(first(engine([]), scheduled(false))[0], "none");
  assert.equal(first(engine([]))[0], "none");
  assert.deepEqual(engineSentences(engine([velero("velero"), idle]), scheduled(true)).slice(2), [
    "MKE v4.2.1 takes backups of its own besides.",
    "An archive of mkectl backup is restored by mkectl restore of the same version alone.",
    "The Velero in k0rdent is k0rdent's own, without a location.",
  ]);
});
