/** Whether a text may hold a credential: most lines are told by this one look to hold none. */
const suspicious =
  /x-amz-|authorization|bearer |signature|credential|secret|token|passw|account_?key|awsaccesskeyid|\beyJ|:\/\/[^\s/"]*@/i;

/** What keeps a name and its value apart: in a header, a query, JSON, or Go's printing of either. */
const between = String.raw`["'\\]*\s*(?::|=|%3D)\s*\[?["'\\]*`;
const value = String.raw`[^\s"'\\&,;<>\]})]+`;
const rules = [
  new RegExp(String.raw`\b(X-Amz-[\w-]+${between})${value}`, "gi"),
  new RegExp(
    String.raw`\b((?:proxy-)?authorization${between}(?:(?:bearer|basic|negotiate|AWS4-HMAC-SHA256|AWS)\s+)?)${value}`,
    "gi",
  ),
  /\b(Bearer\s+)[\w.~+/=-]{16,}/g,
  new RegExp(String.raw`\b((?:Signature|Credential|AWSAccessKeyId)(?:=|%3D))${value}`, "gi"),
  new RegExp(
    `((?:secret_?(?:access_?)?key|(?:session|access|refresh|id|security)_?token|passw(?:or)?d|client_?secret|account_?key)${between})${value}`,
    "gi",
  ),
  /(:\/\/)[^\s/"'@]+(?=@)/g,
  // A JSON web token, wherever it stands.
  /()\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
];

/** A text of a log without what is secret in it: the values of signed links, of headers that authorize, of keys and passwords. */
export function redacted(text: string): string {
  if (!suspicious.test(text)) return text;
  return rules.reduce((left, rule) => left.replace(rule, "$1…"), text);
}
