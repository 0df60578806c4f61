/** What went wrong before an answer was there, as Go and so kubectl say it. */
const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
  EACCES: "permission denied",
};

const unknownAuthority = "x509: certificate signed by unknown authority";
const outOfTime = "x509: certificate has expired or is not yet valid";
const certificateCodes: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  // A cluster that was made anew, with an authority of the same name.
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  INVALID_CA: unknownAuthority,
  INVALID_PURPOSE: "x509: certificate specifies an incompatible key usage",
  CERT_REVOKED: "x509: certificate is revoked",
  CERT_HAS_EXPIRED: outOfTime,
  CERT_NOT_YET_VALID: outOfTime,
};

/** TLS alerts that Go names otherwise than OpenSSL. */
const alerts: Readonly<Record<string, string>> = {
  "unknown ca": "unknown certificate authority",
  "certificate expired": "expired certificate",
  "certificate revoked": "revoked certificate",
  "certificate unknown": "unknown certificate",
  "protocol version": "protocol version not supported",
};

interface ConnectionError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  /** One for each address of a name. */
  readonly errors?: readonly ConnectionError[];
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
}

/** Go's sentence for a connection that was not made, or broke. */
export function sentenceOfConnection(error: NodeJS.ErrnoException, hostname: string): string {
  const cause = (error as ConnectionError).errors?.[0] ?? (error as ConnectionError);
  const code = cause.code ?? "";
  const untrusted = certificateCodes[code];
  if (untrusted !== undefined) return `tls: failed to verify certificate: ${untrusted}`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `tls: failed to verify certificate: ${otherNames(cause)}`;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${hostname}: no such host`;
  if (code === "EAI_AGAIN") return `dial tcp: lookup ${hostname}: temporary failure in name resolution`;
  if (cause.syscall === "connect" && codes[code] !== undefined)
    return `dial tcp ${addressOf(cause)}: connect: ${codes[code]}`;
  if (/wrong version number|packet length too long|http request/i.test(cause.message))
    return "http: server gave HTTP response to HTTPS client";
  const alert = /alert ([a-z ]+?)(?::|$)/.exec(cause.message)?.[1];
  if (alert !== undefined) return `remote error: tls: ${alerts[alert] ?? alert}`;
  if (cause.message === "aborted" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "Z_BUF_ERROR")
    return "unexpected EOF";
  if (cause.message === "socket hang up" || cause.message === "EOF") return "EOF";
  if (code === "ECONNRESET")
    return /disconnected before secure TLS/.test(cause.message) ? "EOF" : "read: connection reset by peer";
  if (code === "EPIPE") return "write: broken pipe";
  if (code.startsWith("HPE_")) return "malformed HTTP response: the server may want TLS, or speak something else";
  return cause.message || code;
}

function addressOf({ address = "", port }: ConnectionError): string {
  return `${address.includes(":") ? `[${address}]` : address}${port === undefined ? "" : `:${port}`}`;
}

/** Whose certificate it is instead. */
function otherNames({ host = "", cert }: ConnectionError): string {
  const names = (cert?.subjectaltname ?? "").split(", ").map((entry) => /^(?:DNS|IP Address):(.*)$/.exec(entry));
  const of = (kind: string) => names.filter((name) => name?.[0].startsWith(kind)).map((name) => name?.[1] ?? "");
  const [addresses, domains] = [of("IP Address"), of("DNS")];
  const isAddress = /^[\d.]+$|:/.test(host);
  if (isAddress && addresses.length === 0)
    return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  const valid = isAddress ? addresses : domains;
  if (valid.length === 0) return `x509: certificate is not valid for any names, but wanted to match ${host}`;
  return `x509: certificate is valid for ${valid.join(", ")}, not ${host}`;
}

/** Whether such a sentence says that the other side is not the one it should be, or does not speak TLS: waiting changes nothing. */
export const isUntrusted = (error: NodeJS.ErrnoException, sentence: string): boolean =>
  /^(tls|remote error: tls|http): /.test(sentence) || /^ERR_(TLS|SSL)/.test(error.code ?? "");
