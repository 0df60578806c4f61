import assert from "node:assert/strict";
import { test } from "node:test";
import { noColours, type Screen } from "../../../../src/output/screen.ts";
import { type RightsReport, rightsView } from "../../../../src/output/views/rights.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date(0) };
const report: RightsReport = {
  user: "jane",
  namespace: "mke",
  role: "operator",
  wanted: ["list", "create", "logs"],
  next: "kubectl mkebackup rbac --user jane -n mke | kubectl apply -f -",
  rights: {
    complete: true,
    verbs: [
      { name: "list", allowed: "all", missing: [], blocking: [] },
      {
        name: "create",
        allowed: "some",
        missing: ["list podvolumebackups.velero.io", "list datauploads.velero.io", "get pods/portforward"],
        blocking: [],
      },
      {
        name: "logs",
        allowed: "none",
        missing: ["create downloadrequests.velero.io", "get downloadrequests.velero.io", "get pods/log"],
        blocking: ["create downloadrequests.velero.io", "get downloadrequests.velero.io"],
      },
      { name: "location create", allowed: "none", missing: ["create secrets"], blocking: ["create secrets"] },
    ],
  },
};

test("the answer, then what stops each verb, then what helps", () => {
  assert.equal(
    rightsView(report, screen),
    `jane may not use 1 of 3 verbs of the operator · namespace mke

VERB              ALLOWED   MISSING
list              yes       -
create            partly    list podvolumebackups.velero.io,
                            datauploads.velero.io; get pods/portforward
logs              no        create,get downloadrequests.velero.io
location create   no        create secrets

next  kubectl mkebackup rbac --user jane -n mke | kubectl apply -f -
      (as an administrator of the cluster)`,
  );
});

test("wide shows all that is missing, in one line each", () => {
  assert.match(
    rightsView(report, { ...screen, wide: true }),
    /^logs +no +create,get downloadrequests\.velero\.io; get pods\/log$/m,
  );
});

test("who has the role needs no help, and who cannot know is told", () => {
  const enough = rightsView({ ...report, wanted: ["list"] }, screen);
  assert.match(enough, /^jane may use all 1 verbs of the operator/);
  assert.doesNotMatch(enough, /next/);
  const unsure = rightsView({ ...report, user: undefined, rights: { ...report.rights, complete: false } }, screen);
  assert.match(unsure, /^This user may not/);
  assert.match(unsure, /does not tell everything/);
});

test("nothing is wider than the screen, and nothing from the cluster moves the cursor", () => {
  const odd = rightsView({ ...report, user: "ja\x1b[2Jne", next: "kubectl short" }, { ...screen, width: 60 });
  assert.ok(!odd.includes("\x1b"));
  for (const line of odd.split("\n")) assert.ok(line.length <= 60, line);
});
