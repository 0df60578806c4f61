import assert from "node:assert/strict";
import { test } from "node:test";
import { profilesIn, profileText, readProfile, withProfile } from "../../../src/velero/credentials-file.ts";

const file = `# keys of the backups
[default]
aws_access_key_id = AKIA1
aws_secret_access_key=a/b+c=
[profile old]
aws_access_key_id=AKIA2
aws_secret_access_key=two
aws_session_token=t==
[sso]
sso_start_url = https://x
`;

test("a profile is read by its name, with its session token", () => {
  assert.deepEqual(readProfile(file, "default", "keys"), { accessKeyId: "AKIA1", secretAccessKey: "a/b+c=" });
  assert.deepEqual(readProfile(`\uFEFF${file.replaceAll("\n", "\r\n")}`, "old", "keys"), {
    accessKeyId: "AKIA2",
    secretAccessKey: "two",
    sessionToken: "t==",
  });
});

test("what is wrong with a file is said without a value of it", () => {
  const wrong = (text: string, profile: string) => {
    try {
      readProfile(text, profile, "keys.ini");
    } catch (error) {
      const { message, next } = error as Error & { next: readonly string[] };
      return [message, ...next].join("\n");
    }
    return "";
  };
  assert.match(wrong("s3cret", "default"), /^keys\.ini is no AWS credentials file: it has no profile/);
  assert.match(wrong(file, "prod"), /^keys\.ini has no profile prod\n--profile NAME, one of: default, old, sso$/);
  assert.match(wrong(file, "sso"), /^profile sso of keys\.ini has no aws_access_key_id\n/);
  assert.match(
    wrong("[default]\naws_access_key_id=x\naws_secret_access_key=\n", "default"),
    /no aws_secret_access_key/,
  );
  assert.doesNotMatch(wrong("[a]\naws_access_key_id=s3cret", "a") + wrong("[d]\nk=s3cret", "default"), /s3cret/);
});

test("one profile alone goes into a Secret", () => {
  const keys = readProfile(file, "old", "keys");
  assert.equal(
    profileText("old", keys),
    "[old]\naws_access_key_id=AKIA2\naws_secret_access_key=two\naws_session_token=t==\n",
  );
  assert.deepEqual([...profilesIn(profileText("old", keys)).keys()], ["old"]);
});

test("new keys for one profile leave the others as they are", () => {
  const changed = withProfile(file, "old", { accessKeyId: "AKIA3", secretAccessKey: "three" });
  assert.deepEqual(readProfile(changed, "old", "keys"), { accessKeyId: "AKIA3", secretAccessKey: "three" });
  assert.deepEqual(readProfile(changed, "default", "keys"), readProfile(file, "default", "keys"));
  assert.ok(changed.includes("# keys of the backups") && changed.includes("sso_start_url"));
  assert.equal(withProfile("", "p", { accessKeyId: "a", secretAccessKey: "b" }).startsWith("[p]\n"), true);
});
