import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import { waitUntil } from "../../../src/core/wait.ts";
import { fakeTime } from "../fake-time.ts";

const signal = new AbortController().signal;
const unreachable = () => new Failure("failed", "the server does not answer", { reason: "Unreachable" });

/** Answers one value after the other; a Failure is thrown. The last one is repeated. */
function answers<T>(...values: (T | Failure)[]): () => Promise<T> {
  let at = 0;
  return async () => {
    const value = values[Math.min(at++, values.length - 1)] as T | Failure;
    if (value instanceof Failure) throw value;
    return value;
  };
}

test("a wait ends at the first look that is as wanted, without a pause", async (t) => {
  const time = fakeTime(t);
  const seen: number[] = [];
  const options = {
    signal,
    what: "it",
    until: (value: number) => value > 2,
    onLook: (value: number) => seen.push(value),
  };
  assert.equal(await waitUntil(answers(3, 4), options), 3);
  assert.deepEqual(seen, [3]);
  assert.deepEqual(time.pauses, []);
});

test("it looks each second, and each two seconds after a minute", async (t) => {
  const time = fakeTime(t);
  let looks = 0;
  await waitUntil(async () => ++looks, { signal, what: "it", until: (count) => count > 63 });
  assert.deepEqual(time.pauses, [...Array(60).fill(1000), 2000, 2000, 2000]);
});

test("the limit ends it with a timeout that says what was waited for, exactly then", async (t) => {
  const time = fakeTime(t);
  const wait = waitUntil(answers(0), { signal, what: "the moon to rise", until: () => false, limit: 2500 });
  await assert.rejects(wait, { name: "Failure", kind: "timeout", message: "timed out waiting for the moon to rise" });
  assert.equal(time.now, 2500);
});

test("it looks once more when the limit is reached before it gives up", async (t) => {
  fakeTime(t);
  const wait = waitUntil(answers("no", "no", "yes"), {
    signal,
    what: "it",
    until: (word) => word === "yes",
    limit: 1500,
  });
  assert.equal(await wait, "yes");
});

test("a server that comes back within two minutes does not end the wait, and each trouble is told", async (t) => {
  fakeTime(t);
  const troubles: string[] = [];
  const read = answers<string>("no", unreachable(), unreachable(), "yes");
  const options = {
    signal,
    what: "it",
    until: (word: string) => word === "yes",
    onTrouble: (sentence: string) => troubles.push(sentence),
  };
  assert.equal(await waitUntil(read, options), "yes");
  assert.deepEqual(troubles, ["the server does not answer", "the server does not answer"]);
});

for (const reason of ["ServiceUnavailable", "TooManyRequests", "Timeout", "InternalError"]) {
  test(`a server that answers ${reason} is asked again, as one that does not answer`, async (t) => {
    fakeTime(t);
    const busy = new Failure("failed", "not now", { reason });
    assert.equal(await waitUntil(answers<string>(busy, "yes"), { signal, what: "it", until: () => true }), "yes");
  });
}

test("any other refusal ends the wait at once", async (t) => {
  const time = fakeTime(t);
  for (const reason of ["Forbidden", "Untrusted", "ProxyRefused", "Unauthorized"]) {
    const refused = new Failure("failed", "no", { reason });
    await assert.rejects(waitUntil(answers<string>(refused, "yes"), { signal, what: "it", until: () => true }), {
      reason,
    });
  }
  assert.deepEqual(time.pauses, []);
});

test("a server that stays away for two minutes ends the wait with the reason", async (t) => {
  const time = fakeTime(t);
  await assert.rejects(waitUntil(answers(unreachable()), { signal, what: "it", until: () => true }), {
    reason: "Unreachable",
  });
  assert.ok(time.now > 120_000 && time.now < 125_000, `gave up after ${time.now} ms`);
});

test("an answer between two troubles starts the two minutes anew", async (t) => {
  const time = fakeTime(t);
  const minute = Array.from({ length: 60 }, unreachable);
  const read = answers<string>(...minute, "no", ...minute, "no", ...minute, "yes");
  assert.equal(await waitUntil(read, { signal, what: "it", until: (word) => word === "yes" }), "yes");
  assert.ok(time.now > 180_000);
});

test("any other failure ends the wait at once", async (t) => {
  const time = fakeTime(t);
  const forbidden = new Failure("failed", "no", { reason: "Forbidden" });
  await assert.rejects(waitUntil(answers(forbidden), { signal, what: "it", until: () => true }), forbidden);
  assert.deepEqual(time.pauses, []);
});

test("an abort ends the wait with its own reason", async (t) => {
  fakeTime(t);
  const interrupt = new AbortController();
  const reason = new Failure("interrupted", "interrupted");
  const onLook = () => interrupt.abort(reason);
  await assert.rejects(
    waitUntil(answers(1), { signal: interrupt.signal, what: "it", until: () => false, onLook }),
    reason,
  );
});
