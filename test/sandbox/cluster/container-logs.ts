// What containers have written, and who reads it while they write.
import type { IncomingMessage, ServerResponse } from "node:http";
import { isTrue } from "../api/requests.ts";
import { badRequest } from "../api/status.ts";

interface Line {
  readonly at: Date;
  readonly text: string;
  /** Tells lines of one millisecond apart. */
  readonly order: number;
}

/** The log of one container from its start to its end. */
export class ContainerLog {
  readonly #lines: Line[] = [];
  readonly #readers = new Set<(line: Line | undefined) => void>();
  #ended = false;

  /** A line without its end. */
  write(text: string): void {
    const line = { at: new Date(), text, order: this.#lines.length };
    this.#lines.push(line);
    for (const reader of this.#readers) reader(line);
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader(undefined);
    this.#readers.clear();
  }

  /** Answers GET pods/NAME/log as a kubelet does, with the parameters follow, timestamps and sinceTime. */
  serve(query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const sinceTime = query.get("sinceTime");
    const since = Date.parse(sinceTime ?? "1970-01-01T00:00:00Z");
    if (Number.isNaN(since)) throw badRequest(`parsing time "${sinceTime}" as "2006-01-02T15:04:05Z07:00"`);
    const stamped = isTrue(query.get("timestamps"));
    const shown = (line: Line) => `${stamped ? `${nanoseconds(line)} ` : ""}${line.text}\n`;
    response.writeHead(200, { "Content-Type": "text/plain" });
    // Nothing is sent before there is a line, not even the head.
    const old = this.#lines.filter(({ at }) => at.getTime() >= since);
    for (const line of old) response.write(shown(line));
    if (!isTrue(query.get("follow")) || this.#ended) {
      response.end();
      return;
    }
    const reader = (line: Line | undefined) => (line === undefined ? response.end() : response.write(shown(line)));
    this.#readers.add(reader);
    request.on("close", () => this.#readers.delete(reader));
    response.on("close", () => this.#readers.delete(reader));
  }
}

/** RFC 3339 with nanoseconds, from which Go leaves the zeros at the end out. */
const nanoseconds = ({ at, order }: Line): string =>
  at
    .toISOString()
    .replace("Z", `${String(order % 1_000_000).padStart(6, "0")}Z`)
    .replace(/0+Z$/, "Z");
