import assert from "node:assert/strict";
import { test } from "node:test";
import { type ColourChoice, colours, noColours, paintStatus, wantsColours } from "../../../src/output/screen.ts";

const [terminal, pipe] = [{ isTTY: true }, {}];
const rules: [what: string, choice: ColourChoice, stream: object, env: NodeJS.ProcessEnv, wanted: boolean][] = [
  ["a terminal", "auto", terminal, {}, true],
  ["a pipe", "auto", pipe, {}, false],
  ["a dumb terminal", "auto", terminal, { TERM: "dumb" }, false],
  ["a usual terminal", "auto", terminal, { TERM: "xterm-256color" }, true],
  ["NO_COLOR on a terminal", "auto", terminal, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR", "auto", terminal, { NO_COLOR: "" }, true],
  ["NO_COLOR beside FORCE_COLOR", "auto", pipe, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  ["FORCE_COLOR on a pipe", "auto", pipe, { FORCE_COLOR: "1" }, true],
  ["FORCE_COLOR=0 on a pipe", "auto", pipe, { FORCE_COLOR: "0" }, false],
  ["CLICOLOR_FORCE on a pipe", "auto", pipe, { CLICOLOR_FORCE: "1" }, true],
  ["CLICOLOR=0 on a terminal", "auto", terminal, { CLICOLOR: "0" }, false],
  ["--color always on a pipe", "always", pipe, { NO_COLOR: "1" }, true],
  ["--color never on a terminal", "never", terminal, { FORCE_COLOR: "1" }, false],
];
for (const [what, choice, stream, env, wanted] of rules) {
  test(`${what}: ${wanted ? "" : "no "}colours`, () => assert.equal(wantsColours(choice, stream, env), wanted));
}

const words: [word: string, code: number | undefined][] = [
  ["OK", 32],
  ["Completed", 32],
  ["Available", 32],
  ["Enabled", 32],
  ["WARN", 33],
  ["PartiallyFailed", 33],
  ["FinalizingPartiallyFailed", 33],
  ["Paused", 33],
  ["FAIL", 31],
  ["Failed", 31],
  ["FailedValidation", 31],
  ["Unavailable", 31],
  ["UNKNOWN", 2],
  ["-", 2],
  ["New", 2],
  ["InProgress", undefined],
  ["PhaseOfANewerServer", undefined],
];
for (const [word, code] of words) {
  test(`${word} is ${code === undefined ? "not painted" : `painted with ${code}`}, with its padding inside`, () => {
    const padded = `${word}  `;
    assert.equal(paintStatus(colours, word, padded), code === undefined ? padded : `\x1b[${code}m${padded}\x1b[0m`);
    assert.equal(paintStatus(noColours, word, padded), padded);
  });
}

test("nothing is painted around nothing", () => assert.equal(colours.bad(""), ""));
