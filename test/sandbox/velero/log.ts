// The log that Velero keeps of a backup or restore, and the results it makes of the log's warnings and errors.
type Level = "info" | "warning" | "error";

export interface Result {
  velero?: string[];
  cluster?: string[];
  namespaces?: Record<string, string[]>;
}

export interface Results {
  errors: Result;
  warnings: Result;
}

/** What a line is about; a warning or error about an item of a namespace is filed under that namespace. */
export interface Subject {
  readonly namespace?: string;
  readonly resource?: string;
  /** Pod, Deployment.apps. */
  readonly kind?: string;
  readonly name?: string;
  readonly error?: string;
}

/** How a warning or error is written into the results: backups repeat the line's fields, restores the bare sentence. */
type Flavour = "backup" | "restore";

export class Log {
  readonly #flavour: Flavour;
  readonly #object: string;
  readonly #print: (line: string) => void;
  readonly #lines: string[] = [];
  readonly #results: Results = { errors: {}, warnings: {} };
  readonly #counts = { info: 0, warning: 0, error: 0 };

  /** `object` is the namespace and name of the Backup or Restore; the server prints each line, too. */
  constructor(flavour: Flavour, object: string, print: (line: string) => void) {
    this.#flavour = flavour;
    this.#object = object;
    this.#print = print;
  }

  info(message: string, subject: Subject = {}): void {
    this.#write("info", message, subject);
  }

  warn(message: string, subject: Subject = {}): void {
    this.#write("warning", message, subject);
    file(this.#results.warnings, this.#entry(message, subject), subject);
  }

  error(message: string, subject: Subject = {}): void {
    this.#write("error", message, subject);
    file(this.#results.errors, this.#entry(message, subject), subject);
  }

  get warnings(): number {
    return this.#counts.warning;
  }

  get errors(): number {
    return this.#counts.error;
  }

  get results(): Results {
    return this.#results;
  }

  get text(): string {
    return this.#lines.join("");
  }

  #entry(message: string, { resource, name, error }: Subject): string {
    if (this.#flavour === "restore") return message;
    const fields = { resource, name, message, error };
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    return given.map(([field, value]) => ` ${field}: /${value}`).join("");
  }

  #write(level: Level, message: string, subject: Subject): void {
    this.#counts[level] += 1;
    const line = logLine(level, message, { ...subject, [this.#flavour]: this.#object });
    this.#lines.push(`${line}\n`);
    this.#print(line);
  }
}

/** A line as logrus writes it: the fields in the order of their names, in quotes where they hold more than plain letters. */
export function logLine(level: Level, message: string, fields: Readonly<Record<string, string | undefined>>): string {
  const source = `github.com/vmware-tanzu/velero/pkg/${"backup" in fields ? "backup/backup" : "controller/controller"}.go:560`;
  const given = Object.entries({ ...fields, logSource: source }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const value = (text: string) => (/^[\w\-./@^+]*$/.test(text) ? text : JSON.stringify(text));
  const rest = given.flatMap(([name, text]) => (text === undefined ? [] : ` ${name}=${value(text)}`));
  const time = new Date().toISOString().replace(/\.\d+/, "");
  return `time="${time}" level=${level} msg=${JSON.stringify(message)}${rest.join("")}`;
}

function file(result: Result, message: string, { namespace }: Subject): void {
  if (namespace === undefined) result.velero = [...(result.velero ?? []), message];
  else if (namespace === "") result.cluster = [...(result.cluster ?? []), message];
  else {
    result.namespaces ??= {};
    result.namespaces[namespace] = [...(result.namespaces[namespace] ?? []), message];
  }
}
