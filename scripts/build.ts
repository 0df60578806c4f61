// Bundles src into dist/build: ESM in chunks, so that a heavy package is read only when something imports it.
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
const finished = join(root, "dist", "build");
// Built beside and moved: a program that runs meanwhile must not find half of itself.
const outdir = `${finished}.${process.pid}`;

/**
 * string-width 7 and newer build an Intl.Segmenter when they are loaded, which doubles the start of the program.
 * The CommonJS string-width 4 that cli-table3 asks for is light, and stays.
 */
const lightStringWidth: Plugin = {
  name: "light-string-width",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^string-width$/ }, ({ kind, resolveDir }) =>
      kind === "require-call" ? undefined : resolve("fast-string-width", { kind, resolveDir }),
    );
  },
};

/** Only the parser of yargs is used: what its helpers import beside it changes nothing by being loaded, so it can stay out. */
const parserOfYargs: Plugin = {
  name: "parser-of-yargs",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /platform-shims\/esm\.mjs$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === "resolved") return undefined;
      return { ...(await resolve(path, { kind, resolveDir, pluginData: "resolved" })), sideEffects: false };
    });
  },
};

const result = await build({
  absWorkingDir: root,
  entryPoints: { main: "src/main.ts" },
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node26",
  minify: true,
  legalComments: "none",
  metafile: true,
  plugins: [lightStringWidth, parserOfYargs],
  banner: {
    // Some CommonJS packages inside the bundle still ask for Node's modules by require().
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  outExtension: { ".js": ".js" },
  logLevel: "warning",
});
writeFileSync(join(outdir, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
writeFileSync(join(root, "dist", "metafile.json"), JSON.stringify(result.metafile));
rmSync(finished, { recursive: true, force: true });
renameSync(outdir, finished);
