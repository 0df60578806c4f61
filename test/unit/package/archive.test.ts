import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type ArchiveFile, archive } from "../../../scripts/package/archive.ts";

const binary: ArchiveFile = { name: "kubectl-mkebackup", mode: 0o755, content: Buffer.alloc(1500, 7) };
const licence: ArchiveFile = { name: "LICENSE", mode: 0o644, content: Buffer.from("words\n") };
const empty: ArchiveFile = { name: "EMPTY", mode: 0o644, content: Buffer.alloc(0) };

/** The entries by reading the headers, as krew does. */
function entries(bytes: Buffer): { name: string; mode: string; type: string; content: Buffer }[] {
  const tar = gunzipSync(bytes);
  const found = [];
  for (let at = 0; tar[at] !== 0; ) {
    const text = (offset: number, width: number) =>
      tar.toString("latin1", at + offset, at + offset + width).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    const content = tar.subarray(at + 512, at + 512 + size);
    found.push({ name: text(0, 100), mode: text(100, 8), type: text(156, 1), content });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

test("the archive holds the files with their modes, as regular files, sorted by name", () => {
  const found = entries(archive([binary, licence, empty]));
  assert.deepEqual(
    found.map(({ name, mode, type }) => [name, mode, type]),
    [
      ["EMPTY", "0000644", "0"],
      ["LICENSE", "0000644", "0"],
      ["kubectl-mkebackup", "0000755", "0"],
    ],
  );
  assert.deepEqual(
    found.map(({ content }) => content),
    [empty.content, licence.content, binary.content],
  );
});

test("the same files make the same bytes, in whatever order they are given", () => {
  assert.deepEqual(archive([binary, licence]), archive([licence, binary]));
});

test("krew recognizes it: a gzip without a name and a time, around whole tar records", () => {
  const bytes = archive([binary, licence]);
  assert.deepEqual([...bytes.subarray(0, 8)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  assert.equal(gunzipSync(bytes).length % 10_240, 0);
});

test("tar unpacks it", { skip: process.platform === "win32" && "tar of Windows knows no modes" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "mkebackup-archive-"));
  try {
    writeFileSync(join(folder, "it.tar.gz"), archive([binary, licence, empty]));
    const listed = execFileSync("tar", ["xvzf", "it.tar.gz"], { cwd: folder, encoding: "utf8" });
    assert.deepEqual(listed.trim().split("\n"), ["EMPTY", "LICENSE", "kubectl-mkebackup"]);
    assert.equal(statSync(join(folder, binary.name)).mode & 0o777, 0o755);
    assert.equal(statSync(join(folder, binary.name)).size, 1500);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const name of ["../LICENSE", "..", "/LICENSE", "docs/LICENSE", "a\\b", "", "x".repeat(101)]) {
  test(`a file called ${JSON.stringify(name.slice(0, 20))} is refused: krew would abort or flatten it`, () => {
    assert.throws(() => archive([{ ...licence, name }]), /must be a plain file name/);
  });
}

test("a file that comes twice is refused", () => {
  assert.throws(() => archive([licence, licence]), /LICENSE" is in the archive twice/);
});
