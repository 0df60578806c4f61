/** What a login needs of the process, beside the connection. */
export interface LoginEdge {
  readonly env: NodeJS.ProcessEnv;
  /** The command's own end: Ctrl-C, SIGTERM. */
  readonly signal: AbortSignal;
  /** The user's terminal, for programs that ask there; without it they get no input and are not heard. */
  readonly terminal?: { readonly stdin: TerminalStream; readonly stderr: TerminalStream } | undefined;
  onWarning(sentence: string): void;
}

interface TerminalStream {
  readonly fd?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

/** What a plugin or an identity provider grants: a token, a client certificate (PEM), or both. */
export interface Grant {
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Milliseconds since 1970; undefined when it does not expire. */
  readonly expires?: number | undefined;
}

/** Keeps a grant until it expires or is refused, and asks for a new one then; never for two at once. */
export class Login {
  readonly #ask: () => Promise<Grant>;
  #grant: Grant | undefined;
  #asking: Promise<Grant> | undefined;

  constructor(ask: () => Promise<Grant>) {
    this.#ask = ask;
  }

  async current(): Promise<Grant> {
    const { expires = Number.POSITIVE_INFINITY } = this.#grant ?? {};
    if (this.#grant !== undefined && Date.now() <= expires) return this.#grant;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    this.#grant = await this.#asking;
    return this.#grant;
  }

  /** The API server did not take it. True: the next one may be another. */
  forget(): true {
    this.#grant = undefined;
    return true;
  }
}
