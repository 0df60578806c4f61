import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSelector, parseOrSelectors, parseSelector } from "../../../src/velero/selector.ts";
import type { LabelSelector } from "../../../src/velero/types.ts";

const parse = (text: string) => parseSelector(text, "selector");

const forms: [text: string, selector: LabelSelector][] = [
  ["app=web", { matchLabels: { app: "web" } }],
  ["app==web", { matchLabels: { app: "web" } }],
  [" app = web ", { matchLabels: { app: "web" } }],
  ["app=", { matchLabels: { app: "" } }],
  ["app=web,tier=front", { matchLabels: { app: "web", tier: "front" } }],
  ["tier!=db", { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["db"] }] }],
  ["env in (a, b)", { matchExpressions: [{ key: "env", operator: "In", values: ["a", "b"] }] }],
  ["env in (a)", { matchExpressions: [{ key: "env", operator: "In", values: ["a"] }] }],
  ["env notin (a,b)", { matchExpressions: [{ key: "env", operator: "NotIn", values: ["a", "b"] }] }],
  ["app", { matchExpressions: [{ key: "app", operator: "Exists" }] }],
  ["!old", { matchExpressions: [{ key: "old", operator: "DoesNotExist" }] }],
  [
    "app=web,app=db",
    { matchLabels: { app: "web" }, matchExpressions: [{ key: "app", operator: "In", values: ["db"] }] },
  ],
  ["! old", { matchExpressions: [{ key: "old", operator: "DoesNotExist" }] }],
  ["app.kubernetes.io/name=minio", { matchLabels: { "app.kubernetes.io/name": "minio" } }],
  ["velero.io/schedule-name=A_b.c-1", { matchLabels: { "velero.io/schedule-name": "A_b.c-1" } }],
  [
    "app=web,env in (a,b),!old",
    {
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "env", operator: "In", values: ["a", "b"] },
        { key: "old", operator: "DoesNotExist" },
      ],
    },
  ],
];
for (const [text, selector] of forms) {
  test(`"${text}" is read`, () => assert.deepEqual(parse(text), selector));
  test(`"${text}" comes back from its API form with the same meaning`, () => {
    assert.deepEqual(parse(formatSelector(selector)), selector);
  });
}

for (const text of [
  "=web",
  "app=we b",
  "app=-web",
  "app in a",
  "app in (a b)",
  "env in (a,b",
  "a/b/c=d",
  "-app",
  "app=web,=",
  "app>1",
  "!",
  "a".repeat(64),
  `a=${"b".repeat(64)}`,
  "Upper.Prefix/app=web",
  "a..b/app=web",
]) {
  test(`"${text.length > 30 ? `${text.slice(0, 30)}…` : text}" is no selector`, () => {
    assert.throws(() => parse(text), { kind: "usage", message: /^--selector: cannot read "/ });
  });
}

// What a real API server (Kubernetes 1.34) said to each of these.
const accepted = [
  ..."x in ()|x in (,)|x in (a,)|x notin ()|! x|x = a|x=,y|x==a|x!=|x in(a)|in in (a)|in|x=in|x in (in)|notin=a".split(
    "|",
  ),
  ..."x= in|x =a ,y = b|x=a.b_c-d|x in (a),y notin (b,c)|x\tin\t(a)| |x notin (a) , !y".split("|"),
];
const refused = [
  ..."x in (a b)|x,,y|,x|x,|x===a|A.b/x=a|a..b/x=1|a_b/x=1|/x|x/|x=a/b|-x|x=a-|!x=a|(x)|x in (-a)".split("|"),
  'x in ("a")',
  `${"a".repeat(254)}/x`,
];
for (const text of accepted) {
  test(`"${text}" is read, as the API server reads it`, () => assert.doesNotThrow(() => parse(text)));
}
for (const text of refused) {
  test(`"${text.slice(0, 30)}" is refused, as the API server refuses it`, () => {
    assert.throws(() => parse(text), { kind: "usage" });
  });
}

test("the refusal names the flag and the part that cannot be read, not the whole", () => {
  assert.throws(() => parseSelector("app=web,tier=-x", "or-selector"), {
    message: '--or-selector: cannot read "tier=-x" as a label selector',
  });
});

test("sides of or are selectors of their own", () => {
  assert.deepEqual(parseOrSelectors("app=web,tier=front or env in (a,b)", "or-selector"), [
    { matchLabels: { app: "web", tier: "front" } },
    { matchExpressions: [{ key: "env", operator: "In", values: ["a", "b"] }] },
  ]);
});

test("a label whose name holds or is not split", () => {
  assert.deepEqual(parseOrSelectors("color=orange", "or-selector"), [{ matchLabels: { color: "orange" } }]);
});

test("no selector is shown as nothing", () => assert.equal(formatSelector(undefined), ""));
