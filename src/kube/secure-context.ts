import type { Credentials } from "./credentials.ts";

/** What an agent needs for TLS. One context serves all its connections: making one takes longer than a handshake. */
export async function secureContextOptions({ ca, cert, key, ...checks }: Credentials["tls"]) {
  const { contextFor, usualAuthorities } = await import("../core/authorities.ts");
  return { ...checks, secureContext: contextFor({ ca: ca ?? usualAuthorities(), cert, key }) };
}
