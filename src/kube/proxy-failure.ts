import { sentenceOfConnection } from "../core/connection-sentence.ts";
import { Failure } from "../core/failure.ts";
import type { ChosenProxy } from "./proxy-choice.ts";
import { SocksRefusal } from "./socks.ts";

const place = ({ label, source }: ChosenProxy): string => `the proxy ${label} is named by ${source}`;

/** A proxy that could not be reached, or broke off. The sentence begins as Go's does. */
export function proxyFailure(proxy: ChosenProxy, cause: NodeJS.ErrnoException): Failure {
  const { host, port, protocol } = proxy;
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const what = protocol === "socks5:" ? `socks connect tcp ${address}` : "proxyconnect tcp";
  return new Failure("failed", `Unable to connect to the server: ${what}: ${sentenceOfConnection(cause, host)}`, {
    // A proxy that said no says so again: only one that could not be reached is worth another try.
    reason: cause instanceof SocksRefusal ? "ProxyRefused" : "Unreachable",
    heading: "",
    next: [place(proxy)],
    cause,
  });
}

/** What a proxy answers in place of passing on. */
export function proxyRefusal(proxy: ChosenProxy, status: number, words: string, target: string): Failure {
  const isLogin = status === 407;
  const said = isLogin
    ? "Proxy Authentication Required"
    : `${words.replace(/[^\x20-\x7e]/g, "?") || "no words"} (status ${status})`;
  const cause = isLogin
    ? proxy.login === undefined
      ? `it wants a user and a password: write them into its URL, http://USER:PASSWORD@${proxy.host}:${proxy.port}`
      : "it did not take the user and the password in its URL"
    : undefined;
  return new Failure("failed", `Unable to connect to the server: proxy ${proxy.label} for ${target}: ${said}`, {
    reason: status >= 500 ? "Unreachable" : "ProxyRefused",
    heading: "",
    next: [...(cause === undefined ? [] : [cause]), place(proxy)],
  });
}
