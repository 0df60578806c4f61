// What kubectl makes of kubeconfig files, environment and flags. A unit test holds this program to it, and
// test/cluster/identity.test.ts holds the table to the real kubectl.
import type { ConnectionFlags } from "../../../src/kube/connection.ts";
import type { Seen } from "./probe.ts";

/** What a decision looks like from outside. */
export interface Outcome {
  /** The current context of the merged files, before --context. */
  readonly current?: string;
  /** The namespace of the context that is used. */
  readonly namespace?: string;
  /** What the API server sees. */
  readonly seen?: Seen;
  /** What a credential plugin was told, when that matters. */
  readonly told?: unknown;
  /** What is said where nothing is sent. */
  readonly error?: RegExp;
}

/**
 * In every text SERVER and PLAIN stand for the addresses of two servers with and without TLS, FOLDER for the folder of the
 * files, and CA_DATA, CERT_DATA and KEY_DATA for the base64 of pki/ca.crt, pki/jane.crt and pki/jane.key, which are there.
 */
export interface Situation {
  readonly title: string;
  /** Names and texts of the files; a name that ends in / is a folder. HOME is FOLDER. */
  readonly files: Readonly<Record<string, string>>;
  /** KUBECONFIG is FOLDER/config when nothing is said. */
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: ConnectionFlags;
  readonly expected: Outcome;
  /** What kubectl does where this program knowingly does something else, and why it does. */
  readonly kubectl?: Outcome & { readonly because: string };
}

interface Parts {
  readonly current?: string;
  /** context → [cluster, user, namespace]. */
  readonly contexts?: Readonly<Record<string, readonly [cluster: string, user: string, namespace?: string]>>;
  readonly clusters?: Readonly<Record<string, object>>;
  readonly users?: Readonly<Record<string, object>>;
}

/** A kubeconfig file; JSON is YAML too. */
export function config({ current, contexts = {}, clusters = {}, users = {} }: Parts): string {
  const list = (key: string, entries: Readonly<Record<string, object>>) =>
    Object.entries(entries).map(([name, entry]) => ({ name, [key]: entry }));
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    ...(current === undefined ? {} : { "current-context": current }),
    contexts: Object.entries(contexts).map(([name, [cluster, user, namespace]]) => ({
      name,
      context: { cluster, user, ...(namespace === undefined ? {} : { namespace }) },
    })),
    clusters: list("cluster", clusters),
    users: list("user", users),
  });
}

const ca = { "certificate-authority-data": "CA_DATA" };
const certificate = { "client-certificate-data": "CERT_DATA", "client-key-data": "KEY_DATA" };
export const one = { server: "SERVER/one", ...ca };
const two = { server: "SERVER/two", ...ca };

/** A file with contexts one and two, used by jane and joe; `user` replaces jane. */
export const withUser = (user: object, cluster: object = one): string =>
  config({
    current: "one",
    contexts: { one: ["one", "jane", "shop"], two: ["two", "joe"] },
    clusters: { one: cluster, two },
    users: { jane: user, joe: { token: "joe" } },
  });
const usual = withUser({ token: "jane" });
const other = config({
  current: "other",
  contexts: { one: ["two", "other"], other: ["two", "other"] },
  clusters: { one: two, two },
  users: { jane: { token: "not jane", username: "x" }, other: { token: "other" } },
});

export const bearer = (token: string, path = "/one/version"): Seen => ({ path, authorization: `Bearer ${token}` });
export const jane: Outcome = { current: "one", namespace: "shop", seen: bearer("jane") };
const joe: Outcome = { current: "one", seen: bearer("joe", "/two/version") };
export const user = (seen: Omit<Seen, "path">): Outcome => ({ ...jane, seen: { path: "/one/version", ...seen } });
/** kubectl asks on stdin; no API server has taken names and passwords since Kubernetes 1.19. */
const asks = { current: "one", namespace: "shop", error: /EOF/, because: "kubectl asks for a name and a password" };
const noCluster = /^no cluster is configured/;
const localhost = { error: /localhost:8080 was refused/, because: "nobody means http://localhost:8080" };
const yaml = (text: string) => `
current-context: one
contexts: [{name: one, context: {cluster: one, user: jane, namespace: shop}}]
${text}`;
const yamlCluster = "clusters: [{name: one, cluster: {server: SERVER/one, certificate-authority-data: CA_DATA}}]";
const yamlUser = "users: [{name: jane, user: {token: jane}}]";

