import type { Progress, TransferProgress } from "../commands/command.ts";
import { timestamp } from "../core/timestamp.ts";
import type { RunProgress } from "../velero/follow.ts";
import { cells, cutEnd, cutMiddle, visible } from "./text.ts";
import { bytes, duration } from "./units.ts";

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Without a terminal a line is written on each change, and at least this often. */
const heartbeat = 60_000;

type Shown = RunProgress | TransferProgress;

/** One line that is rewritten in place on a terminal; else a timestamped line for each change of phase and a heartbeat. */
export function openProgress(stream: Stream, options: { animate: boolean; now: () => Date }): Progress {
  const meter = new RateMeter();
  return options.animate ? liveLine(stream, meter, options.now) : plainLines(stream, meter, options.now);
}

function liveLine(stream: Stream, meter: RateMeter, now: () => Date): Progress {
  let latest: Shown | undefined;
  let start = 0;
  let line: { text: string; stop(): unknown } | undefined;
  let ticking: NodeJS.Timeout | undefined;
  const text = () =>
    latest === undefined ? "" : fitLine(latest, meter.rate, now().getTime() - start, (stream.columns ?? 80) - 3);
  const redraw = () => {
    if (line !== undefined) line.text = text();
  };
  // Nothing may move before there is something to show: a question could be on the screen.
  const open = async () => {
    const { default: ora } = await import("ora");
    if (ticking === undefined) return;
    line = ora({ stream: stream as NodeJS.WriteStream, text: text(), discardStdin: false }).start();
  };
  return {
    show(progress) {
      meter.see(progress, now().getTime());
      latest = progress;
      if (ticking === undefined) {
        start = now().getTime();
        ticking = setInterval(redraw, 500);
        ticking.unref();
        void open();
      }
      redraw();
    },
    end() {
      clearInterval(ticking);
      ticking = undefined;
      line?.stop();
      line = undefined;
    },
  };
}

function plainLines(stream: Stream, meter: RateMeter, now: () => Date): Progress {
  let [told, toldAt] = ["", 0];
  let start: number | undefined;
  return {
    show(progress) {
      const at = now();
      start ??= at.getTime();
      meter.see(progress, at.getTime());
      const change = changing(progress);
      if (change === told && at.getTime() - toldAt < heartbeat) return;
      [told, toldAt] = [change, at.getTime()];
      const text = parts(progress, meter.rate, at.getTime() - start).join("  ");
      stream.write(`${timestamp(at)}  ${text}\n`);
    },
    end() {},
  };
}

/** What is told at once when it changes. */
const changing = (progress: Shown): string =>
  progress.kind === "Transfer"
    ? progress.phase
    : `${progress.phase} ${progress.trouble ?? ""} ${progress.volumes?.done ?? ""} ${progress.volumes?.failed ?? ""}`;

const fitLine = (progress: Shown, rate: number, elapsed: number, width: number): string =>
  progress.kind === "Transfer"
    ? transferLine(progress, rate, elapsed, width)
    : cutEnd(runParts(progress, rate, elapsed).join("   "), width);

/** nightly-2026…0000   [#####.....]   310 MiB of 1.2 GiB, 41 MiB/s   about 25s left */
function transferLine(progress: TransferProgress, rate: number, elapsed: number, width: number): string {
  const [name = "", amount = "", since = "", left = since] = transferParts(progress, rate, elapsed);
  // What is usual need not be said where a bar grows.
  const numbers = `${amount.replace(/^Downloading /, "")}   ${left}`;
  const barRoom = Math.min(Math.max(width - cells(name) - cells(numbers) - 6, 12), 30);
  const short = cutMiddle(name, Math.max(width - cells(numbers) - barRoom - 6, 12));
  const isRoom = cells(short) + barRoom + cells(numbers) + 6 <= width;
  return cutEnd([short, ...(isRoom ? bar(progress, barRoom) : []), numbers].join("   "), width);
}

function bar({ done, total }: TransferProgress, room: number): string[] {
  if (!total) return [];
  const full = Math.floor((room - 2) * Math.min(done / total, 1));
  return [`[${"#".repeat(full)}${".".repeat(room - 2 - full)}]`];
}

const parts = (progress: Shown, rate: number, elapsed: number): string[] =>
  progress.kind === "Transfer" ? transferParts(progress, rate, elapsed) : runParts(progress, rate, elapsed);

/** nightly · Downloading 310 MiB of 1.2 GiB, 41 MiB/s · 1m20s · about 25s left */
function transferParts({ name, phase, done, total }: TransferProgress, rate: number, elapsed: number): string[] {
  const of = total === undefined ? "" : ` of ${bytes(total)}`;
  const speed = rate > 0 ? `, ${bytes(rate)}/s` : "";
  const shown = [name, `${phase} ${bytes(done)}${of}${speed}`, duration(elapsed)];
  const left = total === undefined || rate <= 0 ? 0 : (total - done) / rate;
  if (left >= 2) shown.push(`about ${duration(left * 1000)} left`);
  return shown.map(visible);
}

/** mke-20261124-070742 · InProgress · 1204/3120 items · 2/5 volumes · 310 MiB of 1.2 GiB, 41 MiB/s · 1m20s · about 25s left */
function runParts(
  { name, phase, items, volumes, queuePosition, trouble }: RunProgress,
  rate: number,
  elapsed: number,
): string[] {
  const shown = [name, phase];
  if (queuePosition !== undefined) shown.push(`place ${queuePosition} in the queue`);
  if (items !== undefined) shown.push(`${items.done}/${items.total} items`);
  if (volumes !== undefined) {
    const failed = volumes.failed > 0 ? `, ${volumes.failed} failed` : "";
    shown.push(`${volumes.done}/${volumes.total} volumes${failed}`);
    if (volumes.bytesTotal > 0) {
      const speed = rate > 0 && volumes.bytesDone < volumes.bytesTotal ? `, ${bytes(rate)}/s` : "";
      shown.push(`${bytes(volumes.bytesDone)} of ${bytes(volumes.bytesTotal)}${speed}`);
    }
  }
  shown.push(duration(elapsed));
  // Items say nothing about time (one may hold a terabyte), bytes do.
  const left = volumes === undefined || rate <= 0 ? 0 : (volumes.bytesTotal - volumes.bytesDone) / rate;
  if (left >= 2) shown.push(`about ${duration(left * 1000)} left`);
  if (trouble !== undefined) shown.push(`(${trouble}; trying again)`);
  return shown.map(visible);
}

/** Bytes per second over the last half minute: the server reports volumes only every ten seconds or so. */
class RateMeter {
  #seen: { at: number; done: number }[] = [];
  #phase = "";

  see(progress: Shown, at: number): void {
    const done = progress.kind === "Transfer" ? progress.done : progress.volumes?.bytesDone;
    if (done === undefined) return;
    // What is read from the disk says nothing of the network.
    if (progress.kind === "Transfer" && progress.phase !== this.#phase) this.#seen = [];
    this.#phase = progress.phase;
    this.#seen = [...this.#seen.filter((entry) => at - entry.at < 30_000), { at, done }];
  }

  get rate(): number {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 1000) return 0;
    return Math.max(0, ((last.done - first.done) / (last.at - first.at)) * 1000);
  }
}
