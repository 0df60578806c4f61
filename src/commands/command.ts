import type { Failure } from "../core/failure.ts";
import type { KubeObject } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ObjectStore } from "../object-store/object-store.ts";
import type { Screen } from "../output/screen.ts";
import type { RunProgress } from "../velero/follow.ts";
import type { VeleroNamespace } from "../velero/namespace.ts";

export type OutputFormat = "table" | "wide" | "json" | "yaml" | "name";

interface FlagBase {
  readonly describe: string;
  readonly alias?: string;
  /** What stands for the value in the reference: NAME, DURATION. */
  readonly value?: string;
  /** Heading under which --help lists it. */
  readonly group?: string;
}

/** One flag. `switch` is true, false or not said; `list` takes commas and repeats; `map` takes key=value pairs. */
export type Flag = FlagBase &
  (
    | {
        readonly type: "text";
        readonly choices?: readonly string[];
        readonly default?: string;
      }
    | { readonly type: "switch" }
    | { readonly type: "count" }
    | { readonly type: "number" }
    | { readonly type: "duration" }
    | {
        readonly type: "list";
        /** Each value is taken as it stands: commas belong to it. */
        readonly whole?: true;
      }
    | { readonly type: "map" }
  );

export type Flags = Readonly<Record<string, Flag>>;

type FlagValue<F extends Flag> = F extends { type: "text"; choices: readonly (infer C)[]; default: string }
  ? C
  : F extends { type: "text"; default: string }
    ? string
    : F extends { type: "text"; choices: readonly (infer C)[] }
      ? C | undefined
      : F extends { type: "text" }
        ? string | undefined
        : F extends { type: "switch" }
          ? boolean | undefined
          : F extends { type: "count" }
            ? number
            : F extends { type: "number" | "duration" }
              ? number | undefined
              : F extends { type: "list" }
                ? readonly string[] | undefined
                : Readonly<Record<string, string>> | undefined;

export const defineFlags = <const F extends Flags>(flags: F): F => flags;

/** The values of a command's flags; durations in milliseconds. */
export type Values<F extends Flags> = { readonly [Name in keyof F]: FlagValue<F[Name]> };

export interface Operands {
  /** Words after the verb, as given. */
  readonly operands: readonly string[];
  readonly output: OutputFormat;
}

/** What a running command can reach. Slow things are functions, made on their first call. */
export interface Context {
  cluster(): Promise<Cluster>;
  /** The namespace Velero works in, found once. */
  velero(): Promise<VeleroNamespace>;
  /** The namespace the user named by flag or environment. */
  readonly namedNamespace: string | undefined;
  store(): Promise<ObjectStore>;
  /** --insecure-skip-tls-verify: no certificate is checked, the store's neither. */
  readonly insecureSkipTlsVerify: boolean;
  readonly progress: Progress;
  /** Asks on the terminal. Throws a usage failure when there is none. */
  confirm(question: string): Promise<boolean>;
  /** A line for the person, on stderr. */
  tell(sentence: string): void;
  /** A line for --log-level=debug, on stderr. Nothing secret. */
  note(sentence: string): void;
  readonly screen: Screen;
  /** The user's environment variables. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  now(): Date;
}

/** A file on its way. */
export interface TransferProgress {
  readonly kind: "Transfer";
  readonly name: string;
  readonly phase: string;
  /** Bytes. */
  readonly done: number;
  readonly total: number | undefined;
}

export interface Progress {
  show(progress: RunProgress | TransferProgress): void;
  /** Takes the line away, before the document is printed. */
  end(): void;
}

/** What a command is given. A flag of its own named `output` takes the place of the format. */
export type Args<F extends Flags> = Values<F> & Omit<Operands, keyof F>;

/** One verb: flags in, a result out, a document and a verdict made of the result. */
export interface Command<F extends Flags = Flags, Result = unknown> {
  readonly flags: F;
  readonly outputs: readonly OutputFormat[];
  /** How many operands it takes at the most. */
  readonly mostOperands: number;
  /** Whether a flag goes with the operands that were typed; all do when left out. */
  takes?(flag: string, operands: readonly string[]): boolean;
  readonly examples: readonly (readonly [command: string, what: string])[];
  run(args: Args<F>, context: Context): Promise<Result>;
  /** The document for people. An empty text prints nothing. */
  text(result: Result, screen: Screen): string | Promise<string>;
  /** The document for programs (json, yaml). */
  document(result: Result): unknown;
  /** The objects of a list that is printed as it arrives (json); undefined when `document` has them all. */
  pages?(result: Result): AsyncIterable<readonly KubeObject[]> | undefined;
  /** The document in parts that are printed as they arrive; undefined when the other methods make it. */
  stream?(result: Result, format: OutputFormat, screen: Screen): AsyncIterable<string> | undefined;
  /** The document of a verb whose document is a file; undefined when the other methods make it. */
  bytes?(result: Result): AsyncIterable<Uint8Array> | undefined;
  /** The lines of -o name. */
  names?(result: Result): readonly string[];
  /** Judges the result after it was printed: undefined = exit 0. */
  verdict?(result: Result): Failure | undefined;
  /** Shows the result again and again until Ctrl-C, when this says so: milliseconds between two. */
  repeatEvery?(args: Args<F>): number | undefined;
}

export const defineCommand = <const F extends Flags, Result>(command: Command<F, Result>): Command<F, Result> =>
  command;
