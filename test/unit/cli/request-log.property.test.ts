import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redactBody, requestLog } from "../../../src/cli/request-log.ts";

const secret = "s3cr3t";
/** Values that no log may show, with the characters that are hard to quote. */
const hidden = fc
  .tuple(fc.string({ maxLength: 6 }), fc.constantFrom('"', "\\", "}", "{", '"}', "\n", ""), fc.string({ maxLength: 4 }))
  .map(([before, hard, behind]) => `${before}${hard}${secret}${hard}${behind}`);
const word = fc.stringMatching(/^[a-z][a-z.-]{0,8}$/);
const map = fc.dictionary(word, hidden, { minKeys: 1, maxKeys: 3 });

/** Fields of objects that hold credentials. */
const guarded = fc.oneof(
  map.map((data) => ({ kind: "Secret", data })),
  map.map((stringData) => ({ kind: "Secret", stringData })),
  hidden.map((token) => ({ status: { token } })),
  hidden.map((password) => ({ password })),
  hidden.map((downloadURL) => ({ status: { phase: "Processed", downloadURL } })),
  map.map((data) => ({
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ kind: "Secret", data }) },
  })),
  // Data of any form: nothing says that it is only one map deep.
  fc.tuple(word, map, hidden).map(([name, deeper, more]) => ({ data: { [name]: deeper, list: [more, { more }] } })),
);

const { nested } = fc.letrec<{ nested: unknown }>((tie) => ({
  nested: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    guarded,
    fc.array(tie("nested"), { minLength: 1, maxLength: 3 }),
    fc.tuple(word, tie("nested"), fc.jsonValue({ maxDepth: 1 })).map(([name, inside, beside]) => ({
      [`x-${name}`]: inside,
      [`y-${name}`]: beside,
    })),
  ),
}));

test("what a Secret holds reaches no log, however deep it lies and however it is written", () => {
  fc.assert(
    fc.property(nested, fc.constantFrom(undefined, 2), (document, indent) => {
      assert.doesNotMatch(redactBody(JSON.stringify(document, undefined, indent)), new RegExp(secret));
    }),
    { numRuns: 500 },
  );
});

test("what is no secret comes through as it is", () => {
  const plain = fc.dictionary(
    word.map((name) => `x-${name}`),
    fc
      .jsonValue({ maxDepth: 2, noUnicodeString: true })
      .filter((value) => !/token|data|password/i.test(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(plain, (document) => {
      const body = JSON.stringify(document);
      assert.deepEqual(JSON.parse(redactBody(body)), JSON.parse(body));
    }),
  );
});

test("no body at all breaks the log, JSON or not", () => {
  fc.assert(fc.property(fc.string(), (body) => assert.equal(typeof redactBody(body), "string")));
});

test("no level shows what a query or an address holds of credentials", () => {
  const parameter = fc.constantFrom(
    "X-Amz-Signature",
    "X-Amz-Credential",
    "x-amz-security-token",
    "token",
    "AWSAccessKeyId",
    "Signature",
  );
  const url = fc
    .tuple(fc.array(fc.tuple(parameter, word), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([parameters, user]) => {
      const query = parameters.map(([name, more]) => `${name}=${secret}${more}`).join("&");
      return `https://${user ? `admin:${secret}@` : ""}api:6443/velero/x?limit=5&${query}`;
    });
  fc.assert(
    fc.property(url, fc.constantFrom("debug", "trace"), (address, level) => {
      let text = "";
      const write = (more: string) => {
        text += more;
      };
      requestLog(level, { write })?.({ method: "GET", url: address, status: 200, milliseconds: 1, body: "{}" });
      assert.doesNotMatch(text, new RegExp(secret));
      assert.match(text, /api:6443\/velero\/x\?limit=5&/);
    }),
  );
});
