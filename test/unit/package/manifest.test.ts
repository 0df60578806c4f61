import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { manifestFaults } from "../../../scripts/package/krew-rules.ts";
import { fillManifest } from "../../../scripts/package/manifest.ts";
import { archiveName, platformName, platforms } from "../../../scripts/package/platforms.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const template = readFileSync(join(root, "plugin.yaml"), "utf8");
const sha256 = "0123456789abcdef".repeat(4);
const archives = new Map(platforms.map((platform) => [archiveName(platform), sha256]));
const complete = fillManifest(template, { version: "v1.2.3", archives });

interface Manifest {
  metadata: { name: string };
  spec: {
    version: string;
    platforms: {
      selector: { matchLabels: { os: "linux"; arch: "amd64" } };
      uri: string;
      sha256: string;
      bin: string;
    }[];
  };
}
const read = (text: string): Manifest => parse(text);

test("the manifest of all five platforms breaks no rule of krew", () => {
  assert.deepEqual(manifestFaults(complete), []);
  const found = read(complete).spec.platforms;
  assert.deepEqual(
    found.map(({ selector, bin }) => [platformName(selector.matchLabels), bin]),
    platforms.map((platform) => [platformName(platform), platform.binary]),
  );
  assert.ok(found.every(({ uri }, index) => uri.endsWith(`/v1.2.3/${[...archives.keys()][index]}`)));
  assert.doesNotMatch(complete, /VERSION|SHA256|#/);
});

for (const platform of platforms) {
  test(`the manifest of ${platformName(platform)} alone breaks no rule of krew`, () => {
    const alone = fillManifest(template, { version: "v1.2.3", archives: new Map([[archiveName(platform), sha256]]) });
    assert.deepEqual(manifestFaults(alone), []);
    assert.equal(read(alone).spec.platforms.length, 1);
  });
}

test("an archive that the template does not know is refused", () => {
  const unknown = new Map([["mkebackup_plan9_amd64.tar.gz", sha256]]);
  assert.throws(
    () => fillManifest(template, { version: "v1.2.3", archives: unknown }),
    /no platform for mkebackup_plan9_amd64/,
  );
});

/** What is changed, into what, and the rule that must complain. */
const broken: [string | RegExp, string, RegExp][] = [
  ["/v1alpha2", "/v1", /^apiVersion must be/],
  ["kind: Plugin", "kind: plugin", /^kind must be Plugin/],
  ["name: mkebackup", "name: mke.backup", /metadata\.name may have/],
  ["name: mkebackup", "name: MkeBackup", /metadata\.name must be lower-case/],
  ["name: mkebackup", "name: com1", /metadata\.name is reserved/],
  ["version: v1.2.3", "version: 1.2.3", /spec\.version must/],
  ["version: v1.2.3", "version: v1.02.3", /spec\.version must/],
  ["version: v1.2.3", "version: v1.2.3-rc.1", /spec\.version must/],
  ["homepage: https", "homepage: http", /spec\.homepage must/],
  [/shortDescription: .*/, 'shortDescription: "two\\nlines"', /must be one line/],
  [/shortDescription: .*/, "shortDescription:", /must be one line/],
  [/shortDescription: .*/, `shortDescription: ${"x".repeat(51)}`, /no more than 50/],
  ["MKE 4 clusters", "MKE 4 clusters.", /must not end with a period/],
  ["  description: |", "  caveat: |", /must say what the plugin is for/],
  ["  caveats: |", "  caveat: |", /spec has the key caveat, which krew ignores/],
  ["    Takes and", `    ${"x".repeat(81)}\n    Takes and`, /wrapped at 80/],
  [/ {2}platforms:.*/s, "  platforms: []", /at least one platform/],
  ["arch: arm64", "arch: amd64", /Two platforms/],
  ["arch: amd64", "arch: amd64\n          variant: v2", /matchLabels has the key variant/],
  ["matchLabels", "matchlabels", /selector has the key matchlabels/],
  ["arch: arm64", "arch: s390x", /an os and arch that krew installs on/],
  [/uri: .*/, "uri:", /uri must be a file of the release/],
  ["/download/v1.2.3/", "/download/v1.2.2/", /uri must be a file of the release/],
  [".tar.gz", ".tgz", /must end in \.tar\.gz/],
  [sha256, sha256.toUpperCase(), /64 lower-case/],
  [sha256, sha256.slice(1), /64 lower-case/],
  ["bin: kubectl-mkebackup\n", "bin: ./kubectl-mkebackup\n", /bin must be kubectl-mkebackup\./],
  ["kubectl-mkebackup.exe", "kubectl-mkebackup", /bin must be kubectl-mkebackup\.exe/],
  ["bin: kubectl", "files: []\n      bin: kubectl", /has the key files/],
];
for (const [from, to, rule] of broken) {
  test(`a manifest with ${JSON.stringify(to.slice(0, 40))} is refused`, () => {
    const text = complete.replace(from, to);
    assert.notEqual(text, complete);
    assert.match(manifestFaults(text).join("\n"), new RegExp(rule.source, "m"));
  });
}

test("an empty manifest is a list of faults, not an exception", () => {
  assert.ok(manifestFaults("").length > 5);
});

const packed = join(root, "dist", "plugin.yaml");
test("dist/plugin.yaml breaks no rule and names the archives beside it", {
  skip: existsSync(packed) ? false : "npm run package has not run",
}, () => {
  const text = readFileSync(packed, "utf8");
  assert.deepEqual(manifestFaults(text), []);
  for (const { uri, sha256 } of read(text).spec.platforms) {
    const archive = join(root, "dist", uri.slice(uri.lastIndexOf("/") + 1));
    assert.equal(createHash("sha256").update(readFileSync(archive)).digest("hex"), sha256);
  }
});
