import type { IncomingHttpHeaders } from "node:http";
import type { User } from "./authorization.ts";
import type { ResourceType } from "./objects.ts";

/** One right that an impersonation takes: to impersonate this name of that resource. */
export interface Impersonated {
  readonly type: Pick<ResourceType, "group" | "plural">;
  readonly subresource: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

const authentication = "authentication.k8s.io";
const extraPrefix = "impersonate-extra-";

/** Whom a request asks to act as, and the rights that takes; undefined when it asks for nobody. */
export function impersonation(
  headers: IncomingHttpHeaders,
  distinct: NodeJS.Dict<string[]>,
): { user: User; needs: Impersonated[] } | undefined {
  const name = headers["impersonate-user"];
  if (typeof name !== "string") return undefined;
  const groups = distinct["impersonate-group"] ?? [];
  const [, , namespace, account] = /^(system:serviceaccount):([^:]+):(.+)$/.exec(name) ?? [];
  const needs: Impersonated[] = [
    account === undefined
      ? { type: { group: "", plural: "users" }, subresource: "", namespace: undefined, name }
      : { type: { group: "", plural: "serviceaccounts" }, subresource: "", namespace, name: account },
    ...groups.map((group) => need("groups", "", group, "")),
    ...(distinct["impersonate-uid"] ?? []).map((uid) => need("uids", "", uid)),
    ...Object.entries(distinct)
      .filter(([header]) => header.startsWith(extraPrefix))
      .flatMap(([header, values = []]) => {
        const key = decodeURIComponent(header.slice(extraPrefix.length));
        return values.map((value) => need("userextras", key, value));
      }),
  ];
  return { user: { name, groups: [...groups, "system:authenticated"] }, needs };
}

const need = (plural: string, subresource: string, name: string, group = authentication): Impersonated => ({
  type: { group, plural },
  subresource,
  namespace: undefined,
  name,
});
