import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";

/** What esbuild puts over each chunk for the CommonJS packages inside: scripts are given `require` by the bootstrap. */
const banner = /^import\s*\{\s*createRequire[^;]+;\s*const require\s*=[^;]+;/m;

/**
 * The chunks of the bundle as CommonJS: name ("./main.js") to the text of a function of exports, require and module.
 * V8 keeps bytecode of scripts only, and Node's single executables import nothing but Node's own modules.
 */
export async function scriptsOf(bundle: string): Promise<Map<string, string>> {
  const names = (await readdir(bundle)).filter((name) => name.endsWith(".js")).toSorted();
  const texts = await Promise.all(names.map(async (name) => asFunction(await readFile(join(bundle, name), "utf8"))));
  return new Map(names.map((name, index) => [`./${name}`, texts[index] ?? ""]));
}

async function asFunction(chunk: string): Promise<string> {
  const module = chunk.replace(/^#!.*\n/, "").replace(banner, "");
  const { code } = await transform(module, {
    format: "cjs",
    platform: "node",
    target: "node26",
    minify: true,
    charset: "ascii",
    supported: { "dynamic-import": false },
    // Packages that look for files beside themselves find none in a binary, wherever this points to.
    define: { "import.meta.url": '"file:///kubectl-mkebackup/main.js"' },
  });
  return `(function(exports,require,module){${asciiOnly(code)}})`;
}

/** esbuild leaves regular expressions as they are; the escape means the same in them, in strings and in names. */
const asciiOnly = (code: string): string =>
  code.replace(/[^\x00-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
