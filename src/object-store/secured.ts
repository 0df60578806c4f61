import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { contextFor, usualAuthorities } from "../core/authorities.ts";
import type { Trust } from "./object-store.ts";

export function contextOf({ ca, andUsual, insecureSkipTlsVerify }: Trust): tls.SecureContext {
  if (insecureSkipTlsVerify) return contextFor({});
  return contextFor({ ca: ca === undefined ? usualAuthorities() : andUsual ? [ca, ...usualAuthorities()] : ca });
}

/** TLS over a connection, with a host or address without brackets. It breaks when the other side is not believed. */
export function securely(
  socket: Duplex,
  host: string,
  { context, believes }: { context: tls.SecureContext; believes: boolean },
): tls.TLSSocket {
  const secured = tls.connect({
    socket,
    host,
    // The certificate is of the name that Velero uses, however the bytes get there.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    secureContext: context,
    rejectUnauthorized: !believes,
    ALPNProtocols: ["http/1.1"],
  });
  socket.once("error", (error) => secured.destroy(error));
  return secured;
}
