import { type LogLine, ownerFields } from "../../archive/log-lines.ts";
import type { Paint, Screen } from "../screen.ts";
import { visible, wrapHard } from "../text.ts";

/** HH:MM:SS, two spaces, the longest level, two spaces. */
const indent = " ".repeat(19);
/** Fields that stand in a place of their own, or say what a reader of the log does not look for. */
const placed: ReadonlySet<string> = new Set(["resource", "namespace", "name", "error"]);

/** Makes the lines of a log readable: time, level, message, and what it is about. A line above tells each day. */
export function logView(screen: Screen): (line: LogLine) => string {
  const { paint } = screen;
  const utc = clock();
  let day = "";
  return (line) => {
    if (line.level === undefined || line.message === undefined)
      return `${visible(line.raw.replaceAll("\t", "    "))}\n`;
    const [date, time] = utc(line.time);
    const newDay = date === day ? "" : `${paint.dim(`${date} UTC`)}\n`;
    day = date;
    const level = painterOf(line.level, paint)(visible(line.level).padEnd(7));
    const lines = paragraphs(line, screen);
    return `${newDay}${paint.dim(time)}  ${level}  ${lines.join(`\n${indent}`)}\n`;
  };
}

/** Date and time of day; Velero writes the time in whole seconds, so most lines repeat it. */
function clock(): (time: string | undefined) => readonly [date: string, time: string] {
  let [written, date, read] = ["", "", ""];
  return (time) => {
    if (time !== undefined && time === written) return [date, read];
    const parsed = new Date(time ?? Number.NaN);
    if (Number.isNaN(parsed.getTime())) return [date, "--:--:--"];
    const iso = parsed.toISOString();
    [written, date, read] = [time ?? "", iso.slice(0, 10), iso.slice(11, 19)];
    return [date, read];
  };
}

function painterOf(level: string, paint: Paint): (text: string) => string {
  if (["error", "fatal", "panic"].includes(level)) return paint.bad;
  if (level.startsWith("warn")) return paint.warn;
  return ["debug", "trace"].includes(level) ? paint.dim : (text) => text;
}

/** The message with what it is about; broken into lines where somebody looks. */
function paragraphs(line: LogLine, screen: Screen): string[] {
  const { message = "", fields } = line;
  const about = subjectOf(line);
  const error = shown(fields.get("error"));
  const rest = screen.wide ? othersOf(line) : "";
  const text = [about === "" || message.includes(about) ? message : `${message}  ${about}`];
  if (error !== "" && !message.includes(error)) text.push(`error: ${error}`);
  if (rest !== "") text.push(rest);
  if (screen.isTerminal !== true || screen.wide) return [text.map(visible).join("  ")];
  const room = Math.max(screen.width - indent.length, 20);
  return text.flatMap((part) => part.split("\n")).flatMap((part) => wrapHard(visible(part), room));
}

/** pods shop/web-1: the object that a line is about. */
function subjectOf({ fields }: LogLine): string {
  const namespace = shown(fields.get("namespace"));
  // Of a restored object Velero often gives the name in the backup alone.
  const name = shown(fields.get("name") ?? fields.get("original name"));
  const resource = shown(fields.get("resource") ?? fields.get("groupResource") ?? fields.get("kind"));
  const object = namespace !== "" && name !== "" ? `${namespace}/${name}` : name;
  const place = object === "" && namespace !== "" ? `in ${namespace}` : object;
  return [resource, place].filter((part) => part !== "").join(" ");
}

const othersOf = ({ fields }: LogLine): string =>
  [...fields]
    .filter(([name]) => !placed.has(name) && !ownerFields.has(name))
    .map(([name, value]) => `${name}=${quoted(shown(value))}`)
    .join(" ");

const quoted = (value: string): string => (/^[\w./:@^+*-]*$/.test(value) ? value : JSON.stringify(value));

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
