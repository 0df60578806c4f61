import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as breathe } from "node:timers/promises";
import { Turns } from "../../../src/object-store/turns.ts";

const patient = new AbortController().signal;

test("as many as may work at once; the others come in the order in which they asked", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const works = [0, 1, 2, 3].map(async (number) => {
    const giveBack = await turns.take(patient);
    begun.push(number);
    return giveBack;
  });
  await breathe();
  assert.deepEqual(begun, [0, 1]);
  const first = await works[0];
  first?.();
  // A turn is given back once, however often that is said.
  first?.();
  await breathe();
  assert.deepEqual(begun, [0, 1, 2]);
  (await works[1])?.();
  await breathe();
  assert.deepEqual(begun, [0, 1, 2, 3]);
});

test("who stops waiting takes no turn", async () => {
  const turns = new Turns(1);
  const giveBack = await turns.take(patient);
  const reason = new Error("enough");
  const impatient = new AbortController();
  const waiting = turns.take(impatient.signal);
  const next = turns.take(patient);
  impatient.abort(reason);
  await assert.rejects(waiting, reason);
  giveBack();
  (await next)();
  await assert.rejects(turns.take(impatient.signal), reason);
  (await turns.take(patient))();
});
