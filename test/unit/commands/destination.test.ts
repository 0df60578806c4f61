import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readDestination } from "../../../src/commands/destination.ts";
import { Failure } from "../../../src/core/failure.ts";

let folder: string;
const at = (name: string) => join(folder, name);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "mkebackup-destination-"));
  await writeFile(at("there"), "mine");
  await mkdir(at("empty"));
  await mkdir(at("full"));
  await writeFile(join(at("full"), "mine"), "mine");
  await symlink(at("there"), at("link"));
  await symlink(at("gone"), at("dangling"));
});
after(() => rm(folder, { recursive: true, force: true }));

const asked = { output: undefined, extract: undefined, isForced: false, isTerminal: false };
type Asked = Partial<Parameters<typeof readDestination>[1]>;

const accepted: [what: string, given: () => Asked, wanted: () => object][] = [
  ["a new file", () => ({ output: at("new") }), () => ({ file: at("new") })],
  ["an existing folder", () => ({ output: at("empty") }), () => ({ file: join(at("empty"), "b-data.tar.gz") })],
  ["a file that may go", () => ({ output: at("there"), isForced: true }), () => ({ file: at("there") })],
  ["a link whose file may go", () => ({ output: at("link"), isForced: true }), () => ({ file: at("there") })],
  ["stdout", () => ({ output: "-" }), () => ({ isStdout: true })],
  ["a new folder to extract to", () => ({ extract: at("out") }), () => ({ folder: at("out") })],
  ["an empty folder to extract to", () => ({ extract: at("empty") }), () => ({ folder: at("empty") })],
  ["a full one by force", () => ({ extract: at("full"), isForced: true }), () => ({ folder: at("full") })],
  ["both", () => ({ extract: at("out"), output: at("new") }), () => ({ folder: at("out"), file: at("new") })],
  ["nothing said", () => ({}), () => ({ file: "b-data.tar.gz" })],
];
for (const [what, given, wanted] of accepted) {
  test(`taken: ${what}`, async () => {
    const none = { file: undefined, isStdout: false, folder: undefined };
    assert.deepEqual(await readDestination("b", { ...asked, ...given() }), { ...none, ...wanted() });
  });
}

const refused: [what: string, given: () => Asked, kind: string, message: RegExp][] = [
  ["a file that is there", () => ({ output: at("there") }), "failed", /there exists already/],
  ["a link that is there", () => ({ output: at("link") }), "failed", /link exists already/],
  ["a link to nothing", () => ({ output: at("dangling"), isForced: true }), "failed", /no regular file/],
  ["a device, even by force", () => ({ output: "/dev/null", isForced: true }), "failed", /no regular file/],
  ["no folder", () => ({ output: at("gone/new") }), "failed", /the folder .*gone does not exist/],
  ["a folder that does not exist", () => ({ output: at("gone/") }), "failed", /the folder .*gone does not exist/],
  ["a folder that is a file", () => ({ output: at("there/new") }), "failed", /is a file and no folder/],
  ["a full folder", () => ({ extract: at("full") }), "failed", /is not empty/],
  ["a file to extract to", () => ({ extract: at("there") }), "failed", /it is no folder/],
  ["a terminal", () => ({ output: "-", isTerminal: true }), "usage", /nothing for a terminal/],
  ["a format", () => ({ output: "json" }), "usage", /json is a format/],
  ["an empty name", () => ({ output: "" }), "usage", /names no file/],
];
for (const [what, given, kind, message] of refused) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(readDestination("b", { ...asked, ...given() }), (error) => {
      assert.ok(error instanceof Failure && error.kind === kind, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}
