import { isRecord } from "./json-file.ts";

/** One line of a log of Velero. What could not be read as one has its raw text alone. */
export interface LogLine {
  readonly raw: string;
  /** RFC 3339, as Velero wrote it. */
  readonly time?: string;
  /** debug, info, warning, error, … */
  readonly level?: string;
  readonly message?: string;
  /** All other fields, in their order. Of a line in text every value is a string. */
  readonly fields: ReadonlyMap<string, unknown>;
}

const none: ReadonlyMap<string, unknown> = new Map();

/** Reads a line as logrus writes it: in text (`level=info msg="…"`) or in JSON. Never throws. */
export function readLogLine(raw: string): LogLine {
  const fields = raw.startsWith("{") ? jsonFields(raw) : textFields(raw);
  const [time, level, message] = [fields?.get("time"), fields?.get("level"), fields?.get("msg")];
  if (fields === undefined || typeof level !== "string" || typeof message !== "string") return { raw, fields: none };
  for (const name of ["time", "level", "msg"]) fields.delete(name);
  return { raw, level, message, fields, ...(typeof time === "string" ? { time } : {}) };
}

function jsonFields(raw: string): Map<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(raw);
    return isRecord(parsed) ? new Map(Object.entries(parsed)) : undefined;
  } catch {
    return undefined;
  }
}

/** A name, and a value in Go's quotes or bare. Names may hold spaces, bare values never do. */
const field = /([^="]+)=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s"]*))(?: |$)/y;

/** The fields of a line that consists of them from its beginning to its end; undefined for any other. */
function textFields(raw: string): Map<string, unknown> | undefined {
  const fields = new Map<string, unknown>();
  let at = 0;
  while (at < raw.length) {
    field.lastIndex = at;
    const [whole, name, quoted, bare] = field.exec(raw) ?? [];
    if (whole === undefined || name === undefined) return undefined;
    fields.set(name, quoted === undefined ? bare : unquoted(quoted));
    at += whole.length;
  }
  return fields;
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The text that Go's strconv.Quote wrote between its quotes. What is no escape of Go's stays as it stands. */
function unquoted(quoted: string): string {
  if (!quoted.includes("\\")) return quoted;
  return quoted.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs,
    (
      whole,
      byte: string | undefined,
      short: string | undefined,
      long: string | undefined,
      char: string | undefined,
    ) => {
      if (char !== undefined) return escapes[char] ?? (/["'\\]/.test(char) ? char : whole);
      const code = Number.parseInt(byte ?? short ?? long ?? "", 16);
      // Go writes a byte in this way when it is a control character, or part of no character at all.
      if (byte !== undefined) return code < 0x80 ? String.fromCharCode(code) : "\ufffd";
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** The worst first, as logrus ranks them. */
const ranks: Readonly<Record<string, number>> = {
  panic: 0,
  fatal: 1,
  error: 2,
  warning: 3,
  warn: 3,
  info: 4,
  debug: 5,
  trace: 6,
};

/** Whether a level is as bad as another or worse. A level that nobody knows counts as info. */
export const isAtLeast = (level: string, asked: string): boolean => rankOf(level) <= rankOf(asked);

const rankOf = (level: string): number => ranks[level.toLowerCase()] ?? 4;

/** The fields by which the server says which run a line of its own log belongs to. */
const owners = { Backup: ["backup", "backuprequest"], Restore: ["restore", "restorerequest"] } as const;

/** The fields that say no more than whose log it is. */
export const ownerFields: ReadonlySet<string> = new Set(Object.values(owners).flat());

/** Whether a line of the server's log belongs to a run of its namespace. */
export function belongsTo(raw: string, kind: "Backup" | "Restore", namespace: string, name: string): boolean {
  // Most lines of a server are about something else.
  if (!raw.includes(name)) return false;
  const { fields } = readLogLine(raw);
  // A controller here and there writes the bare name.
  const is = (value: unknown) => value === `${namespace}/${name}` || value === name;
  return owners[kind].some((owner) => is(fields.get(owner)));
}
