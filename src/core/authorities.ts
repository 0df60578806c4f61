import tls from "node:tls";

/**
 * The CAs trusted where nothing names one: the system's, as kubectl and Velero trust them, Node's own, and those of
 * NODE_EXTRA_CA_CERTS. PEM. Takes 50 ms and more, so it is asked for only then.
 */
export const usualAuthorities = (): string[] => [
  ...new Set((["bundled", "system", "extra"] as const).flatMap((kind) => tls.getCACertificates(kind))),
];

/**
 * A TLS context for these CAs alone. Node would first parse every CA it knows, only to leave them all
 * out: that alone took a tenth of a `list`. From here on, connections that name no CA trust none (they fail, and trust
 * no stranger); they ask usualAuthorities().
 */
export function contextFor(options: tls.SecureContextOptions): tls.SecureContext {
  tls.setDefaultCACertificates([]);
  return tls.createSecureContext(options);
}
