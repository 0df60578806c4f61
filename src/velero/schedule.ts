import { Cron, type CronOptions } from "croner";
import { parseGoDuration } from "../core/duration.ts";
import type { Schedule } from "./types.ts";

/**
 * When a schedule fires next, by Velero's rule: the first time of its cron after its last backup, or after its creation.
 * A time in the past means overdue. Undefined when it is paused or the server could not read it. The server's zone is UTC.
 */
export function nextRun({ metadata, spec, status }: Schedule): Date | undefined {
  const text = spec?.schedule ?? "";
  if (spec?.paused || status?.phase === "FailedValidation") return undefined;
  const last = [status?.lastBackup, status?.lastSkipped, metadata.creationTimestamp]
    .filter((time) => time !== undefined)
    .map((time) => Date.parse(time));
  return nextAfter(text, new Date(Math.max(...last)));
}

/** The longest time between two of the next runs, in milliseconds; undefined when the server could not read the schedule. */
export function longestPause({ spec }: Schedule, now: Date): number | undefined {
  let at = nextAfter(spec?.schedule ?? "", now);
  let longest: number | undefined;
  for (let looked = 0; at !== undefined && looked < runsLookedAt; looked += 1) {
    const next = nextAfter(spec?.schedule ?? "", at);
    if (next === undefined) break;
    longest = Math.max(longest ?? 0, next.getTime() - at.getTime());
    at = next;
  }
  return longest;
}

/** More than the runs of a week, where there is one a day. */
const runsLookedAt = 8;

function nextAfter(text: string, after: Date): Date | undefined {
  const every = /^@every (.+)$/.exec(text)?.[1];
  if (every !== undefined) {
    const pause = parseGoDuration(every);
    return pause === undefined ? undefined : new Date(after.getTime() + pause);
  }
  const [, zone = "UTC", cron = ""] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/.exec(text) ?? [];
  try {
    return new Cron(...asCroner(cron, zone)).nextRun(after) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Velero reads a cron as robfig's parser does: `5/20` begins at 5 and goes on to the end, and a day field that begins with a
 * star leaves the decision to the other one, even with a step.
 */
function asCroner(cron: string, timezone: string): [string, CronOptions] {
  const ends = [59, 23, 31, 12, 6];
  const fields = cron.trim().split(/\s+/);
  const pattern = fields.map((field, at) => field.replace(/(^|,)(\d+)\/(\d+)/g, `$1$2-${ends[at]}/$3`)).join(" ");
  const [, , dayOfMonth = "*", , dayOfWeek = "*"] = fields;
  return [pattern, { timezone, paused: true, domAndDow: /^[*?]/.test(dayOfMonth) || /^[*?]/.test(dayOfWeek) }];
}
