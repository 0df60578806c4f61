import assert from "node:assert/strict";
import { test } from "node:test";
import { groupByCause } from "../../../src/archive/causes.ts";

const told = (text: string, place = "") => ({ text, place });

test("sentences are grouped by cause, the most frequent first, each place once", () => {
  const all = [told("no space", "a"), told("denied", "b"), told("denied", "c"), told("denied", "b")];
  assert.deepEqual(groupByCause(all), [
    { text: "denied", count: 3, places: ["b", "c"] },
    { text: "no space", count: 1, places: ["a"] },
  ]);
});

test("names that tell sentences apart are left out, those that all quote are kept", () => {
  const all = [
    told('pods "run-1" is forbidden: exceeded quota "small"', "shop/web-1"),
    told('pods "run-2" is forbidden: exceeded quota "small"', "shop/web-2"),
  ];
  assert.deepEqual(groupByCause(all), [
    { text: 'pods "…" is forbidden: exceeded quota "small"', count: 2, places: ["shop/web-1", "shop/web-2"] },
  ]);
});

test("one sentence, however often, keeps its names", () => {
  const all = [told('Service "web" is gone'), told('Service "web" is gone')];
  assert.deepEqual(groupByCause(all), [{ text: 'Service "web" is gone', count: 2, places: [] }]);
});
