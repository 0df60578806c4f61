import type { Api } from "./api.ts";

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const group = "rbac.authorization.k8s.io";

interface Account {
  readonly token: string;
  remove(): Promise<void>;
}

/** A ServiceAccount of namespace mke that has no rights; returns its token and what takes it away. */
export async function createAccount(api: Api, name: string): Promise<Account> {
  const accounts = "/api/v1/namespaces/mke/serviceaccounts";
  await api.post(accounts, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } });
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
  const granted = (await api.post(`${accounts}/${name}/token`, request)) as { status: { token: string } };
  return { token: granted.status.token, remove: () => api.delete(`${accounts}/${name}`) };
}

/** A ServiceAccount of namespace mke that has these rights there and no others; returns its token and what takes it away. */
export async function createUser(api: Api, name: string, rules: readonly Rule[]): Promise<Account> {
  const account = await createAccount(api, name);
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
  return {
    token: account.token,
    async remove() {
      await api.delete(`${rbac}/namespaces/mke/rolebindings/${name}`);
      await api.delete(`${rbac}/namespaces/mke/roles/${name}`);
      await account.remove();
    },
  };
}

interface RbacObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Creates the roles and bindings of a List, as `kubectl apply` does; returns what takes them away. */
export async function applyRoles(
  api: Api,
  list: { readonly items: readonly RbacObject[] },
): Promise<() => Promise<void>> {
  const collection = ({ kind, metadata: { namespace } }: RbacObject) =>
    `${rbac}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${kind.toLowerCase()}s`;
  for (const object of list.items) await api.post(collection(object), object);
  return async () => {
    for (const object of list.items) await api.delete(`${collection(object)}/${object.metadata.name}`);
  };
}
