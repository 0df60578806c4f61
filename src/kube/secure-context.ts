import { Failure } from "../core/failure.ts";
import type { Credentials } from "./credentials.ts";

/**
 * What an agent needs for TLS. One context serves all its connections: making one takes longer than a handshake.
 * Throws a sentence when OpenSSL takes the CA, the certificate or the key for none.
 */
export async function secureContextOptions({ ca, cert, key, ...checks }: Credentials["tls"]) {
  const { contextFor, usualAuthorities } = await import("../core/authorities.ts");
  // Who checks nothing need not wait until all CAs are read.
  const trusted = ca ?? (checks.rejectUnauthorized ? usualAuthorities() : undefined);
  try {
    return { ...checks, secureContext: contextFor({ ca: trusted, cert, key }) };
  } catch (cause) {
    const { keyPairProblem } = await import("./key-pair.ts");
    const broken = cert === undefined || key === undefined ? undefined : keyPairProblem(cert, key);
    const sentence =
      broken === undefined
        ? "the cluster's CA of the kubeconfig is of no use: OpenSSL cannot read it"
        : `the client certificate of the kubeconfig is of no use: ${broken}`;
    throw new Failure("failed", sentence, { cause });
  }
}