const files: readonly Situation[] = [
  { title: "KUBECONFIG names one file", files: { config: usual }, expected: jane },
  {
    title: "~/.kube/config, without KUBECONFIG",
    files: { ".kube/config": usual },
    env: { KUBECONFIG: undefined },
    expected: jane,
  },
  { title: "an empty KUBECONFIG is none", files: { ".kube/config": usual }, env: { KUBECONFIG: "" }, expected: jane },
  {
    title: "a file as kubectl writes it",
    files: {
      config: `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: CA_DATA
    extensions:
    - extension:
        last-update: Tue, 24 Nov 2026 10:00:00 UTC
        provider: minikube.sigs.k8s.io
      name: cluster_info
    server: SERVER/one
  name: one
contexts:
- context:
    cluster: one
    namespace: shop
    user: jane
  name: one
current-context: one
kind: Config
preferences: {}
users:
- name: jane
  user:
    as: "12345"
    as-groups:
    - 'system:masters'
    - "yes"
    client-certificate-data: CERT_DATA
    client-key-data: KEY_DATA
`,
    },
    expected: {
      current: "one",
      namespace: "shop",
      seen: {
        path: "/one/version",
        certificate: "kubernetes-admin",
        impersonation: { "impersonate-user": ["12345"], "impersonate-group": ["system:masters", "yes"] },
      },
    },
  },
  {
    title: "a KUBECONFIG of empty entries names nothing, not even ~/.kube/config",
    files: { ".kube/config": usual },
    env: { KUBECONFIG: ":" },
    expected: { current: "", error: noCluster },
    kubectl: { current: "", ...localhost },
  },
  {
    title: "the first file with a current context decides it",
    files: { config: usual, other },
    env: { KUBECONFIG: "FOLDER/other:FOLDER/config" },
    expected: { current: "other", seen: bearer("other", "/two/version") },
  },
  {
    title: "an empty current context leaves the decision to the next file",
    files: { config: usual.replace('"current-context":"one"', '"current-context":""'), other },
    env: { KUBECONFIG: "FOLDER/config:FOLDER/other" },
    expected: { current: "other", seen: bearer("other", "/two/version") },
  },
  {
    title: "of one name in two files the first file's entry counts, whole",
    files: { config: usual, other },
    env: { KUBECONFIG: "FOLDER/config:FOLDER/other" },
    expected: jane,
  },
  {
    title: "missing files and empty entries are skipped",
    files: { config: usual },
    env: { KUBECONFIG: ":FOLDER/gone::FOLDER/config" },
    expected: jane,
  },
  {
    title: "KUBECONFIG names only missing files",
    files: {},
    expected: {
      current: "",
      error: /^no cluster is configured: KUBECONFIG names no file that exists: FOLDER\/config$/,
    },
    kubectl: { current: "", ...localhost },
  },
  {
    title: "a file that is listed twice is read once",
    files: { config: usual },
    env: { KUBECONFIG: "FOLDER/config:FOLDER/config" },
    expected: jane,
  },
  {
    title: "paths are relative to the file that names them",
    files: {
      "deep/er/config": withUser(
        { "client-certificate": "../../pki/jane.crt", "client-key": "../../pki/jane.key", tokenFile: "token" },
        { server: "SERVER/one", "certificate-authority": "../../pki/ca.crt" },
      ),
      "deep/er/token": "from the file\n",
    },
    env: { KUBECONFIG: "FOLDER/deep/er/config" },
    expected: user({ authorization: "Bearer from the file", certificate: "kubernetes-admin" }),
  },
  {
    title: "paths of the second file are relative to it, too",
    files: {
      config: config({ current: "one", contexts: { one: ["one", "jane", "shop"] }, clusters: { one } }),
      "deep/config": config({ users: { jane: { tokenFile: "token" } } }),
      "deep/token": "deep",
    },
    env: { KUBECONFIG: "FOLDER/config:FOLDER/deep/config" },
    expected: { ...jane, seen: bearer("deep") },
  },
  {
    title: "--kubeconfig is read alone",
    files: { config: usual, other },
    flags: { kubeconfig: "FOLDER/other" },
    expected: { current: "other", seen: bearer("other", "/two/version") },
  },
  { title: "an empty --kubeconfig is none", files: { config: usual }, flags: { kubeconfig: "" }, expected: jane },
  {
    title: "a missing file of --kubeconfig is an error",
    files: { config: usual },
    flags: { kubeconfig: "FOLDER/gone" },
    expected: { error: /^the kubeconfig file FOLDER\/gone does not exist$/ },
    kubectl: { error: /stat FOLDER\/gone: no such file or directory/, because: "a sentence says which file it is" },
  },
  {
    title: "an empty file and one of comments are no error",
    files: { empty: "", comments: "# nothing yet\n", config: usual },
    env: { KUBECONFIG: "FOLDER/empty:FOLDER/comments:FOLDER/config" },
    expected: jane,
  },
  {
    title: "a broken file is an error, whatever the others say",
    files: { config: usual, broken: "a: [b" },
    env: { KUBECONFIG: "FOLDER/config:FOLDER/broken" },
    expected: { error: /^cannot read the kubeconfig file FOLDER\/broken: / },
    kubectl: { error: /error loading config file "FOLDER\/broken": /, because: "the same, in plain words" },
  },
  {
    title: "a list is no kubeconfig",
    files: { config: "- a" },
    expected: { error: /^cannot read the kubeconfig file FOLDER\/config: it holds no map/ },
    kubectl: { error: /error loading config file "FOLDER\/config": /, because: "the same, in plain words" },
  },
  {
    title: "a folder is no kubeconfig",
    files: { "config/": "" },
    expected: { error: /^cannot read the kubeconfig file FOLDER\/config: it is a folder$/ },
    kubectl: { error: /read FOLDER\/config: is a directory/, because: "the same, in plain words" },
  },
  {
    title: "a file without kind and apiVersion is read",
    files: { config: yaml(`${yamlCluster}\n${yamlUser}`) },
    expected: jane,
  },
  {
    title: "a file of another kind is refused",
    files: { config: usual.replace('"kind":"Config"', '"kind":"ConfigMap"') },
    expected: {
      error: /^cannot read the kubeconfig file FOLDER\/config: it is a ConfigMap of v1, not a Config of v1$/,
    },
    kubectl: { error: /no kind "ConfigMap" is registered for version "v1"/, because: "the same, in plain words" },
  },
  {
    title: "a file of another version is refused",
    files: { config: usual.replace('"apiVersion":"v1"', '"apiVersion":"v2"') },
    expected: { error: /it is a Config of v2, not a Config of v1$/ },
    kubectl: { error: /no kind "Config" is registered for version "v2"/, because: "the same, in plain words" },
  },
  {
    title: "one name twice in a file is an error",
    files: { config: usual.replace('"name":"joe"', '"name":"jane"') },
    expected: { error: /^cannot read the kubeconfig file FOLDER\/config: it has two users named "jane"$/ },
    kubectl: { error: /duplicate name "jane" in list/, because: "kubectl's sentence shows every token of the file" },
  },
  {
    title: "of a key that stands twice in a map the last counts",
    files: { config: yaml(`${yamlCluster}\nusers: [{name: jane, user: {token: first, token: jane}}]`) },
    expected: jane,
  },
  {
    title: "of several YAML documents the first counts",
    files: { config: `${yaml(`${yamlCluster}\n${yamlUser}`)}\n---\ncurrent-context: two\n` },
    expected: jane,
  },
  {
    title: "anchors and merge keys are followed",
    files: { config: yaml(`${yamlCluster}\nx: &who {token: jane}\nusers: [{name: jane, user: {<<: *who}}]`) },
    expected: jane,
  },
  {
    title: "names are any text",
    files: {
      config: config({
        current: 'a: b/c@d "e" ü',
        contexts: { 'a: b/c@d "e" ü': ["arn:aws:eks:x/y", "", "shop"] },
        clusters: { "arn:aws:eks:x/y": one },
        users: { "": { token: "nameless" } },
      }),
    },
    expected: { current: 'a: b/c@d "e" ü', namespace: "shop", seen: bearer("nameless") },
  },
  {
    title: "a number is no name",
    files: { config: yaml(`${yamlCluster}\nusers: [{name: 7, user: {token: jane}}]`) },
    expected: {
      error: /^cannot read the kubeconfig file FOLDER\/config: the name of a user has to be text: put it in quotes$/,
    },
    kubectl: { error: /cannot unmarshal number into Go struct field .*name of type string/, because: "plain words" },
  },
  {
    title: "a token of digits has to be quoted",
    files: { config: yaml(`${yamlCluster}\nusers: [{name: jane, user: {token: 12345}}]`) },
    expected: { error: /: token of user "jane" has to be text: put it in quotes$/ },
    kubectl: { error: /cannot unmarshal number into Go struct field .*token of type string/, because: "plain words" },
  },
  {
    title: "yes is true",
    files: {
      config: yaml(
        `clusters: [{name: one, cluster: {server: SERVER/one, insecure-skip-tls-verify: yes}}]\n${yamlUser}`,
      ),
    },
    expected: jane,
  },
  {
    title: "true in quotes is not true",
    files: { config: withUser({ token: "jane" }, { server: "SERVER/one", "insecure-skip-tls-verify": "true" }) },
    expected: { error: /: insecure-skip-tls-verify of cluster "one" has to be true or false$/ },
    kubectl: { error: /cannot unmarshal string into Go struct field .* of type bool/, because: "plain words" },
  },
  {
    title: "data that is not base64 is an error",
    files: {
      config: withUser({ token: "jane" }, { server: "SERVER/one", "certificate-authority-data": "-----BEGIN" }),
    },
    expected: { error: /: certificate-authority-data of cluster "one" is not base64$/ },
    kubectl: { error: /illegal base64 data at input byte 0/, because: "the sentence says which field it is" },
  },
];

