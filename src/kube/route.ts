import { keepAlive } from "./connections.ts";
import type { Credentials } from "./credentials.ts";
import type { ProxyRoute } from "./proxy.ts";
import type { RequestLog } from "./transport.ts";

const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/** The way to a server through a proxy, where the kubeconfig or the environment names one; its code is loaded only then. */
export async function routeTo(
  { server, proxyUrl, tls }: { server: string; proxyUrl?: string | undefined; tls: Credentials["tls"] },
  { env, log }: { env: NodeJS.ProcessEnv; log?: RequestLog | undefined },
): Promise<ProxyRoute | undefined> {
  if (!proxyUrl && !proxyVariables.some((name) => env[name])) return undefined;
  const { chooseProxy } = await import("./proxy-choice.ts");
  const proxy = chooseProxy(server, proxyUrl, env);
  if (proxy === undefined) return undefined;
  const { openProxyRoute } = await import("./proxy.ts");
  const url = `${new URL(server).host} through proxy ${proxy.label} (${proxy.source})`;
  const onConnect = (status: number | string, milliseconds: number) =>
    log?.({ method: "CONNECT", url, status, milliseconds });
  return openProxyRoute({ server, proxy, tls, keepAlive, onConnect });
}
