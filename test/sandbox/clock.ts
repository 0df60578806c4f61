/** Time in the sandbox: all waiting goes through it, so it can run faster and ends with the sandbox. */
export class Clock {
  readonly #speed: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  /** A speed of 2 halves all waiting. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Runs `action` once, `milliseconds` from now; returns how to prevent it. */
  after(milliseconds: number, action: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds / this.#speed);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** Rejects when `signal` is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const cancel = this.after(milliseconds, () => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
      const abort = () => {
        cancel();
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
