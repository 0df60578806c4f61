import { dirname, resolve } from "node:path";

/** The entry of a kubeconfig's `clusters`; file paths are absolute, and what is empty is left out. */
export interface ClusterEntry {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly "proxy-url"?: string;
  readonly "disable-compression"?: boolean;
  readonly extensions?: readonly { readonly name?: string; readonly extension?: unknown }[];
}

/** A credential plugin: a program that logs in. */
export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: string;
}

/** The entry of a kubeconfig's `users`; file paths are absolute, and what is empty is left out. */
export interface UserEntry {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly "as-uid"?: string;
  readonly "as-groups"?: readonly string[];
  readonly "as-user-extra"?: Readonly<Record<string, readonly string[]>>;
  readonly exec?: ExecEntry;
  readonly "auth-provider"?: { readonly name?: string; readonly config?: Readonly<Record<string, string>> };
}

export interface ContextEntry {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** Where a value stands. */
interface Place {
  /** `user "jane"`. */
  readonly entry: string;
  readonly file: string;
}

/** Checks one value and returns it; undefined where it says nothing. Throws an Error that says what it has to be. */
type Field = (value: unknown, name: string, place: Place) => unknown;

const must = (name: string, { entry }: Place, what: string) => new Error(`${name} of ${entry} ${what}`);

const text: Field = (value, name, place) => {
  if (typeof value === "string") return value === "" ? undefined : value;
  const scalar = typeof value === "number" || typeof value === "boolean";
  throw must(name, place, `has to be text${scalar ? ": put it in quotes" : ""}`);
};
const flag: Field = (value, name, place) => {
  if (typeof value !== "boolean") throw must(name, place, "has to be true or false");
  return value;
};
const path: Field = (value, name, place) => {
  const file = text(value, name, place) as string | undefined;
  return file && resolve(dirname(place.file), file);
};
/** A bare name is looked up on PATH; one with a folder in it belongs to the file it stands in. */
const command: Field = (value, name, place) => {
  const program = text(value, name, place) as string | undefined;
  return program !== undefined && /[/\\]/.test(program) ? path(program, name, place) : program;
};
const data: Field = (value, name, place) => {
  const encoded = (text(value, name, place) as string | undefined)?.replace(/[\r\n]/g, "");
  if (encoded === undefined) return undefined;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded))
    throw must(name, place, "is not base64");
  return encoded;
};
const anything: Field = (value) => value;
const list =
  (item: Field): Field =>
  (value, name, place) => {
    if (!Array.isArray(value)) throw must(name, place, "has to be a list");
    // An empty text in a list is an item all the same.
    const items = value.map((each) => item(each, name, place) ?? (item === text ? "" : {}));
    return items.length === 0 ? undefined : items;
  };
const mapOf =
  (item: Field): Field =>
  (value, name, place) => {
    if (!isMap(value)) throw must(name, place, "has to be a map");
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, item(each, `${name} ${key}`, place) ?? ""]),
    );
  };
const record =
  (fields: Readonly<Record<string, Field>>): Field =>
  (value, name, place) => {
    if (!isMap(value)) throw must(name, place, "has to be a map");
    return entryOf(fields, value, place);
  };

const exec = record({
  apiVersion: text,
  command,
  args: list(text),
  env: list(record({ name: text, value: text })),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});

/** The fields of each kind of entry; others are not looked at. */
export const entryFields = {
  context: { cluster: text, user: text, namespace: text },
  cluster: {
    server: text,
    "certificate-authority": path,
    "certificate-authority-data": data,
    "insecure-skip-tls-verify": flag,
    "tls-server-name": text,
    "proxy-url": text,
    "disable-compression": flag,
    extensions: list(record({ name: text, extension: anything })),
  },
  user: {
    "client-certificate": path,
    "client-certificate-data": data,
    "client-key": path,
    "client-key-data": data,
    token: text,
    tokenFile: path,
    username: text,
    password: text,
    as: text,
    "as-uid": text,
    "as-groups": list(text),
    "as-user-extra": mapOf(list(text)),
    exec,
    "auth-provider": record({ name: text, config: mapOf(text) }),
  },
} as const satisfies Record<string, Record<string, Field>>;

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads the known fields of an entry. Throws an Error with the sentence for the first that is not as it has to be. */
export function entryOf(
  fields: Readonly<Record<string, Field>>,
  value: Readonly<Record<string, unknown>>,
  place: Place,
): Record<string, unknown> {
  const read = Object.entries(fields)
    // Null is how YAML says nothing.
    .filter(([name]) => value[name] !== undefined && value[name] !== null)
    .map(([name, field]) => [name, field(value[name], name, place)] as const);
  return Object.fromEntries(read.filter(([, content]) => content !== undefined));
}
