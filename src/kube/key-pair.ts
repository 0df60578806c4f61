import { createPrivateKey, X509Certificate } from "node:crypto";

/** What is wrong with a PEM certificate and its key; undefined when the two belong together. Never quotes either. */
export function keyPairProblem(certificate: string | Buffer, key: string | Buffer): string | undefined {
  const [x509, own] = [parsed(() => new X509Certificate(certificate)), parsed(() => createPrivateKey(key))];
  if (x509 === undefined) return "the certificate is not PEM, or is broken";
  if (own === undefined) return "the key is not PEM, is broken, or is encrypted";
  return x509.checkPrivateKey(own) ? undefined : "the key does not belong to the certificate";
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
