import { roleManifest } from "../../src/output/views/role.ts";
import { grantedRoles, type RoleWish } from "../../src/velero/role-objects.ts";

/** What `kubectl mkebackup rbac -n mke` prints. */
export function usualRole(): string {
  const wish: RoleWish = { role: "operator", name: "mkebackup-operator", namespace: "mke", subjects: [] };
  return roleManifest(wish, grantedRoles(wish));
}
