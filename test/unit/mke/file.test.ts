import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readConfigurationFile } from "../../../src/mke/file.ts";
import { mke410 } from "./samples.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "mkebackup-config-"));
});
after(() => rm(folder, { recursive: true }));

async function fileWith(content: string): Promise<string> {
  const path = join(folder, "mke4.yaml");
  await writeFile(path, content);
  return path;
}

test("reads an mke4.yaml", async () => {
  const path = await fileWith(mke410);
  const { source, provider, problems } = await readConfigurationFile(path);
  assert.deepEqual(source, { kind: "File", path });
  assert.equal(provider, "InCluster");
  assert.deepEqual(problems, []);
});

for (const [what, content] of [
  ["nothing", ""],
  ["only comments", "# hosts: []\n---\n"],
] as const) {
  test(`a file with ${what} is empty`, async () => {
    const path = await fileWith(content);
    await assert.rejects(readConfigurationFile(path), { kind: "failed", message: `${path} is empty` });
  });
}

test("broken YAML is named with file, line and column", async () => {
  const path = await fileWith("spec:\n  backup:\n    enabled: [\n");
  await assert.rejects(readConfigurationFile(path), (error: Error) =>
    error.message.startsWith(`${path} is not valid YAML: line 4, column 1: `),
  );
});

test("a file that cannot be read is a sentence", async () => {
  const missing = join(folder, "none.yaml");
  await assert.rejects(readConfigurationFile(missing), { message: `cannot read ${missing}: no such file` });
  await assert.rejects(readConfigurationFile(folder), { message: `cannot read ${folder}: it is a folder` });
});

test("of several configurations the first counts, and that is noted", async () => {
  const path = await fileWith("spec: {backup: {enabled: false}}\n---\nspec: {backup: {enabled: true}}\n");
  const { enabled, problems } = await readConfigurationFile(path);
  assert.equal(enabled, false);
  assert.deepEqual(
    problems.map(({ level, reason }) => [level, reason]),
    [["note", "SeveralSources"]],
  );
});

test("a credentials file that is not on this machine is only noted", async () => {
  const here = join(folder, "credentials");
  await writeFile(here, "");
  const external = (credentials: string) =>
    `backup: {storage_provider: {type: External, external_options: {bucket: b, region: r, credentials_file_path: ${credentials}}}}`;
  assert.deepEqual((await readConfigurationFile(await fileWith(external(here)))).problems, []);
  const { problems } = await readConfigurationFile(await fileWith(external("/nowhere/credentials")));
  assert.deepEqual(
    problems.map(({ level, reason }) => [level, reason]),
    [["note", "FileMissing"]],
  );
});
