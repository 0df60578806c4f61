import assert from "node:assert/strict";
import { test } from "node:test";
import { isFinished, isRunning, isUsable, outcomeOf, phaseOf } from "../../../src/velero/phases.ts";

const known: [phase: string | undefined, outcome: string | undefined, running: boolean, usable: boolean][] = [
  [undefined, undefined, false, false],
  ["", undefined, false, false],
  ["New", undefined, false, false],
  ["Queued", undefined, false, false],
  ["ReadyToStart", undefined, false, false],
  ["InProgress", undefined, true, false],
  ["WaitingForPluginOperations", undefined, true, false],
  ["WaitingForPluginOperationsPartiallyFailed", undefined, true, false],
  ["Finalizing", undefined, true, false],
  ["FinalizingPartiallyFailed", undefined, true, false],
  ["Deleting", undefined, false, false],
  ["Completed", "succeeded", false, true],
  ["PartiallyFailed", "incomplete", false, true],
  ["Failed", "failed", false, false],
  ["FailedValidation", "failed", false, false],
  ["PhaseOfANewerServer", undefined, true, false],
  ["constructor", undefined, true, false],
];
for (const [phase, outcome, running, usable] of known) {
  test(`phase ${phase ?? "that is missing"}: ${outcome ?? (running ? "running" : "not begun")}`, () => {
    const object = { status: phase === undefined ? {} : { phase } };
    assert.deepEqual(
      [outcomeOf(object), isFinished(object), isRunning(object), isUsable(object)],
      [outcome, outcome !== undefined, running, usable],
    );
  });
}

test("an object that the server never saw is New", () => {
  assert.equal(phaseOf({}), "New");
  assert.equal(phaseOf({ status: { phase: "" } }), "New");
});
