// Runs commands of the program one after the other in this process, and writes which modules each of them loaded
// (loaded.json) and V8's bytecode of what they ran (NAME.bytecode). Arguments: a file with {scripts: {name: text},
// core: [names of modules that the script "core" is a table of], commands: [words]} as JSON, and the folder to write to.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const { basename, join } = require("node:path");
const { Script } = require("node:vm");

const [input, folder] = process.argv.slice(2);
const { scripts, core, commands } = JSON.parse(readFileSync(input, "utf8"));
const compiled = new Map();
const loadedBy = [];

function evaluate(name) {
  let script = compiled.get(name);
  if (script === undefined) {
    script = new Script(scripts[name], { filename: name });
    compiled.set(name, script);
  }
  return script.runInThisContext();
}

/** Starts the program anew: its modules have state of their own. */
function run(words) {
  process.argv = [process.execPath, process.execPath, ...words];
  process.exitCode = 0;
  const loaded = new Map();
  loadedBy.push(loaded);
  const definitionOf = (name) => (core.includes(name) ? evaluate("core")[name] : evaluate(name));
  const requireModule = (name) => {
    if (!name.startsWith("./")) return require(name);
    let module = loaded.get(name);
    if (module === undefined) {
      module = { exports: {} };
      loaded.set(name, module);
      definitionOf(name)(module.exports, requireModule, module);
    }
    return module.exports;
  };
  requireModule("./main.js");
}

for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);
// Some commands end the process when they are done: there are others to come.
const { exit } = process;
process.exit = () => undefined;
const failed = [];
const left = [...commands];
let current;
process.on("beforeExit", () => {
  if (current !== undefined && process.exitCode) failed.push(current.join(" "));
  current = left.shift();
  // Work for the loop, or the process would end after this with what only promises wait for.
  if (current !== undefined) return setImmediate(run, current);
  if (failed.length > 0) {
    process.stderr.write(`These commands failed: ${failed.join(", ")}\n`);
    exit(1);
  }
  writeFileSync(join(folder, "loaded.json"), JSON.stringify(loadedBy.map((loaded) => [...loaded.keys()])));
  for (const [name, script] of compiled) {
    writeFileSync(join(folder, `${basename(name)}.bytecode`), script.createCachedData());
  }
});
