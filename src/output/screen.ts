/** Colours repeat what the words say; each takes a text that is already padded. */
export interface Paint {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
}

/** What a view may know about where it is shown. */
export interface Screen {
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
  /** Somebody looks: long lines are broken at words. A pipe gets one line for each. */
  readonly isTerminal?: boolean;
  /** -o wide: nothing is cut and every column is shown. */
  readonly wide: boolean;
  readonly paint: Paint;
  readonly now: Date;
}

const sgr = (open: number) => (text: string) => (text === "" ? text : `\x1b[${open}m${text}\x1b[0m`);
const plain = (text: string) => text;

export const colours: Paint = { good: sgr(32), warn: sgr(33), bad: sgr(31), dim: sgr(2), strong: sgr(1) };
export const noColours: Paint = { good: plain, warn: plain, bad: plain, dim: plain, strong: plain };

export type ColourChoice = "auto" | "always" | "never";

/** Whether one stream gets colours: --color, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then what the stream is. */
export function wantsColours(choice: ColourChoice, stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (choice !== "auto") return choice === "always";
  if (env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"] ?? env["CLICOLOR_FORCE"];
  if (forced !== undefined && forced !== "0" && forced !== "false") return true;
  return stream.isTTY === true && env["TERM"] !== "dumb" && env["CLICOLOR"] !== "0";
}

/** The colour of a status word or phase. */
export function paintStatus(paint: Paint, word: string, padded = word): string {
  if (["OK", "Completed", "Available", "Enabled", "Ready"].includes(word)) return paint.good(padded);
  if (["WARN", "PartiallyFailed", "Paused"].includes(word) || /PartiallyFailed$/.test(word)) return paint.warn(padded);
  if (["FAIL", "Failed", "FailedValidation", "Unavailable"].includes(word)) return paint.bad(padded);
  return ["UNKNOWN", "-", "New"].includes(word) ? paint.dim(padded) : padded;
}
