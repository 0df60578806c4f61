import type { Api } from "./api.ts";

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const group = "rbac.authorization.k8s.io";

/** A ServiceAccount of namespace mke that has these rights there and no others; returns its token and what takes it away. */
export async function createUser(
  api: Api,
  name: string,
  rules: readonly Rule[],
): Promise<{ token: string; remove(): Promise<void> }> {
  await api.post("/api/v1/namespaces/mke/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name },
  });
  await api.post(`${rbac}/namespaces/mke/roles`, {
    apiVersion: `${group}/v1`,
    kind: "Role",
    metadata: { name },
    rules,
  });
  await api.post(`${rbac}/namespaces/mke/rolebindings`, {
    apiVersion: `${group}/v1`,
    kind: "RoleBinding",
    metadata: { name },
    roleRef: { apiGroup: group, kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name, namespace: "mke" }],
  });
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
  const granted = (await api.post(`/api/v1/namespaces/mke/serviceaccounts/${name}/token`, request)) as {
    status: { token: string };
  };
  return {
    token: granted.status.token,
    async remove() {
      await api.delete(`${rbac}/namespaces/mke/rolebindings/${name}`);
      await api.delete(`${rbac}/namespaces/mke/roles/${name}`);
      await api.delete(`/api/v1/namespaces/mke/serviceaccounts/${name}`);
    },
  };
}
