import assert from "node:assert/strict";
import { test } from "node:test";
import { wrappedTable } from "../../../src/output/wrapped-table.ts";

const rows = [
  ["backup", "", ""],
  ["  enabled", "true", "MKE runs Velero, and MinIO for InCluster"],
  ["  bucket", "\u5099\u4efd", "Bucket that holds the backups"],
];

test("the last column takes the room that is left, over several lines where it has to", () => {
  assert.equal(
    wrappedTable(rows, 46),
    [
      "backup",
      "  enabled   true   MKE runs Velero, and MinIO",
      "                   for InCluster",
      "  bucket    \u5099\u4efd   Bucket that holds the",
      "                   backups",
    ].join("\n"),
  );
});

test("where there is room, each row is a line", () => {
  assert.equal(wrappedTable(rows, 100).split("\n").length, 3);
});

test("of a word that is longer than its column, nothing is cut", () => {
  const address = `https://${"store.".repeat(5)}example.com/`;
  const shown = wrappedTable([["cause", `no answer from ${address}`]], 30);
  assert.equal(shown.replace(/^cause|\s/gm, ""), `noanswerfrom${address}`);
});

test("control characters are shown, not obeyed", () => {
  assert.match(wrappedTable([["a\x1b[2J", "b"]], 80), /^a\^\[\[2J {3}b$/);
});
