import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { bundledPackages, thirdPartyNotices } from "../../../scripts/package/notices.ts";
import { platforms } from "../../../scripts/package/platforms.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const metafile = {
  outputs: {
    "dist/build/main.js": { inputs: { "src/main.ts": {}, "package.json": {} } },
    "dist/build/a.js": {
      inputs: {
        "node_modules/yaml/dist/index.js": {},
        "node_modules/yaml/dist/parse/lexer.js": {},
        "node_modules/@aws-sdk/client-s3/dist/index.js": {},
      },
    },
    "dist/build/b.js": { inputs: { "node_modules/cliui/node_modules/ansi-regex/index.js": {} } },
  },
};

test("the packages of a bundle: scoped ones, nested ones, each once, and no file of ours", () => {
  assert.deepEqual(bundledPackages(metafile), [
    "node_modules/@aws-sdk/client-s3",
    "node_modules/cliui/node_modules/ansi-regex",
    "node_modules/yaml",
  ]);
});

test("the notices name each package with its version and licence, and carry the texts, Node's at the end", () => {
  const here = platforms.find(({ node }) => node === `${process.platform}-${process.arch}`);
  const text = thirdPartyNotices(root, metafile, here?.nodePackage ?? "");
  assert.match(text, /^yaml \d+\.\d+\.\d+ \(ISC\)$/m);
  assert.match(text, /^@aws-sdk\/client-s3 \d+\.\d+\.\d+ \(Apache-2\.0\)$/m);
  assert.match(text, /^@yao-pkg\/pkg \S+ \(MIT\)$/m);
  assert.match(text, /Copyright Eemeli Aro/);
  assert.match(text, /^Node\.js \S+ and what it contains$/m);
  assert.match(text.slice(text.indexOf("Node.js 2")), /OpenSSL[\s\S]+V8/);
});
