const unitMilliseconds: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};

/** Go counts nanoseconds in 64 bits: some 292 years. */
const longest = 2 ** 63 / 1e6;

/** Milliseconds of a Go duration (`720h`, `1h30m`, `10m0s`, `0`), or undefined when Go could not read it either. */
export function parseGoDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  const matched = parts.reduce((length, part) => length + part[0].length, 0);
  if (parts.length === 0 || matched !== text.length) return undefined;
  const sum = parts.reduce(
    (total, [, number, unit]) => total + Number(number) * (unitMilliseconds[unit ?? ""] ?? Number.NaN),
    0,
  );
  return sum < longest ? sum : undefined;
}

/**
 * Says why a text is no duration that Velero can read; undefined when it is one.
 * The API server accepts any string here, and one bad value breaks the server's list of the whole kind.
 */
export function durationProblem(text: string): string | undefined {
  const value = parseGoDuration(text);
  if (value !== undefined) return undefined;
  if (/^[\d.]+(h|m|s)$/.test(text)) return "It can be 2562047h (292 years) at the most.";
  const days = /^(\d+)([dw])$/.exec(text);
  if (days === null) return "It takes hours, minutes and seconds: 1h30m, 720h, 45s.";
  const count = Number(days[1]) * (days[2] === "w" ? 7 : 1);
  return `It takes hours, minutes and seconds: ${count * 24}h is ${count} day${count === 1 ? "" : "s"}.`;
}
