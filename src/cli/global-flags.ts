import { defineFlags } from "../commands/command.ts";

/** Flags that every verb takes: how to reach the cluster, as in kubectl, and how to show things. */
export const globalFlags = defineFlags({
  namespace: {
    type: "text",
    alias: "n",
    value: "NAMESPACE",
    describe: "Namespace Velero works in (default: found by its BackupStorageLocation, mke first)",
  },
  kubeconfig: { type: "text", value: "FILE", describe: "Path to the kubeconfig file to use" },
  context: { type: "text", value: "NAME", describe: "Kubeconfig context to use" },
  cluster: { type: "text", value: "NAME", describe: "Kubeconfig cluster to use" },
  user: { type: "text", value: "NAME", describe: "Kubeconfig user to use" },
  server: { type: "text", alias: "s", value: "URL", describe: "Address of the Kubernetes API server" },
  token: { type: "text", value: "TOKEN", describe: "Bearer token for the API server" },
  "certificate-authority": { type: "text", value: "FILE", describe: "CA certificate of the API server" },
  "insecure-skip-tls-verify": {
    type: "switch",
    describe: "Check no certificate: neither the API server's nor the object store's",
  },
  "tls-server-name": { type: "text", value: "NAME", describe: "Name to expect in the API server's certificate" },
  "client-certificate": { type: "text", value: "FILE", describe: "Client certificate" },
  "client-key": { type: "text", value: "FILE", describe: "Key of the client certificate" },
  as: { type: "text", value: "USER", describe: "User to impersonate" },
  "as-group": { type: "list", whole: true, value: "GROUP", describe: "Group to impersonate, may be repeated" },
  "as-uid": { type: "text", value: "UID", describe: "UID to impersonate" },
  "as-user-extra": {
    type: "list",
    whole: true,
    value: "KEY=VALUE",
    describe: "Extra field of the user to impersonate, may be repeated",
  },
  "request-timeout": {
    type: "duration",
    value: "DURATION",
    describe: "Longest time for one request: 10s, 1m, 0 = no limit (default 30s)",
  },
  color: {
    type: "text",
    choices: ["auto", "always", "never"],
    default: "auto",
    value: "WHEN",
    describe: "Use colours: auto, always or never",
  },
  "log-level": {
    type: "text",
    choices: ["debug", "trace"],
    value: "LEVEL",
    describe: "Log requests to stderr, secrets left out: debug or trace (env MKEBACKUP_LOG)",
  },
});
