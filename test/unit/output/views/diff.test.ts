import assert from "node:assert/strict";
import { test } from "node:test";
import type { Changed, Compared, Comparison } from "../../../../src/archive/comparison.ts";
import { noColours, type Screen } from "../../../../src/output/screen.ts";
import { cells } from "../../../../src/output/text.ts";
import { diffText } from "../../../../src/output/views/diff.ts";
import { searchText } from "../../../../src/output/views/search.ts";
import type { Backup } from "../../../../src/velero/types.ts";

const now = new Date("2026-11-24T12:00:00Z");
const screen = (width = 80, wide = false): Screen => ({ width, wide, paint: noColours, now });
const backup = (name: string): Backup => ({
  metadata: { name },
  status: { phase: "Completed", startTimestamp: "2026-11-24T09:00:00Z" },
});
const object = (resource: string, name: string): Compared => ({
  resource,
  namespace: "shop",
  name,
  apiVersion: "v1",
  kind: "X",
});
const nothing: Comparison = {
  same: 0,
  onlyBefore: [],
  onlyAfter: [],
  changed: [],
  leftOut: { owned: 0, fleeting: 0, outOfScope: 0 },
  notCompared: [],
};
const shown = (more: Partial<Comparison>, isOne = false, after?: Backup) => ({
  ...nothing,
  ...more,
  before: backup("nightly"),
  after,
  isOne,
});
const fields: Changed["fields"] = [
  { path: "spec.replicas", before: 2, after: 3 },
  { path: "data.file", before: "a\nb\nc\nd", after: "a\nX\nY\nd" },
  { path: "spec.args[1]", after: "\u001b[31mred" },
  { path: "data.password", before: "***", isMasked: true },
];

test("the answer comes first, and each side is named", () => {
  const text = diffText(
    shown({
      same: 4,
      onlyBefore: [object("pods", "a")],
      onlyAfter: [object("pods", "b")],
      changed: [{ ...object("configmaps", "c"), fields }],
    }),
    screen(),
  );
  assert.equal(
    text,
    [
      "3 differences between backup nightly and the cluster",
      "1 only in the backup, 1 only in the cluster, 1 different, 4 the same",
      "backup nightly was taken 3h ago",
      "",
      "Only in backup nightly",
      "KIND   OBJECT",
      "pods   shop/a",
      "",
      "Only in the cluster",
      "KIND   OBJECT",
      "pods   shop/b",
      "",
      "Different",
      "KIND         OBJECT   FIELDS",
      "configmaps   shop/c   spec.replicas and 3 more",
      "",
      "next  kubectl mkebackup diff nightly configmaps/c -n shop",
    ].join("\n"),
  );
});

test("one object is shown by its fields; of long texts the lines that differ", () => {
  const text = diffText(shown({ changed: [{ ...object("configmaps", "c"), fields }] }, true), screen());
  assert.match(text, /\nconfigmaps shop\/c\n- backup nightly {4}\+ the cluster\n/);
  assert.match(text, /\n {2}spec\.replicas: 2 -> 3\n/);
  assert.match(text, /\n {2}data\.file\n {4}- b\n {4}- c\n {4}\+ X\n {4}\+ Y\n/);
  assert.match(text, /\n {2}data\.password: only in backup nightly, value not shown$/);
  assert.ok(!text.includes("\u001b"));
});

test("two backups are told apart in both directions", () => {
  const text = diffText(shown({ onlyAfter: [object("pods", "b")] }, false, backup("later")), screen());
  assert.match(text, /^1 difference between backup nightly and backup later\n1 only in later\n/);
  assert.match(text, /\nOnly in backup later\n/);
  assert.ok(
    diffText(shown({ same: 1204 }), screen()).startsWith(
      "No differences between backup nightly and the cluster: 1,204 objects compared\n",
    ),
  );
});

test("what was left out is counted, and a long section is cut unless the screen is wide", () => {
  const onlyBefore = Array.from({ length: 100 }, (_, at) => object("pods", `p${at}`));
  const many = shown({ onlyBefore, leftOut: { owned: 2, fleeting: 3, outOfScope: 4 } });
  const text = diffText(many, screen());
  assert.match(text, /\n… and 60 more \(-o wide shows all\)\n/);
  assert.match(
    text.replaceAll("\n", " "),
    /Left out: 2 made by a controller that is compared; 3 that come and go .*; 4 that the other side was not to hold\. --all/,
  );
  assert.match(diffText(many, screen(80, true)), /shop\/p99/);
});

test("no line is wider than the screen, but for the commands to paste", () => {
  const long = "x".repeat(150);
  const changed = [
    { ...object(`${long}.example.com`, long), fields: [{ path: long, before: long, after: `${long}y` }] },
  ];
  const masked = {
    ...object("secrets", "s"),
    fields: [{ path: `data.${long}`, after: "***", isMasked: true as const }],
  };
  const whole = {
    ...shown({ changed: [...changed, masked], onlyBefore: [object("pods", long)] }),
    before: backup(long),
  };
  for (const width of [60, 80])
    for (const isOne of [false, true])
      for (const line of diffText({ ...whole, isOne }, screen(width)).split("\n"))
        assert.ok(cells(line) <= width || line.startsWith("next "), line);
});

test("a search tells how many backups hold it, and of several objects the first", () => {
  const listed = (name: string) => ({ apiVersion: "v1", kind: "Pod", namespace: "shop", name });
  const found = {
    held: [{ backup: backup("nightly"), objects: [listed("a"), listed("b"), listed("c")] }],
    searched: 12,
    isKindKnown: true,
    unread: [],
    unfinished: [],
    wanted: { kind: "pods", name: "*", namespace: "shop" },
  };
  assert.equal(
    searchText(found, screen()),
    [
      "1 of 12 backups holds pods/* in namespace shop",
      "",
      "BACKUP    STATUS      AGE   HOLDS               LOCATION",
      "nightly   Completed   3h    shop/a and 2 more   default",
    ].join("\n"),
  );
  assert.match(searchText(found, screen(80, true)), /shop\/a, shop\/b, shop\/c/);
  assert.equal(searchText({ ...found, held: [] }, screen()), "None of 12 backups holds pods/* in namespace shop");
});
