// Node's first script in the packed program: loads the modules from the binary, each with the bytecode that V8 made of
// it when it was packed. A module without any, or whose bytecode this V8 refuses, is compiled anew; it takes longer.
"use strict";
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const withBytecode = new Set(Buffer.from(getRawAsset("with-bytecode")).latin1Slice().split("\n"));
const loaded = new Map();

function evaluate(name) {
  // The scripts are ASCII, so nothing has to be decoded.
  const text = Buffer.from(getRawAsset(name)).latin1Slice();
  const cachedData = withBytecode.has(name) ? Buffer.from(getRawAsset(`${name}.bytecode`)) : undefined;
  const script = new Script(text, { filename: name, cachedData });
  if (script.cachedDataRejected && process.env.MKEBACKUP_LOG) {
    process.stderr.write(`debug: this V8 refused the bytecode of ${name}\n`);
  }
  return script.runInThisContext();
}

function requireModule(name) {
  if (!name.startsWith("./")) return require(name);
  let module = loaded.get(name);
  if (module === undefined) {
    module = { exports: {} };
    loaded.set(name, module);
    evaluate(name)(module.exports, requireModule, module);
  }
  return module.exports;
}

requireModule("./main.js");