const choices: readonly Situation[] = [
  {
    title: "--context chooses",
    files: { config: usual },
    flags: { context: "two" },
    expected: joe,
  },
  {
    title: "--context without a current context",
    files: { config: usual.replace('"current-context":"one",', "") },
    flags: { context: "one" },
    expected: { ...jane, current: "" },
  },
  {
    title: "no context at all",
    files: { config: usual.replace('"current-context":"one",', "") },
    expected: { current: "", error: /^the kubeconfig has no current context$/ },
    kubectl: { current: "", ...localhost },
  },
  {
    title: "a current context that is not there",
    files: { config: usual.replace('"current-context":"one"', '"current-context":"gone"') },
    expected: { current: "gone", error: /^context was not found for specified context: gone$/ },
  },
  {
    title: "--context that is not there",
    files: { config: usual },
    flags: { context: "gone" },
    expected: { current: "one", error: /^context "gone" does not exist$/ },
  },
  {
    title: "--cluster chooses another cluster for the same user",
    files: { config: usual },
    flags: { cluster: "two" },
    expected: { ...jane, seen: bearer("jane", "/two/version") },
  },
  {
    title: "--cluster and --user are enough without a context",
    files: { config: usual.replace('"current-context":"one",', "") },
    flags: { cluster: "two", user: "joe" },
    expected: { current: "", seen: bearer("joe", "/two/version") },
  },
  {
    title: "--cluster that is not there",
    files: { config: usual },
    flags: { cluster: "gone" },
    expected: { current: "one", namespace: "shop", error: /^cluster "gone" does not exist$/ },
  },
  {
    title: "--user chooses another user for the same cluster",
    files: { config: usual },
    flags: { user: "joe" },
    expected: { ...jane, seen: bearer("joe") },
  },
  {
    title: "--user that is not there",
    files: { config: usual },
    flags: { user: "gone" },
    expected: { current: "one", namespace: "shop", error: /^auth info "gone" does not exist$/ },
  },
  {
    title: "a context's cluster that is not there",
    files: {
      config: config({ current: "one", contexts: { one: ["gone", "jane", "shop"] }, users: { jane: { token: "t" } } }),
    },
    expected: { current: "one", namespace: "shop", error: /^cluster "gone" does not exist, or has no server$/ },
    kubectl: { current: "one", namespace: "shop", ...localhost },
  },
  {
    title: "KUBERNETES_MASTER is the server of a cluster that has none",
    files: { config: withUser({ token: "jane" }, ca) },
    env: { KUBERNETES_MASTER: "SERVER/master" },
    expected: { ...jane, seen: bearer("jane", "/master/version") },
  },
  {
    title: "a context's user that is not there is nobody",
    files: { config: config({ current: "one", contexts: { one: ["one", "gone", "shop"] }, clusters: { one } }) },
    expected: user({}),
    kubectl: asks,
  },
  {
    title: "a user without a body is nobody",
    files: { config: yaml(`${yamlCluster}\nusers: [{name: jane, user: }]`) },
    expected: user({}),
    kubectl: asks,
  },
  {
    title: "--server overrides the address and keeps CA and user",
    files: { config: usual },
    flags: { server: "SERVER/flag/" },
    expected: { ...jane, seen: bearer("jane", "/flag/version") },
  },
  {
    title: "--server and --token are enough without any file",
    files: {},
    flags: { server: "SERVER/flag", token: "flag", "certificate-authority": "FOLDER/pki/ca.crt" },
    expected: { current: "", seen: bearer("flag", "/flag/version") },
  },
  {
    title: "an address without a scheme is http",
    files: { config: usual },
    flags: { server: "PLAIN_HOST" },
    expected: { ...jane, seen: { path: "/version" } },
  },
  {
    title: "nothing that proves who one is goes to a server without TLS",
    files: { config: withUser({ ...certificate, token: "jane", as: "root" }, { server: "PLAIN/one" }) },
    expected: user({ impersonation: { "impersonate-user": ["root"] } }),
  },
  {
    title: "--server drops the kubeconfig's tls-server-name",
    files: { config: withUser({ token: "jane" }, { ...one, "tls-server-name": "elsewhere" }) },
    flags: { server: "SERVER/flag" },
    expected: { ...jane, seen: bearer("jane", "/flag/version") },
  },
  {
    title: "--tls-server-name is the name the certificate has to have",
    files: { config: withUser({ token: "jane" }, { ...one, "tls-server-name": "elsewhere" }) },
    flags: { "tls-server-name": "localhost" },
    expected: jane,
  },
  {
    title: "--certificate-authority replaces CA data",
    files: { config: withUser({ token: "jane" }, { ...one, "certificate-authority-data": "bm9uZQ==" }) },
    flags: { "certificate-authority": "FOLDER/pki/ca.crt" },
    expected: jane,
  },
  {
    title: "--certificate-authority turns the check on again",
    files: { config: withUser({ token: "jane" }, { server: "SERVER/one", "insecure-skip-tls-verify": true }) },
    flags: { "certificate-authority": "FOLDER/pki/ca.crt" },
    expected: jane,
  },
  {
    title: "--insecure-skip-tls-verify needs no CA, and ignores one that is there",
    files: { config: withUser({ token: "jane" }, { ...one, "certificate-authority-data": "bm9uZQ==" }) },
    flags: { "insecure-skip-tls-verify": true },
    expected: jane,
  },
  {
    title: "--insecure-skip-tls-verify=false is obeyed",
    files: { config: withUser({ token: "jane" }, { server: "SERVER/one", "insecure-skip-tls-verify": true }) },
    flags: { "insecure-skip-tls-verify": false },
    expected: { current: "one", namespace: "shop", error: /unknown authority/ },
    kubectl: { ...jane, because: "kubectl cannot tell false from not said, and leaves the check off" },
  },
  {
    title: "a CA and no check exclude each other",
    files: { config: withUser({ token: "jane" }, { ...one, "insecure-skip-tls-verify": true }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /^specifying a root certificates file with the insecure flag is not allowed/,
    },
  },
  {
    title: "a CA as data and as file exclude each other",
    files: { config: withUser({ token: "jane" }, { ...one, "certificate-authority": "pki/ca.crt" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /certificate-authority-data and certificate-authority are both specified for one/,
    },
  },
];

const users: readonly Situation[] = [
  {
    title: "a client certificate as data",
    files: { config: withUser(certificate) },
    expected: user({ certificate: "kubernetes-admin" }),
  },
  {
    title: "a client certificate as files",
    files: { config: withUser({ "client-certificate": "pki/jane.crt", "client-key": "pki/jane.key" }) },
    expected: user({ certificate: "kubernetes-admin" }),
  },
  {
    title: "a client certificate without a key",
    files: { config: withUser({ "client-certificate-data": "CERT_DATA" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /client-key-data or client-key must be specified for jane to use the clientCert authentication method/,
    },
  },
  {
    title: "a key without a certificate is not used",
    files: { config: withUser({ "client-key-data": "KEY_DATA" }) },
    expected: user({}),
    kubectl: asks,
  },
  {
    title: "a client certificate as data and as file",
    files: { config: withUser({ ...certificate, "client-certificate": "pki/jane.crt" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /client-cert-data and client-cert are both specified for jane/,
    },
  },
  {
    title: "a client key as data and as file",
    files: { config: withUser({ ...certificate, "client-key": "pki/jane.key" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /client-key-data and client-key are both specified for jane/,
    },
  },
  {
    title: "a client certificate that is none",
    files: { config: withUser({ "client-certificate-data": "bm9uZQ==", "client-key-data": "KEY_DATA" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /^the client certificate .* is of no use: the certificate is/,
    },
    kubectl: { current: "one", namespace: "shop", error: /failed to find any PEM data/, because: "plain words" },
  },
  {
    title: "a client key that is none",
    files: { config: withUser({ "client-certificate-data": "CERT_DATA", "client-key-data": "bm9uZQ==" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /^the client certificate .* is of no use: the key is not PEM/,
    },
    kubectl: { current: "one", namespace: "shop", error: /failed to find any PEM data/, because: "plain words" },
  },
  {
    title: "a CA that is none",
    files: { config: withUser({ token: "jane" }, { ...one, "certificate-authority-data": "bm9uZQ==" }) },
    expected: { current: "one", namespace: "shop", error: /^the cluster's CA is no certificate/ },
    kubectl: { current: "one", namespace: "shop", error: /unable to load root certificates/, because: "plain words" },
  },
  {
    title: "a client certificate that is not there",
    files: { config: withUser({ "client-certificate": "gone.crt", "client-key-data": "KEY_DATA" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /^cannot read the client certificate: FOLDER\/gone.crt: no such file$/,
    },
    kubectl: {
      current: "one",
      namespace: "shop",
      error: /unable to read client-cert FOLDER\/gone.crt for jane/,
      because: "the same, in plain words",
    },
  },
  {
    title: "a token beside a client certificate: both are sent",
    files: { config: withUser({ ...certificate, token: "jane" }) },
    expected: user({ authorization: "Bearer jane", certificate: "kubernetes-admin" }),
  },
  {
    title: "an empty token is none",
    files: { config: withUser({ token: "", username: "" }) },
    expected: user({}),
    kubectl: asks,
  },
  {
    title: "a token file",
    files: { config: withUser({ tokenFile: "token" }), token: "  file\n" },
    expected: { ...jane, seen: bearer("file") },
  },
  {
    title: "a token file wins over a token",
    files: { config: withUser({ tokenFile: "token", token: "jane" }), token: "file" },
    expected: { ...jane, seen: bearer("file") },
  },
  {
    title: "a token is used where the token file is not there",
    files: { config: withUser({ tokenFile: "gone", token: "jane" }) },
    expected: jane,
  },
  {
    title: "a token file that is not there",
    files: { config: withUser({ tokenFile: "gone" }) },
    expected: { current: "one", namespace: "shop", error: /^cannot read the token file: FOLDER\/gone: no such file$/ },
    kubectl: { current: "one", namespace: "shop", error: /open FOLDER\/gone: no such file/, because: "plain words" },
  },
  {
    title: "a name and a password",
    files: { config: withUser({ username: "jane", password: "pä:ss" }) },
    expected: user({ authorization: `Basic ${Buffer.from("jane:pä:ss").toString("base64")}` }),
  },
  {
    title: "a token beside a name and a password",
    files: { config: withUser({ username: "jane", password: "x", token: "jane" }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /more than one authentication method found for jane; found \[token basicAuth\], only one is allowed/,
    },
  },
  {
    title: "--token replaces the user's token",
    files: { config: usual },
    flags: { token: "flag" },
    expected: { ...jane, seen: bearer("flag") },
  },
  {
    title: "--token replaces a client certificate",
    files: { config: withUser(certificate) },
    flags: { token: "flag" },
    expected: { ...jane, seen: bearer("flag") },
    kubectl: {
      ...user({ authorization: "Bearer flag", certificate: "kubernetes-admin" }),
      because: "the API server would take the certificate and ignore the token that was asked for",
    },
  },
  {
    title: "--token replaces a token file",
    files: { config: withUser({ tokenFile: "token" }), token: "file" },
    flags: { token: "flag" },
    expected: { ...jane, seen: bearer("flag") },
    kubectl: { ...jane, seen: bearer("file"), because: "kubectl ignores the token that was asked for" },
  },
  {
    title: "--token replaces a name and a password",
    files: { config: withUser({ username: "jane", password: "x" }) },
    flags: { token: "flag" },
    expected: { ...jane, seen: bearer("flag") },
    kubectl: {
      current: "one",
      namespace: "shop",
      error: /more than one authentication method found for jane/,
      because: "the flag says which of the two is meant",
    },
  },
  {
    title: "--client-certificate and --client-key replace those of the kubeconfig",
    files: { config: withUser({ "client-certificate-data": "bm9uZQ==", "client-key-data": "bm9uZQ==" }) },
    flags: { "client-certificate": "FOLDER/pki/jane.crt", "client-key": "FOLDER/pki/jane.key" },
    expected: user({ certificate: "kubernetes-admin" }),
    kubectl: {
      current: "one",
      namespace: "shop",
      error: /client-cert-data and client-cert are both specified for jane/,
      because: "the flag says which of the two is meant",
    },
  },
  {
    title: "impersonation by the kubeconfig, in full",
    files: {
      config: withUser({
        token: "jane",
        as: "ümit",
        "as-uid": "7",
        "as-groups": ["a", "b c"],
        "as-user-extra": { "example.com/Scope": ["x", "y"], "a%b": ["z"], ä: ["ü"] },
      }),
    },
    expected: user({
      authorization: "Bearer jane",
      impersonation: {
        "impersonate-user": ["ümit"],
        "impersonate-uid": ["7"],
        "impersonate-group": ["a", "b c"],
        "impersonate-extra-example.com%2fscope": ["x", "y"],
        "impersonate-extra-a%25b": ["z"],
        "impersonate-extra-%c3%a4": ["ü"],
      },
    }),
  },
  {
    title: "keys of extra fields that differ in case alone are one",
    files: { config: withUser({ token: "jane", as: "root", "as-user-extra": { scope: ["x"], Scope: ["y"] } }) },
    expected: user({
      authorization: "Bearer jane",
      impersonation: { "impersonate-user": ["root"], "impersonate-extra-scope": ["x", "y"] },
    }),
  },
  {
    title: "impersonation by flags, over the kubeconfig's",
    files: { config: withUser({ token: "jane", as: "root", "as-groups": ["a"], "as-uid": "1" }) },
    flags: { as: "jack", "as-group": ["b", "c"], "as-uid": "2" },
    expected: user({
      authorization: "Bearer jane",
      impersonation: { "impersonate-user": ["jack"], "impersonate-group": ["b", "c"], "impersonate-uid": ["2"] },
    }),
  },
  {
    title: "a group without a user to impersonate, in the kubeconfig",
    files: { config: withUser({ token: "jane", "as-groups": ["a"] }) },
    expected: {
      current: "one",
      namespace: "shop",
      error: /requesting uid, groups or user-extra for jane without impersonating a user/,
    },
  },
  {
    title: "a group without a user to impersonate, by flag",
    files: { config: usual },
    flags: { "as-group": ["a"] },
    expected: { current: "one", namespace: "shop", error: /^--as-group, --as-uid and --as-user-extra need --as/ },
    kubectl: {
      current: "one",
      namespace: "shop",
      error: /requesting uid, groups or user-extra for jane without impersonating a user/,
      because: "the sentence names the flags",
    },
  },
  {
    title: "an auth provider that kubectl dropped: azure",
    files: { config: withUser({ "auth-provider": { name: "azure", config: { x: "y" } } }) },
    expected: { current: "one", namespace: "shop", error: /The azure auth plugin has been removed/ },
  },
  {
    title: "an auth provider nobody knows",
    files: { config: withUser({ "auth-provider": { name: "openstack", config: { x: "y" } } }) },
    expected: { current: "one", namespace: "shop", error: /no Auth Provider found for name "openstack"/ },
  },
  {
    title: "an auth provider and a plugin",
    files: {
      config: withUser({
        exec: { apiVersion: "client.authentication.k8s.io/v1", command: "x", interactiveMode: "Never" },
        "auth-provider": { name: "oidc", config: { x: "y" } },
      }),
    },
    expected: {
      current: "one",
      namespace: "shop",
      error: /authProvider cannot be provided in combination with an exec plugin for jane/,
    },
  },
];

export const kubeconfigSituations: readonly Situation[] = [...files, ...choices, ...users];
