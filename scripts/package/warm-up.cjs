// Runs commands of the program one after the other in this process, and then writes what a packed program starts
// faster with. Arguments: a file with {scripts, commands} as JSON; "modules" to write the names of the modules that
// the commands loaded, or "bytecode" to write V8's bytecode of the script; the file to write.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");

const [input, what, output] = process.argv.slice(2);
const { modules: text, name, commands } = JSON.parse(readFileSync(input, "utf8"));
const script = new Script(text, { filename: name });
const used = new Set();

/** The program anew: its modules have state of their own. */
function run(words) {
  process.argv = [process.execPath, process.execPath, ...words];
  process.exitCode = 0;
  const modules = script.runInThisContext();
  const loaded = new Map();
  const requireModule = (wanted) => {
    if (!wanted.startsWith("./")) return require(wanted);
    let module = loaded.get(wanted);
    if (module === undefined) {
      module = { exports: {} };
      loaded.set(wanted, module);
      used.add(wanted);
      modules[wanted](module.exports, requireModule, module);
    }
    return module.exports;
  };
  requireModule("./main.js");
}

process.setMaxListeners(0);
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);
const failed = [];
let current;
process.on("beforeExit", () => {
  if (current !== undefined && process.exitCode) failed.push(current.join(" "));
  current = commands.shift();
  // Work for the loop, or the process would end after this with what only promises wait for.
  if (current !== undefined) return setImmediate(run, current);
  if (failed.length > 0) {
    process.stderr.write(`These commands failed: ${failed.join(", ")}\n`);
    process.exit(1);
  }
  writeFileSync(output, what === "modules" ? JSON.stringify([...used]) : script.createCachedData());
  // Else the handlers of the program's runs could start it once more.
  process.exit(0);
});
