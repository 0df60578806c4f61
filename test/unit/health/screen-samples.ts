// Five broken clusters, whose screens docs/troubleshooting.md shows.

import { known } from "../../../src/health/fact.ts";
import type { Facts } from "../../../src/health/facts.ts";
import { ruleTexts } from "../../../src/health/judge.ts";
import { reportOn } from "../../../src/health/report.ts";
import { noColours, type Screen } from "../../../src/output/screen.ts";
import { doctorScreen } from "../../../src/output/views/doctor.ts";
import { statusScreen } from "../../../src/output/views/status.ts";
import * as sample from "./samples.ts";

const { minute, hour } = sample.units;

/** By what happened: what differs from a healthy cluster. */
const situations: Readonly<Record<string, Partial<Facts>>> = {
  "MinIO's pod does not start": {
    objectStore: known(sample.broken(sample.minio(), { trouble: "ImagePullBackOff" })),
    locations: known([sample.location({ phase: "Unavailable", message: sample.refused })]),
  },
  "Velero is scaled to 0": { server: known(sample.scaledDown(sample.workload())) },
  "A backup hangs since Velero restarted": {
    server: known(sample.workload({ pods: [sample.pod({ started: sample.ago(11 * minute), restarts: 1 })] })),
    backups: known([
      sample.running("mke-20261124-070000", 2 * hour, "InProgress", 118 * minute),
      sample.backup("mke-20261123-070338", 26 * hour),
    ]),
  },
  "MinIO came back empty": {
    objectStore: known(
      sample.minio({ pods: [sample.pod({ created: sample.ago(3 * hour), started: sample.ago(3 * hour) })] }),
    ),
    backups: known([sample.backup("mke-20261123-070338", 26 * hour)]),
    repositories: known([
      {
        metadata: { name: "shop-default-kopia", namespace: "mke", creationTimestamp: sample.stamp(50 * hour) },
        spec: { volumeNamespace: "shop", backupStorageLocation: "default" },
        status: { phase: "Ready" },
      },
    ]),
  },
  "MKE's configuration is not what runs": {
    locations: known([sample.location({}, { objectStorage: { bucket: "other" }, config: { region: "eu-west-1" } })]),
    objectStore: known(undefined),
  },
};

const screen: Screen = { width: 80, wide: false, paint: noColours, now: sample.now };

export interface Screens {
  readonly name: string;
  readonly status: string;
  readonly doctor: string;
}

/** Both screens of each, 80 columns wide. */
export const screens = (): Screens[] =>
  Object.entries(situations).map(([name, facts]) => {
    const report = reportOn(sample.healthy(facts), { context: "mke-prod", took: 400, mostBackups: 5 });
    return { name, status: statusScreen(report, screen), doctor: doctorScreen(report, ruleTexts(), screen) };
  });
