import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseFullYaml } from "../../../src/kube/full-yaml.ts";
import { parsePlainYaml } from "../../../src/kube/plain-yaml.ts";

/** What Go's parser makes of a text. */
const whole = parseFullYaml;

const text = fc.oneof(
  fc.string({ unit: "binary-ascii" }),
  fc.string({ unit: "grapheme" }),
  fc.base64String(),
  fc.webUrl(),
  fc.constantFrom(
    "true",
    "yes",
    "Off",
    "null",
    "~",
    "1e3",
    "0x1f",
    "1_000",
    "12:30:45",
    "2001-01-01",
    ".inf",
    "=",
    "<<",
  ),
  fc.constantFrom("a: b", "a #b", "- a", "a:", "'a'", '"a"', "{}", "[]", "!a", "&a", "*a", "|", ">", "%a", "@a", "`a"),
);
const key = fc.oneof(fc.constantFrom("name", "user", "certificate-authority-data", "exec", "yes", "1"), fc.string());
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    text,
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
  ),
}));

const options = fc.record({
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 80),
  indent: fc.constantFrom(2, 4),
});

test("what is read as plain YAML is what YAML means, and everything else is left to the parser", () => {
  fc.assert(
    fc.property(fc.dictionary(key, tree, { maxKeys: 4 }), options, (document, layout) => {
      const written = stringify(document, layout);
      const read = parsePlainYaml(written);
      if (read !== undefined) assert.deepEqual(read, whole(written));
    }),
    { numRuns: 500 },
  );
});

test("texts that are nearly plain are not read otherwise than YAML does", () => {
  const line = fc
    .tuple(
      fc.nat({ max: 4 }),
      fc.constantFrom("", "- ", "-", "a:", "b: ", "- a: ", "# ", "--- ", "a:b"),
      fc.constantFrom(
        "",
        "x",
        "x y",
        "x #y",
        "x: y",
        "'x'",
        '"x',
        "x'",
        "yes",
        "1",
        "{}",
        "{a: b}",
        "[",
        "|",
        "x,",
        "/p",
      ),
    )
    .map(([indent, head, rest]) => `${" ".repeat(indent)}${head}${rest}`);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
      const written = lines.join("\n");
      const read = parsePlainYaml(written);
      if (read !== undefined) assert.deepEqual(read, whole(written));
    }),
    { numRuns: 3000 },
  );
});

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9./@-]{3,20}$/);
const kubeconfig = fc.record({
  apiVersion: fc.constant("v1"),
  kind: fc.constant("Config"),
  "current-context": word,
  preferences: fc.constant({}),
  clusters: fc.array(
    fc.record({ name: word, cluster: fc.record({ server: fc.webUrl(), "certificate-authority-data": word }) }),
    { minLength: 1 },
  ),
  users: fc.array(
    fc.record({
      name: word,
      user: fc.oneof(
        fc.record({ token: word }),
        fc.record({ exec: fc.record({ command: word, args: fc.array(word), provideClusterInfo: fc.boolean() }) }),
      ),
    }),
    { minLength: 1 },
  ),
});

test("kubeconfigs as machines write them are plain", () => {
  fc.assert(
    fc.property(kubeconfig, fc.boolean(), (document, indentSeq) => {
      const written = stringify(document, { indentSeq, lineWidth: 0 });
      // An address with a sign of YAML in it, or a word like "null", is for the parser.
      fc.pre(!/[?#&%*!|>'"()[\]$;]|: (?:true|false|null|yes|no|on|off)\b/i.test(written.replaceAll("Info: ", "")));
      assert.deepEqual(parsePlainYaml(written), whole(written));
    }),
  );
});
