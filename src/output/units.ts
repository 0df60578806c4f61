const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
const year = 365 * day;

/** kubectl's age: 45s, 5m30s, 12m, 3h20m, 26h, 3d4h, 40d, 2y10d. Truncates. */
export function age(milliseconds: number): string {
  const whole = (unit: number) => Math.floor(milliseconds / unit);
  const rest = (of: number, unit: number) => Math.floor((milliseconds % of) / unit);
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
  // A clock that is up to two seconds behind the server's is no news.
  if (milliseconds <= -2 * second) return "<invalid>";
  if (milliseconds < 2 * minute) return `${Math.max(whole(second), 0)}s`;
  if (milliseconds < 10 * minute) return pair(whole(minute), "m", rest(minute, second), "s");
  if (milliseconds < 3 * hour) return `${whole(minute)}m`;
  if (milliseconds < 8 * hour) return pair(whole(hour), "h", rest(hour, minute), "m");
  if (milliseconds < 2 * day) return `${whole(hour)}h`;
  if (milliseconds < 8 * day) return pair(whole(day), "d", rest(day, hour), "h");
  if (milliseconds < 2 * year) return `${whole(day)}d`;
  return milliseconds < 8 * year ? pair(whole(year), "y", rest(year, day), "d") : `${whole(year)}y`;
}

/** How long ago a time was, or a dash when there is none. */
export const ageOf = (time: string | undefined, now: Date, none = "-"): string =>
  time === undefined ? none : age(now.getTime() - Date.parse(time));

/** 16s, 2m23s, 1h4m: how long something took. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / second));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return seconds % 60 === 0 ? `${seconds / 60}m` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h${minutes % 60}m`;
}

/** The time between two timestamps; to `now` while the second is missing. A dash when the first is. */
export function durationBetween(start: string | undefined, end: string | undefined, now?: Date): string {
  if (start === undefined) return "-";
  const until = end === undefined ? now?.getTime() : Date.parse(end);
  return until === undefined ? "-" : duration(until - Date.parse(start));
}

/** 2026-11-24 15:04:13 UTC. A dash when there is no time. */
export function moment(time: string | undefined): string {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? "-" : `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** One unit, in both directions, as Velero's Expires column: 29d, 3d ago. */
export function expiry(time: string | undefined, now: Date): string {
  if (time === undefined) return "-";
  const left = Date.parse(time) - now.getTime();
  const size = Math.abs(left);
  const [unit, letter] =
    size >= year
      ? ([year, "y"] as const)
      : size >= day
        ? ([day, "d"] as const)
        : size >= hour
          ? ([hour, "h"] as const)
          : size >= minute
            ? ([minute, "m"] as const)
            : ([second, "s"] as const);
  const text = `${Math.floor(size / unit)}${letter}`;
  return left < 0 ? `${text} ago` : text;
}

/** 0 B, 310 MiB, 1.2 GiB. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let [value, index] = [count, 0];
  // What would be shown as 1024 of a unit is 1 of the next.
  while (Math.round(value) >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  const digits = value < 9.95 && index > 0 && !Number.isInteger(value) ? 1 : 0;
  return `${value.toFixed(digits)} ${units[index]}`;
}

/** 1,204: for sentences; tables and JSON carry bare digits. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** 1 item, 2 items. */
export const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
