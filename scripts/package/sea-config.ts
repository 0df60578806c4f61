// Preloaded into pkg. pkg writes the configuration of Node's single executable itself and has no setting for these
// fields of it, so they are put in while the file is written.
import fs from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { nodeFlags } from "./node-flags.ts";

const { writeFile } = fs;
let completed = false;

const complete: typeof writeFile = async (file, data, options) => {
  if (typeof file !== "string" || basename(file) !== "sea-config.json") return writeFile(file, data, options);
  const config: { main: string } = JSON.parse(String(data));
  completed = true;
  const changed = {
    ...config,
    assets: JSON.parse(process.env["SEA_ASSETS"] ?? "{}"),
    // The path is stored in the binary, and the folders' names are others each time.
    main: relative(dirname(file), config.main),
    execArgv: nodeFlags,
    // What the user sets in NODE_OPTIONS for other programs must not reach this one: an unknown option would end it.
    execArgvExtension: "none",
  };
  return writeFile(file, JSON.stringify(changed), options);
};

fs.writeFile = complete;

process.on("exit", () => {
  if (completed || process.exitCode) return;
  process.stderr.write(
    "pkg wrote no sea-config.json by way of fs.writeFile: scripts/package/sea-config.ts must follow.\n",
  );
  process.exitCode = 1;
});
