import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { confirm } from "../../../src/cli/confirm.ts";
import { Failure } from "../../../src/core/failure.ts";

const signal = new AbortController().signal;

/** A terminal on which somebody types; `shown` is what stands on it. */
function terminal(typed: string | undefined, isTTY: { input?: boolean; output?: boolean } = {}) {
  const input = Object.assign(new PassThrough(), { isTTY: isTTY.input ?? true });
  const output = Object.assign(new PassThrough(), { isTTY: isTTY.output ?? true });
  let text = "";
  output.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  if (typed !== undefined) input.write(typed);
  return { input, output, shown: () => text };
}

for (const [typed, agreed] of [
  ["y\n", true],
  ["Y\n", true],
  ["yes\n", true],
  [" YES \n", true],
  ["n\n", false],
  ["\n", false],
  ["yep\n", false],
  ["yes please\n", false],
] as const) {
  test(`${JSON.stringify(typed)} is a ${agreed ? "yes" : "no"}`, async () => {
    const asked = terminal(typed);
    assert.equal(await confirm("Restore?", asked, signal), agreed);
    assert.match(asked.shown(), /Restore\? \[y\/N\] /);
  });
}

for (const [what, isTTY] of [
  ["input", { input: false }],
  ["output", { output: false }],
] as const) {
  test(`without a terminal for ${what} nothing is asked, and a piped yes is no answer`, async () => {
    const asked = terminal("y\n", isTTY);
    await assert.rejects(confirm("Restore?", asked, signal), {
      kind: "usage",
      reason: "NoTerminal",
      message: "there is no terminal to ask on",
    });
    assert.equal(asked.shown(), "");
  });
}

test("an interrupt ends the question", async () => {
  const interrupt = new AbortController();
  const asked = confirm("Restore?", terminal(undefined), interrupt.signal);
  setTimeout(() => interrupt.abort(new Failure("interrupted", "interrupted")), 10);
  await assert.rejects(asked);
});
