// SOCKS5 as a client speaks it: RFC 1928, and RFC 1929 for user and password.
import { isIPv4, isIPv6, type Socket } from "node:net";
import { take } from "./take.ts";

export interface SocksTarget {
  readonly host: string;
  readonly port: number;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
}

const [version, noLogin, userAndPassword, noneFits] = [5, 0, 2, 0xff];

/** The words of Go's SOCKS client for each reply, so that both can be looked up alike. */
const replies: readonly string[] = [
  "succeeded",
  "general SOCKS server failure",
  "connection not allowed by ruleset",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "TTL expired",
  "command not supported",
  "address type not supported",
];

/** A SOCKS server's no: it says the same when it is asked again at once. */
export class SocksRefusal extends Error {}

/** Asks a SOCKS5 server on a fresh connection for a way to the target. Names are looked up by the server. */
export async function connectThroughSocks(socket: Socket, { host, port, login }: SocksTarget): Promise<void> {
  const methods = login === undefined ? [noLogin] : [noLogin, userAndPassword];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  const [spoken, method] = await take(socket, 2);
  if (spoken !== version) throw new SocksRefusal(`it does not speak SOCKS5 (version ${spoken})`);
  if (method === noneFits) {
    throw new SocksRefusal(
      login === undefined ? "it wants a user and a password" : "it takes no login with user and password",
    );
  }
  if (method === userAndPassword && login !== undefined) await logIn(socket, login);
  const address = addressOf(host);
  socket.write(Buffer.concat([Buffer.from([version, 1, 0]), address, Buffer.from([port >> 8, port & 0xff])]));
  const [, reply = 1, , kind] = await take(socket, 4);
  if (reply !== 0) throw new SocksRefusal(replies[reply] ?? `unknown code: ${reply}`);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await take(socket, 1))[0] ?? 0);
  // The address that the server uses itself, and its port: of no interest here.
  await take(socket, length + 2);
}

async function logIn(socket: Socket, { user, password }: { user: string; password: string }): Promise<void> {
  socket.write(Buffer.concat([Buffer.from([1]), counted(user), counted(password)]));
  const [, status] = await take(socket, 2);
  if (status !== 0) throw new SocksRefusal("it refused the user or the password");
}

function addressOf(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([1, ...host.split(".").map(Number)]);
  if (isIPv6(host)) return Buffer.concat([Buffer.from([4]), ipv6Bytes(host)]);
  return Buffer.concat([Buffer.from([3]), counted(host)]);
}

function ipv6Bytes(host: string): Buffer {
  const [head = "", tail] = host.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const [front, back] = [groups(head), groups(tail ?? "")];
  const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > 255) throw new SocksRefusal("SOCKS5 has no room for a name, user or password over 255 bytes");
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
