import { usageFailure } from "../core/failure.ts";
import { defineCommand } from "./command.ts";
import { type Installed, installShim, removeShim } from "./completion-install.ts";
import { scripts, shells, shim } from "./completion-scripts.ts";

type Completed = { readonly state: "shown"; readonly shell: string; readonly script: string } | Installed;

export const command = defineCommand({
  flags: {
    install: { type: "switch", describe: "With kubectl: write it beside this program, where kubectl looks for it" },
    uninstall: { type: "switch", describe: "With kubectl: remove what --install wrote" },
    force: { type: "switch", describe: "Replace or remove a file of that name that this program did not write" },
  },
  outputs: ["table", "json", "yaml"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup completion kubectl --install", "Complete `kubectl mkebackup`, with kubectl's own completion"],
    ["kubectl mkebackup completion kubectl", "See what that writes"],
    ["kubectl mkebackup completion bash", "For calling kubectl-mkebackup itself, or an alias; how to load it is said"],
  ],
  async run({ operands: [shell], install, uninstall, force }, context): Promise<Completed> {
    if (shell === undefined)
      throw usageFailure(`say for what: kubectl, ${shells.join(", ")}`, "kubectl mkebackup completion kubectl");
    const isWindows = process.platform === "win32";
    if (shell === "kubectl") {
      if (install && uninstall) throw usageFailure("--install and --uninstall are opposites");
      const place = { env: context.env, isWindows, force: force === true };
      if (install) return installShim(place);
      if (uninstall) return removeShim(place);
      return { state: "shown", shell, script: isWindows ? shim.windows : shim.posix };
    }
    const known = shells.find((name) => name === shell);
    if (known === undefined)
      throw usageFailure(`no completion for "${shell}"`, `one of: kubectl, ${shells.join(", ")}`);
    if (install || uninstall)
      throw usageFailure(
        `what ${known} loads at its start is yours: it is not written by --install`,
        `kubectl mkebackup completion ${known}        (says where to put it)`,
      );
    return { state: "shown", shell: known, script: scripts[known] };
  },
  text: (result) => (result.state === "shown" ? result.script : sentences[result.state](result.path)),
  document: (result) => ({ apiVersion: "mkebackup/v1", kind: "Completion", ...result }),
});

const how = "kubectl completes `kubectl mkebackup` where its own completion is loaded: kubectl completion --help";

const sentences: Readonly<Record<Installed["state"], (path: string) => string>> = {
  written: (path) => `${path} written\n${how}`,
  unchanged: (path) => `${path} unchanged\n${how}`,
  removed: (path) => `${path} removed`,
  absent: (name) => `no ${name} on PATH`,
};
