// Node's first script in the packed program: loads the others from the binary, with the bytecode that V8 made of them
// when they were packed. A script without it, or whose bytecode this V8 refuses, is compiled anew; it only takes longer.
"use strict";
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

function evaluate(name, cachedData) {
  // The scripts are ASCII, so nothing has to be decoded.
  const text = Buffer.from(getRawAsset(name)).latin1Slice();
  const script = new Script(text, { filename: name, cachedData });
  if (script.cachedDataRejected && process.env.MKEBACKUP_LOG) {
    process.stderr.write(`debug: this V8 refused the bytecode of ${name}\n`);
  }
  return script.runInThisContext();
}

const usual = evaluate("usual.js", Buffer.from(getRawAsset("usual.bytecode")));
const loaded = new Map();

function requireModule(name) {
  if (!name.startsWith("./")) return require(name);
  let module = loaded.get(name);
  if (module === undefined) {
    module = { exports: {} };
    loaded.set(name, module);
    (usual[name] ?? evaluate(name))(module.exports, requireModule, module);
  }
  return module.exports;
}

requireModule("./main.js");
