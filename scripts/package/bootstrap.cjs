// Node's first script in the packed program: loads the modules from the binary, each script with the bytecode that V8
// made of it when it was packed. One without any, or whose bytecode this V8 refuses, is compiled anew; it takes longer.
"use strict";
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

// The assets are ASCII, so nothing has to be decoded.
const textOf = (name) => Buffer.from(getRawAsset(name)).latin1Slice();

const index = JSON.parse(textOf("index"));
const [withBytecode, isCore] = [new Set(index.withBytecode), new Set(index.core)];
const loaded = new Map();
let core;

function evaluate(name) {
  const cachedData = withBytecode.has(name) ? Buffer.from(getRawAsset(`${name}.bytecode`)) : undefined;
  const script = new Script(textOf(name), { filename: name, cachedData });
  if (script.cachedDataRejected && process.env.MKEBACKUP_LOG) {
    process.stderr.write(`debug: this V8 refused the bytecode of ${name}\n`);
  }
  return script.runInThisContext();
}

/** The modules of the core are one script: a table of them. */
function definitionOf(name) {
  if (!isCore.has(name)) return evaluate(name);
  core ??= evaluate("core");
  return core[name];
}

function requireModule(name) {
  if (!name.startsWith("./")) return require(name);
  let module = loaded.get(name);
  if (module === undefined) {
    module = { exports: {} };
    loaded.set(name, module);
    definitionOf(name)(module.exports, requireModule, module);
  }
  return module.exports;
}

requireModule("./main.js");
