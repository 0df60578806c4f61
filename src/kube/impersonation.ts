import { Failure } from "../core/failure.ts";
import type { UserEntry } from "./kubeconfig-fields.ts";

/** Characters that may stand in the name of a header (RFC 9110, token); % begins an escape here. */
const inNames = /[!#$&'*+\-.^_`|~0-9A-Za-z]/;

/** The headers that ask the API server to act as somebody else. Several values of one header go as separate lines. */
export function impersonationHeaders(user: UserEntry): Record<string, string | string[]> {
  if (!user.as) return {};
  const headers: Record<string, string | string[]> = { "Impersonate-User": headerText(user.as, "as") };
  if (user["as-uid"]) headers["Impersonate-Uid"] = headerText(user["as-uid"], "as-uid");
  if (user["as-groups"])
    headers["Impersonate-Group"] = user["as-groups"].map((group) => headerText(group, "as-groups"));
  // The server reads keys in lower case: those that differ in case alone are one.
  const extra = new Map<string, string[]>();
  for (const [key, values] of Object.entries(user["as-user-extra"] ?? {}).toSorted(byKey)) {
    const name = `impersonate-extra-${escapedKey(key)}`.toLowerCase();
    extra.set(name, [...(extra.get(name) ?? []), ...values.map((value) => headerText(value, `as-user-extra ${key}`))]);
  }
  return { ...headers, ...Object.fromEntries(extra) };
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

/** client-go's escape: what may stand in a header's name stays, every other byte becomes %xx. */
function escapedKey(key: string): string {
  return [...Buffer.from(key, "utf8")]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return inNames.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** A value as Node writes it: headers are bytes, and ours are UTF-8. */
function headerText(value: string, field: string): string {
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
    throw new Failure("failed", `cannot impersonate: ${field} holds a control character, which no request can carry`);
  return Buffer.from(value, "utf8").toString("latin1");
}
