import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleTexts } from "../../../src/health/judge.ts";
import { reportOn } from "../../../src/health/report.ts";
import { noColours } from "../../../src/output/screen.ts";
import { doctorScreen, ruleScreen } from "../../../src/output/views/doctor.ts";
import { healthy, now } from "../health/samples.ts";
import { screens } from "../health/screen-samples.ts";

const screen = { width: 80, wide: false, paint: noColours, now };

test("what could not be seen is said, with why", () => {
  const report = reportOn(
    healthy({
      repositories: { state: "forbidden", sentence: "list backuprepositories.velero.io" },
      restores: { state: "timed out", milliseconds: 5000 },
    }),
    { context: "c", took: 1, mostBackups: 5 },
  );
  const shown = doctorScreen(report, ruleTexts(), screen);
  assert.match(
    shown,
    /Not seen, so not judged:\n {2}restores +unknown \(timed out after 5s\)\n {2}repositories +no permission/,
  );
});

test("screens of broken clusters fit the terminal, but for addresses and commands", () => {
  for (const { status, doctor } of screens()) {
    const tooWide = `${status}\n${doctor}`.split("\n").filter((line) => line.length > 80 && !/ see +https:/.test(line));
    assert.deepEqual(tooWide, []);
  }
});

test("a rule is printed with its cause, its remedy and its source", () => {
  const rule = ruleTexts().get("storage.ephemeral");
  assert.ok(rule !== undefined);
  const shown = ruleScreen("storage.ephemeral", rule, screen);
  assert.match(shown, /^WARN {2}storage\.ephemeral\nBackups live in MinIO's pod and die with it\.\n\ncause {3}MKE /);
  assert.ok(shown.endsWith(`\nsee     ${rule.doc}`));
});
