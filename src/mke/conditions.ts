import { listAt, textAt, timeOf } from "./at.ts";

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly since: Date | undefined;
}

export function conditionsOf(object: unknown, ...keys: readonly string[]): Condition[] {
  return listAt(object, ...keys).map((condition) => ({
    type: textAt(condition, "type") ?? "",
    status: textAt(condition, "status") ?? "Unknown",
    reason: textAt(condition, "reason"),
    message: textAt(condition, "message"),
    since: timeOf(textAt(condition, "lastTransitionTime")),
  }));
}
