// Credential plugins in kubeconfigs: what they are told, and what becomes of what they say.
import { bearer, config, jane, one, type Situation, user, withUser } from "./kubeconfig-situations.ts";

const v1 = "client.authentication.k8s.io/v1";
const beta = "client.authentication.k8s.io/v1beta1";

/** The exec field of a user; "" leaves a field out. */
export const exec = (command: string, more: Readonly<Record<string, unknown>> = {}) => ({
  exec: Object.fromEntries(
    Object.entries({ apiVersion: v1, command, interactiveMode: "Never", ...more }).filter(([, value]) => value !== ""),
  ),
});

/** A plugin that prints this, after it wrote what it was told into FOLDER/told. */
const prints = (output: string): string =>
  `#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" > FOLDER/told\ncat <<EOF\n${output}\nEOF\n`;
const credential = (status: unknown, apiVersion = v1): string =>
  JSON.stringify({ apiVersion, kind: "ExecCredential", status });
const grants = (token: string, apiVersion = v1): string => prints(credential({ token }, apiVersion));
/** Fails when it is run. */
const neverRun = "#!/bin/sh\nexit 9\n";
const told = (spec: object, apiVersion = v1) => ({ kind: "ExecCredential", apiVersion, spec });

const fails = (error: RegExp) => ({ current: "one", namespace: "shop", error });
const credentials = (why: string) => fails(new RegExp(`^getting credentials: ${why}`));
const withPlugin = (more: Readonly<Record<string, unknown>> = {}, cluster?: object) =>
  withUser(exec("./plugin", more), cluster);

const pem = (name: string) => `$(awk '{ printf "%s\\\\n", $0 }' FOLDER/pki/${name})`;

