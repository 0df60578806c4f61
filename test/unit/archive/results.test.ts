import assert from "node:assert/strict";
import { test } from "node:test";
import { groupResults, isBenign, type Results } from "../../../src/archive/results.ts";

test("the same error of several objects of a backup is told once, with where", () => {
  const failed = (name: string) =>
    ` resource: /pods name: /${name} message: /Error backing up item error: /daemonset pod not found in running state in node node-1`;
  const results: Results = {
    errors: { namespaces: { shop: [failed("web-1"), failed("web-2")], pay: [failed("till")] } },
  };
  assert.deepEqual(groupResults(results).errors, [
    {
      text: "Error backing up item: daemonset pod not found in running state in node node-1",
      count: 3,
      places: ["shop/web-1", "shop/web-2", "pay/till"],
    },
  ]);
});

test("different causes stay apart, the most frequent first", () => {
  const line = (name: string, error: string) => ` resource: /pods name: /${name} message: /Failed error: /${error}`;
  const { errors } = groupResults({
    errors: { namespaces: { a: [line("x", "rare"), line("y", "often"), line("z", "often")] } },
  });
  assert.deepEqual(
    errors.map(({ text, count }) => [text, count]),
    [
      ["Failed: often", 2],
      ["Failed: rare", 1],
    ],
  );
});

const logged: [what: string, line: string, text: string, place: string][] = [
  ["with a message only", " resource: /pods name: /web message: /Pod is not running", "Pod is not running", "shop/web"],
  ["with an error only", " resource: /pods name: /web error: /boom", "boom", "shop/web"],
  ["whose name has its namespace", " resource: /pods name: /shop/web message: /No", "No", "shop/web"],
  [
    "over several lines",
    " resource: /pods name: /web message: /Error error: /first\n\tsecond",
    "Error: first second",
    "shop/web",
  ],
  ["with a colon in the error", " resource: /pods name: /web message: /A: b error: /c: d", "A: b: c: d", "shop/web"],
];
for (const [what, line, text, place] of logged) {
  test(`a line of a backup's log ${what} is read`, () => {
    assert.deepEqual(groupResults({ errors: { namespaces: { shop: [line] } } }).errors, [
      { text, count: 1, places: [place] },
    ]);
  });
}

const existing = " already exists. Warning: the in-cluster version is different than the backed-up version";
for (const [flavour, sentence] of [
  ["with --existing-resource-policy", `could not restore, ConfigMap "settings"${existing}`],
  ["without a policy", `could not restore, ConfigMap:settings${existing}`],
] as const) {
  test(`an object that exists and differs (${flavour}) is told shortly, with where`, () => {
    const { warnings, benign } = groupResults({ warnings: { namespaces: { shop: [sentence] } } });
    assert.deepEqual(warnings, [
      { text: "ConfigMap exists and differs from the backup's: left as it is", count: 1, places: ["shop/settings"] },
    ]);
    assert.equal(benign, 0);
  });
}

test("both flavours of one cause are counted together, other kinds apart", () => {
  const { warnings } = groupResults({
    warnings: {
      cluster: [`could not restore, ClusterRole:admin${existing}`],
      namespaces: {
        shop: [`could not restore, ConfigMap "a"${existing}`, `could not restore, ConfigMap:b${existing}`],
      },
    },
  });
  assert.deepEqual(
    warnings.map(({ text, count, places }) => [text.split(" ")[0], count, places]),
    [
      ["ConfigMap", 2, ["shop/a", "shop/b"]],
      ["ClusterRole", 1, ["admin"]],
    ],
  );
});

test("any other sentence stands as it is, in one line, with its namespace", () => {
  const sentence = "pod volume restore failed:\n  data path\trestore failed";
  assert.deepEqual(groupResults({ errors: { namespaces: { shop: [sentence] }, velero: ["no place"] } }).errors, [
    { text: "no place", count: 1, places: [] },
    { text: "pod volume restore failed: data path restore failed", count: 1, places: ["shop"] },
  ]);
});

test("an object that fails twice for one cause is one place", () => {
  const line = " resource: /pods name: /web message: /No";
  assert.deepEqual(groupResults({ errors: { namespaces: { shop: [line, line] } } }).errors, [
    { text: "No", count: 2, places: ["shop/web"] },
  ]);
});

const empty: [what: string, results: unknown][] = [
  ["an empty document", {}],
  ["lists of null", { errors: { velero: null, cluster: null, namespaces: { shop: null } }, warnings: null }],
  ["groups of null", { errors: { namespaces: null }, warnings: {} }],
];
for (const [what, results] of empty) {
  test(`${what} holds nothing`, () => {
    assert.deepEqual(groupResults(results as Results), { errors: [], warnings: [], benign: 0 });
  });
}

const kinds: [sentence: string, benign: boolean][] = [
  [`could not restore, ConfigMap "kube-root-ca.crt"${existing}`, true],
  [`could not restore, ConfigMap:kube-root-ca.crt${existing}`, true],
  [`could not restore, ConfigMap:openshift-service-ca.crt${existing}`, true],
  [`could not restore, Lease:node-1${existing}`, true],
  [`could not restore, leases.coordination.k8s.io "node-1"${existing}`, true],
  [`could not restore, CustomResourceDefinition:backups.velero.io${existing}`, true],
  [`could not restore, Endpoints:web${existing}`, true],
  [`could not restore, EndpointSlice:web-x7k2p${existing}`, true],
  [`could not restore, ControllerRevision:web-1${existing}`, true],
  [`could not restore, APIService:v1.velero.io${existing}`, true],
  [`could not restore, ConfigMap:settings${existing}`, false],
  [`could not restore, Secret:login${existing}`, false],
  [`could not restore, LeaseHolder:x${existing}`, false],
  ["Lease expired while restoring", false],
];
for (const [sentence, benign] of kinds) {
  test(`${sentence.slice(0, 60)}… is ${benign ? "no news" : "worth reading"}`, () => {
    assert.equal(isBenign(sentence), benign);
  });
}

test("what is no news is counted, not listed, and only among the warnings", () => {
  const lease = `could not restore, Lease:node-1${existing}`;
  const { warnings, errors, benign } = groupResults({
    warnings: { namespaces: { "kube-node-lease": [lease, lease] } },
    errors: { velero: [lease] },
  });
  assert.deepEqual([warnings.length, errors.length, benign], [0, 1, 2]);
});

for (const [line, text] of [
  [" message: /Error executing hook error: /boom", "Error executing hook: boom"],
  [" name: /web-1 message: /Error backing up item", "Error backing up item"],
  [" resource: /pods message: /Error listing items error: /forbidden", "Error listing items: forbidden"],
] as const) {
  test(`a log line without all of its parts is read: ${line.trim()}`, () => {
    assert.equal(groupResults({ errors: { velero: [line] } }).errors[0]?.text, text);
  });
}
