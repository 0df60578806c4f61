import { Failure } from "../core/failure.ts";
import { keyPairProblem } from "./key-pair.ts";
import { isMap } from "./kubeconfig-fields.ts";
import type { Grant } from "./login.ts";

/** Reads what a credential plugin printed. Sentences never quote it: it holds secrets. */
export function readGrant(output: string, apiVersion: string): Grant {
  const answer = parsed(output);
  const { kind, apiVersion: version } = answer;
  if (kind !== "ExecCredential")
    throw wrong(
      `decoding stdout: the plugin printed ${kind ? `a ${kind}` : "JSON without a kind"}, not an ExecCredential`,
    );
  if (version !== apiVersion)
    throw wrong(
      `exec plugin is configured to use API version ${apiVersion}, plugin returned version ${version ?? "none"}`,
    );
  const status = answer["status"];
  if (!isMap(status)) throw wrong("exec plugin didn't return a status field");
  const token = textOf(status, "token");
  const cert = textOf(status, "clientCertificateData");
  const key = textOf(status, "clientKeyData");
  if (token === "" && cert === "" && key === "") throw wrong("exec plugin didn't return a token or cert/key pair");
  if ((cert === "") !== (key === "")) throw wrong("exec plugin returned only certificate or key, not both");
  const broken = cert === "" ? undefined : keyPairProblem(cert, key);
  if (broken !== undefined) throw wrong(`failed parsing client key/certificate: ${broken}`);
  return {
    ...(token === "" ? {} : { token }),
    ...(cert === "" ? {} : { cert, key }),
    expires: expiryOf(textOf(status, "expirationTimestamp")),
  };
}

function parsed(output: string): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(output);
    if (isMap(answer)) return answer;
  } catch {
    // Said below: the parser's own words would quote the output.
  }
  throw wrong(`decoding stdout: the plugin printed ${output.trim() === "" ? "nothing" : "something that is not JSON"}`);
}

function textOf(status: Readonly<Record<string, unknown>>, name: string): string {
  const value = status[name] ?? "";
  if (typeof value !== "string") throw wrong(`decoding stdout: ${name} of the ExecCredential has to be text`);
  return value;
}

function expiryOf(text: string): number | undefined {
  if (text === "") return undefined;
  const expires = Date.parse(text);
  if (Number.isNaN(expires)) throw wrong(`decoding stdout: expirationTimestamp "${text}" is not a time`);
  return expires;
}

const wrong = (why: string): Failure =>
  new Failure("failed", `getting credentials: ${why}`, { heading: "Unable to connect to the server: " });
