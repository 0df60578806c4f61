import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { Failure } from "../core/failure.ts";

/** The proxy that leads to the API server. */
export interface ChosenProxy {
  readonly protocol: "http:" | "https:" | "socks5:";
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Absent when the URL names no user. Never to be shown. */
  readonly login?: { readonly user: string; readonly password: string };
  /** The URL without user and password. */
  readonly label: string;
  /** Where it was named: proxy-url, HTTPS_PROXY. */
  readonly source: string;
}

const usualPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "socks5:": 1080 };

/**
 * Decides as Go's programs do: the kubeconfig's proxy-url wins and is always used, else the environment's proxy for the
 * server's protocol unless NO_PROXY names the server; loopback addresses never go through the environment's proxy.
 * Undefined when the server is reached directly.
 */
export function chooseProxy(
  server: string,
  proxyUrl: string | undefined,
  env: NodeJS.ProcessEnv,
): ChosenProxy | undefined {
  if (proxyUrl) return readProxy(proxyUrl, "proxy-url of the kubeconfig");
  const { protocol, hostname, port } = new URL(server);
  const variable = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const [name, value] = variableOf(env, variable);
  if (value === undefined || isDirect(hostname, port || (protocol === "https:" ? "443" : "80"), env)) return undefined;
  return readProxy(value, name);
}

/** The variable in capitals wins over the other, and an empty one counts as not set. */
function variableOf(env: NodeJS.ProcessEnv, variable: string): [name: string, value: string | undefined] {
  const name = [variable, variable.toLowerCase()].find((one) => env[one]) ?? variable;
  return [name, env[name] || undefined];
}

function readProxy(text: string, source: string): ChosenProxy {
  const whole = text.includes("://") ? text : `http://${text}`;
  const url = URL.parse(whole);
  // A / or # of a password ends the host too early, and what was read as the host would be shown.
  if (url === null || `${url.pathname}${url.search}${url.hash}`.includes("@")) {
    // The text is not repeated: it may hold a password.
    throw new Failure("failed", `${source} is no URL of a proxy`, {
      next: ["write it as http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with %23 for #, %2F for / and the like"],
    });
  }
  const protocol = url.protocol === "socks5h:" ? "socks5:" : url.protocol;
  const usual = usualPorts[protocol];
  if (usual === undefined) {
    throw new Failure(
      "failed",
      `${source}: unsupported scheme "${url.protocol.slice(0, -1)}", must be http, https, or socks5`,
    );
  }
  const login = url.username === "" ? undefined : { user: decoded(url.username), password: decoded(url.password) };
  // URLs leave out the port that is usual for their scheme, and know none for socks5.
  const port = url.port === "" ? usual : Number(url.port);
  return {
    protocol: protocol as ChosenProxy["protocol"],
    host: bare(url.hostname),
    port,
    ...(login === undefined ? {} : { login }),
    label: `${url.protocol}//${url.hostname}:${port}`,
    source,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, "");

function isDirect(hostname: string, port: string, env: NodeJS.ProcessEnv): boolean {
  const host = bare(hostname);
  if (host === "localhost" || isLoopback(host)) return true;
  const exceptions = (variableOf(env, "NO_PROXY")[1] ?? "").split(",").map((entry) => entry.trim().toLowerCase());
  return exceptions.some((entry) => entry !== "" && matches(entry, host, port));
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return false;
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback.check(host, familyOf(host));
}

/** Whether one entry of NO_PROXY means the server. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const [network = "", bits] = entry.split("/");
  if (bits !== undefined && isIP(network) !== 0) return isInNetwork(network, Number(bits), host);
  const [, named = "", namedPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [undefined, entry];
  if (namedPort !== undefined && namedPort !== port) return false;
  const name = bare(named);
  if (isIP(name) !== 0) return isInNetwork(name, isIP(name) === 6 ? 128 : 32, host);
  if (name === "" || isIP(host) !== 0) return false;
  const domain = domainToASCII(name.replace(/^\*?\./, "")) || name.replace(/^\*?\./, "");
  // foo.com means itself and what is below it; .foo.com and *.foo.com only what is below.
  return host.endsWith(`.${domain}`) || (host === domain && !/^\*?\./.test(name));
}

function isInNetwork(network: string, bits: number, host: string): boolean {
  if (isIP(host) === 0 || !Number.isInteger(bits) || bits < 0 || bits > (isIP(network) === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, familyOf(network));
  return list.check(host, familyOf(host));
}
