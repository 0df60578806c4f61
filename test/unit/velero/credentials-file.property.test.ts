import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Failure } from "../../../src/core/failure.ts";
import { keysOf, profilesIn, profileText, readProfile, withProfile } from "../../../src/velero/credentials-file.ts";

const word = fc.stringMatching(/^[A-Za-z0-9/+=_-]{1,40}$/);
const name = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const keys = fc.record(
  { accessKeyId: word, secretAccessKey: word, sessionToken: word },
  { requiredKeys: ["accessKeyId", "secretAccessKey"], noNullPrototype: true },
);

test("what is written is what is read, whatever stood in the file", () => {
  fc.assert(
    fc.property(fc.string(), name, keys, (text, profile, given) => {
      assert.deepEqual(readProfile(profileText(profile, given), profile, "f"), given);
      assert.deepEqual(readProfile(withProfile(text, profile, given), profile, "f"), given);
    }),
  );
});

test("the other profiles of a file keep their keys", () => {
  const file = fc.dictionary(name, keys, { minKeys: 1, noNullPrototype: true });
  fc.assert(
    fc.property(file, name, keys, (profiles, profile, given) => {
      const text = Object.entries(profiles)
        .map(([one, its]) => profileText(one, its))
        .join("\n");
      const changed = profilesIn(withProfile(text, profile, given));
      for (const [other, its] of Object.entries(profiles))
        if (other !== profile) assert.deepEqual(keysOf(changed.get(other) ?? new Map()), its);
    }),
  );
});

test("any text is read or refused in words", () => {
  fc.assert(
    fc.property(fc.string(), name, (text, profile) => {
      try {
        readProfile(text, profile, "f");
      } catch (error) {
        assert.ok(error instanceof Failure);
      }
    }),
  );
});
