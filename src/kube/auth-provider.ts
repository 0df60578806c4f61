import { Failure } from "../core/failure.ts";
import type { Connection } from "./connection.ts";
import type { UserEntry } from "./kubeconfig-fields.ts";
import type { Grant, LoginEdge } from "./login.ts";
import { openIdConnect } from "./oidc.ts";

/** What took the place of the providers that Kubernetes once had built in. */
const successors: Readonly<Record<string, string>> = {
  azure: "kubelogin: https://github.com/Azure/kubelogin",
  gcp: "gke-gcloud-auth-plugin: https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl",
};

/** Returns what asks the user's auth provider for a token. */
export function openProvider(
  { name = "", config = {} }: NonNullable<UserEntry["auth-provider"]>,
  { userOrigin }: Connection,
  edge: LoginEdge,
): () => Promise<Grant> {
  if (name === "oidc") return openIdConnect(config, userOrigin, edge);
  const successor = successors[name];
  if (successor === undefined) throw new Failure("failed", `no Auth Provider found for name "${name}"`);
  throw new Failure("failed", `The ${name} auth plugin has been removed from Kubernetes`, {
    next: [`log in with the credential plugin instead, ${successor}`],
  });
}
