import { usageFailure } from "../core/failure.ts";
import type { ConnectionFlags } from "./connection.ts";
import type { UserEntry } from "./kubeconfig-fields.ts";

/** The user of the kubeconfig with what the command line says of it. A flag replaces the field it overrides, data and file alike. */
export function userWith(user: UserEntry, flags: ConnectionFlags): UserEntry {
  const { token, "client-certificate": certificate, "client-key": key } = flags;
  const extra = extraOf(flags["as-user-extra"]);
  const isMore = flags["as-uid"] || flags["as-group"]?.length || extra !== undefined;
  if (isMore && !flags.as && !user.as) {
    throw usageFailure(
      "--as-group, --as-uid and --as-user-extra need --as: they say more about the user who is impersonated",
    );
  }
  return {
    // Who asks for a token means it: the server would prefer a certificate that comes along.
    ...(token ? { ...impersonationOf(user), token } : user),
    ...(certificate ? { "client-certificate": certificate, "client-certificate-data": "" } : {}),
    ...(key ? { "client-key": key, "client-key-data": "" } : {}),
    ...(flags.as ? { as: flags.as } : {}),
    ...(flags["as-uid"] ? { "as-uid": flags["as-uid"] } : {}),
    ...(flags["as-group"]?.length ? { "as-groups": flags["as-group"] } : {}),
    ...(extra === undefined ? {} : { "as-user-extra": { ...user["as-user-extra"], ...extra } }),
  };
}

function impersonationOf(user: UserEntry): UserEntry {
  const names = ["as", "as-uid", "as-groups", "as-user-extra"] as const;
  return Object.fromEntries(names.filter((name) => name in user).map((name) => [name, user[name]]));
}

/** key=value pairs, several values a key. */
function extraOf(pairs: readonly string[] | undefined): Record<string, string[]> | undefined {
  if (pairs === undefined || pairs.length === 0) return undefined;
  const extra: Record<string, string[]> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw usageFailure(`--as-user-extra: cannot read "${pair}"`, "write it as key=value");
    const key = pair.slice(0, at);
    extra[key] = [...(extra[key] ?? []), pair.slice(at + 1)];
  }
  return extra;
}
