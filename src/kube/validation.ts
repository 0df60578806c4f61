import { Failure } from "../core/failure.ts";
import type { ClusterEntry, ExecEntry, UserEntry } from "./kubeconfig-fields.ts";

/** What was decided on, flags and kubeconfig together. */
interface Chosen {
  readonly clusterName: string;
  readonly cluster: ClusterEntry;
  readonly userName: string;
  readonly user: UserEntry;
}

/** What kubectl refuses in a cluster or a user, in its words; undefined when all is well. Files are looked for later, when they are read. */
export function invalidConfiguration({ clusterName, cluster, userName, user }: Chosen): Failure | undefined {
  const both = cluster["certificate-authority"] && cluster["certificate-authority-data"];
  const problems = [
    both
      ? `certificate-authority-data and certificate-authority are both specified for ${clusterName}: one has to go`
      : "",
    ...userProblems(userName, user),
  ].filter((problem) => problem !== "");
  if (problems.length > 0) return new Failure("failed", `invalid configuration: ${problems.join("; ")}`);
  const hasAuthority = cluster["certificate-authority"] || cluster["certificate-authority-data"];
  if (!hasAuthority || !cluster["insecure-skip-tls-verify"]) return undefined;
  return new Failure("failed", "specifying a root certificates file with the insecure flag is not allowed", {
    next: [`remove insecure-skip-tls-verify or the CA from cluster "${clusterName}" of the kubeconfig`],
  });
}

function userProblems(name: string, user: UserEntry): string[] {
  const hasBasic = Boolean(user.username || user.password);
  const uidGroupsOrExtra = [user["as-uid"], user["as-groups"], user["as-user-extra"]];
  return [
    ...certificateProblems(name, user),
    ...execProblems(name, user.exec, user["auth-provider"] !== undefined),
    user.token && hasBasic
      ? `more than one authentication method found for ${name}; found [token basicAuth], only one is allowed`
      : "",
    uidGroupsOrExtra.some((field) => field && Object.keys(field).length > 0) && !user.as
      ? `requesting uid, groups or user-extra for ${name} without impersonating a user`
      : "",
  ];
}

function certificateProblems(name: string, user: UserEntry): string[] {
  const [file, data] = [user["client-certificate"], user["client-certificate-data"]];
  const [keyFile, keyData] = [user["client-key"], user["client-key-data"]];
  if (!file && !data) return [];
  return [
    file && data ? `client-cert-data and client-cert are both specified for ${name}: one has to go` : "",
    keyFile && keyData ? `client-key-data and client-key are both specified for ${name}: one has to go` : "",
    keyFile || keyData
      ? ""
      : `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method`,
  ];
}

const modes = ["Never", "IfAvailable", "Always"];

function execProblems(name: string, exec: ExecEntry | undefined, hasAuthProvider: boolean): string[] {
  if (exec === undefined) return [];
  const use = `for ${name} to use exec authentication plugin`;
  const mode = interactiveModeOf(exec);
  return [
    hasAuthProvider ? `authProvider cannot be provided in combination with an exec plugin for ${name}` : "",
    exec.command ? "" : `command must be specified ${use}`,
    exec.apiVersion ? "" : `apiVersion must be specified ${use}`,
    exec.env?.some((variable) => !variable.name) ? `env variable name must be specified ${use}` : "",
    mode === undefined ? `interactiveMode must be specified ${use}` : "",
    mode !== undefined && !modes.includes(mode) ? `invalid interactiveMode for ${name}: "${mode}"` : "",
  ];
}

/** Whether the plugin may ask on the terminal. The versions before v1 did not have to say. */
export function interactiveModeOf({ interactiveMode, apiVersion = "" }: ExecEntry): string | undefined {
  const isOld = /^client\.authentication\.k8s\.io\/v1(alpha|beta)1$/.test(apiVersion);
  return interactiveMode ?? (isOld ? "IfAvailable" : undefined);
}
