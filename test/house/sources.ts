import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

export interface Import {
  readonly from: string;
  /** The file of this repository (src/…) or the package's name. */
  readonly target: string;
  readonly typeOnly: boolean;
  readonly late: boolean;
}

export const sourceFiles = (): string[] => globSync("src/**/*.ts", { cwd: root }).toSorted();
export const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** All imports of the sources, as they are written. */
export function imports(): Import[] {
  return sourceFiles().flatMap((from) => {
    const text = read(from);
    const eager = [...text.matchAll(/^(import|export)\s+(type\s+)?(?:[^;"']*?\sfrom\s+)?"([^"]+)"/gms)].map(
      ([statement, , type, target]) => ({
        target: target ?? "",
        typeOnly: type !== undefined || onlyTypes(statement),
        late: false,
      }),
    );
    const late = [...text.matchAll(/import\("([^"]+)"\)/g)].map(([, target]) => ({
      target: target ?? "",
      typeOnly: false,
      late: true,
    }));
    return [...eager, ...late].map((found) => ({ ...found, from, target: resolveTarget(from, found.target) }));
  });
}

/** `import { type A, type B } from …` */
function onlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1];
  if (names === undefined || /^import\s+\w/.test(statement)) return false;
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .every((name) => name.startsWith("type "));
}

function resolveTarget(from: string, target: string): string {
  if (target.startsWith(".")) return relative(root, join(root, dirname(from), target));
  if (target.startsWith("node:")) return target;
  return target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
}

/** commands of src/commands/list.ts; main of src/main.ts; health of src/health/rules/x.ts; views are a folder of their own. */
export function folderOf(file: string): string {
  const [, folder, inner] = file.split("/").slice(0, -1);
  if (folder === undefined) return "main";
  return inner === "views" ? `${folder}/${inner}` : folder;
}
