import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { Whereabouts } from "./object-store.ts";

/** Milliseconds until a direct connection must stand. */
const connectLimit = 10_000;

export async function dialDirectly(host: string, port: number, end: AbortSignal): Promise<Duplex> {
  const socket = connect({ host, port, noDelay: true });
  const limit = AbortSignal.timeout(connectLimit);
  try {
    await once(socket, "connect", { signal: AbortSignal.any([end, limit]) });
  } catch (error) {
    socket.destroy();
    if (!limit.aborted) throw error;
    throw new Error(`no connection within ${connectLimit / 1000}s`);
  }
  return socket;
}

/** What DNS says of a host, or a file of this machine. */
export async function addressesOf(host: string): Promise<Whereabouts> {
  const name = host.replace(/^\[|\]$/g, "");
  if (isIP(name) !== 0) return { by: "address", addresses: [name] };
  const found = await lookup(name, { all: true });
  return { by: "address", addresses: found.map(({ address }) => address) };
}