export const execSituations: readonly Situation[] = [
  {
    title: "a plugin beside the kubeconfig, which gives a token",
    files: { config: withPlugin(), plugin: grants("granted") },
    expected: { ...jane, seen: bearer("granted"), told: told({ interactive: false }) },
  },
  {
    title: "a plugin is looked for beside the file that names it",
    files: {
      config: config({ current: "one", contexts: { one: ["one", "jane", "shop"] }, clusters: { one } }),
      "deep/config": config({ users: { jane: exec("bin/plugin") } }),
      "deep/bin/plugin": grants("deep"),
    },
    env: { KUBECONFIG: "FOLDER/config:FOLDER/deep/config" },
    expected: { ...jane, seen: bearer("deep") },
  },
  {
    title: "a plugin without a folder is looked for on PATH",
    files: { config: withUser(exec("our-plugin")), "bin/our-plugin": grants("on PATH") },
    env: { PATH: "FOLDER/bin:/usr/bin:/bin" },
    expected: { ...jane, seen: bearer("on PATH") },
  },
  {
    title: "a plugin gets its arguments, its variables and the environment",
    files: {
      config: withPlugin({
        args: ["a b", "$HOME"],
        env: [
          { name: "OWN", value: "x" },
          { name: "HOME", value: "y" },
        ],
      }),
      plugin: `#!/bin/sh\ncat <<EOF\n${credential({ token: "$#|$1|$2|$OWN|$HOME|$OUTER" })}\nEOF\n`,
    },
    env: { OUTER: "z" },
    expected: { ...jane, seen: bearer("2|a b|$HOME|x|y|z") },
  },
  {
    title: "a plugin of v1beta1 need not say whether it asks",
    files: { config: withPlugin({ apiVersion: beta, interactiveMode: "" }), plugin: grants("beta", beta) },
    expected: { ...jane, seen: bearer("beta"), told: told({ interactive: false }, beta) },
  },
  {
    title: "a plugin may ask where there is a terminal, and does not where there is none",
    files: { config: withPlugin({ interactiveMode: "IfAvailable" }), plugin: grants("quiet") },
    expected: { ...jane, seen: bearer("quiet"), told: told({ interactive: false }) },
  },
  {
    title: "a plugin that has to ask fails without a terminal",
    files: { config: withPlugin({ interactiveMode: "Always" }), plugin: neverRun },
    expected: credentials("exec plugin cannot support interactive mode: standard input is not a terminal"),
  },
  {
    title: "a plugin is told the cluster when it wants to know it",
    files: {
      config: withPlugin(
        { provideClusterInfo: true },
        {
          ...one,
          "tls-server-name": "localhost",
          extensions: [
            { name: "another", extension: { x: 1 } },
            { name: "client.authentication.k8s.io/exec", extension: { audience: "a", deep: [1, { b: true }] } },
          ],
        },
      ),
      plugin: grants("granted"),
    },
    expected: {
      ...jane,
      seen: bearer("granted"),
      told: told({
        cluster: {
          server: "SERVER/one",
          "tls-server-name": "localhost",
          "certificate-authority-data": "CA_DATA",
          config: { audience: "a", deep: [1, { b: true }] },
        },
        interactive: false,
      }),
    },
  },
  {
    title: "a plugin is told the content of a CA file",
    files: {
      config: withPlugin(
        { provideClusterInfo: true, apiVersion: beta },
        { server: "SERVER/one", "certificate-authority": "pki/ca.crt" },
      ),
      plugin: grants("granted", beta),
    },
    expected: {
      ...jane,
      seen: bearer("granted"),
      told: told(
        {
          cluster: { server: "SERVER/one", "certificate-authority-data": "CA_DATA", config: null },
          interactive: false,
        },
        beta,
      ),
    },
  },
  {
    title: "a plugin is told that the server is not checked",
    files: {
      config: withPlugin({ provideClusterInfo: true }, { server: "SERVER/one", "insecure-skip-tls-verify": true }),
      plugin: grants("granted"),
    },
    expected: {
      ...jane,
      seen: bearer("granted"),
      told: told({
        cluster: { server: "SERVER/one", "insecure-skip-tls-verify": true, config: null },
        interactive: false,
      }),
    },
  },
  {
    title: "a plugin that gives a client certificate",
    files: {
      config: withPlugin(),
      plugin: prints(credential({ clientCertificateData: "CERT", clientKeyData: "KEY" }))
        .replace("CERT", pem("jane.crt"))
        .replace("KEY", pem("jane.key")),
    },
    expected: user({ certificate: "kubernetes-admin" }),
  },
  {
    title: "a plugin that gives a certificate and a token",
    files: {
      config: withPlugin(),
      plugin: prints(credential({ token: "both", clientCertificateData: "CERT", clientKeyData: "KEY" }))
        .replace("CERT", pem("jane.crt"))
        .replace("KEY", pem("jane.key")),
    },
    expected: user({ authorization: "Bearer both", certificate: "kubernetes-admin" }),
  },
  {
    title: "a plugin is not run where there is a token",
    files: { config: withUser({ ...exec("./plugin"), token: "jane" }), plugin: neverRun },
    expected: jane,
  },
  {
    title: "a plugin is not run where there is a client certificate",
    files: {
      config: withUser({ ...exec("./plugin"), "client-certificate-data": "CERT_DATA", "client-key-data": "KEY_DATA" }),
      plugin: neverRun,
    },
    expected: user({ certificate: "kubernetes-admin" }),
  },
  {
    title: "a plugin is not run where there is a --token",
    files: { config: withPlugin(), plugin: neverRun },
    flags: { token: "flag" },
    expected: { ...jane, seen: bearer("flag") },
  },
  {
    title: "a plugin is not run for a server without TLS",
    files: { config: withPlugin({}, { server: "PLAIN/one" }), plugin: neverRun },
    expected: user({}),
  },
  {
    title: "impersonation goes with what a plugin gives",
    files: { config: withUser({ ...exec("./plugin"), as: "root" }), plugin: grants("granted") },
    expected: user({ authorization: "Bearer granted", impersonation: { "impersonate-user": ["root"] } }),
  },
  {
    title: "a plugin of v1alpha1 is refused",
    files: { config: withPlugin({ apiVersion: "client.authentication.k8s.io/v1alpha1" }), plugin: neverRun },
    expected: fails(/^exec plugin: invalid apiVersion "client\.authentication\.k8s\.io\/v1alpha1"/),
  },
  {
    title: "a plugin without apiVersion is refused",
    files: { config: withPlugin({ apiVersion: "" }), plugin: neverRun },
    expected: fails(/apiVersion must be specified for jane to use exec authentication plugin/),
  },
  {
    title: "a plugin of v1 has to say whether it asks",
    files: { config: withPlugin({ interactiveMode: "" }), plugin: neverRun },
    expected: fails(/interactiveMode must be specified for jane to use exec authentication plugin/),
  },
  {
    title: "an unknown interactiveMode is refused",
    files: { config: withPlugin({ interactiveMode: "Sometimes" }), plugin: neverRun },
    expected: fails(/invalid interactiveMode for jane: "Sometimes"/),
  },
  {
    title: "a plugin without a command is refused",
    files: { config: withUser(exec("")) },
    expected: fails(/command must be specified for jane to use exec authentication plugin/),
  },
  {
    title: "a variable without a name is refused",
    files: { config: withPlugin({ env: [{ value: "x" }] }), plugin: neverRun },
    expected: fails(/env variable name must be specified for jane to use exec authentication plugin/),
  },
  {
    title: "an argument that is a number has to be quoted",
    files: { config: withPlugin({ args: [7] }), plugin: neverRun },
    expected: { error: /: args of user "jane" has to be text: put it in quotes$/ },
    kubectl: { error: /cannot unmarshal number into Go struct field .*args of type string/, because: "plain words" },
  },
  {
    title: "a plugin that is not there",
    files: { config: withPlugin({ installHint: "brew install plugin" }) },
    expected: credentials("exec: executable FOLDER/plugin not found"),
    kubectl: {
      ...fails(/exec: fork\/exec FOLDER\/plugin: no such file or directory/),
      because: "the hint how to install it is shown here too",
    },
  },
  {
    title: "a plugin that is not on PATH",
    files: { config: withUser(exec("no-such-plugin-anywhere")) },
    expected: credentials("exec: executable no-such-plugin-anywhere not found"),
  },
  {
    title: "a plugin that fails",
    files: { config: withPlugin(), plugin: "#!/bin/sh\nexit 3\n" },
    expected: credentials("exec: executable FOLDER/plugin failed with exit code 3"),
  },
  {
    title: "a plugin that is killed",
    files: { config: withPlugin(), plugin: "#!/bin/sh\nkill -9 $$\n" },
    expected: credentials("exec: executable FOLDER/plugin was ended by SIGKILL"),
    kubectl: {
      ...fails(/executable FOLDER\/plugin failed with exit code -1/),
      because: "the signal says more than -1",
    },
  },
  {
    title: "a plugin that answers in another version",
    files: { config: withPlugin(), plugin: grants("x", beta) },
    expected: credentials(`exec plugin is configured to use API version ${v1}, plugin returned version ${beta}`),
  },
  {
    title: "a plugin that answers with another kind",
    files: { config: withPlugin(), plugin: prints(`{"apiVersion":"v1","kind":"Pod"}`) },
    expected: credentials("decoding stdout: the plugin printed a Pod, not an ExecCredential"),
    kubectl: { ...fails(/decoding stdout: no kind "Pod" is registered/), because: "plain words" },
  },
  {
    title: "a plugin that prints something else",
    files: { config: withPlugin(), plugin: "#!/bin/sh\necho secret: not JSON\n" },
    expected: credentials("decoding stdout: the plugin printed something that is not JSON$"),
    kubectl: { ...fails(/plugin returned version .*__internal/), because: "plain words" },
  },
  {
    title: "a plugin that prints nothing",
    files: { config: withPlugin(), plugin: "#!/bin/sh\n" },
    expected: credentials("decoding stdout: the plugin printed nothing$"),
    kubectl: { ...fails(/plugin returned version .*__internal/), because: "plain words" },
  },
  {
    title: "a plugin without a status",
    files: { config: withPlugin(), plugin: prints(credential(undefined)) },
    expected: credentials("exec plugin didn't return a status field"),
  },
  {
    title: "a plugin without token and certificate",
    files: { config: withPlugin(), plugin: prints(credential({})) },
    expected: credentials("exec plugin didn't return a token or cert/key pair"),
  },
  {
    title: "a plugin with a certificate and no key",
    files: { config: withPlugin(), plugin: prints(credential({ clientCertificateData: "x" })) },
    expected: credentials("exec plugin returned only certificate or key, not both"),
  },
  {
    title: "a plugin whose certificate is none",
    files: { config: withPlugin(), plugin: prints(credential({ clientCertificateData: "x", clientKeyData: "y" })) },
    expected: credentials("failed parsing client key/certificate"),
  },
  {
    title: "a plugin with a time that is none",
    files: { config: withPlugin(), plugin: prints(credential({ token: "x", expirationTimestamp: "tomorrow" })) },
    expected: credentials('decoding stdout: expirationTimestamp "tomorrow" is not a time'),
    kubectl: { ...fails(/decoding stdout: .*cannot parse "tomorrow"/), because: "plain words" },
  },
];
