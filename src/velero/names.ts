import { createHash } from "node:crypto";

/** Why a text cannot name a Kubernetes object; undefined when it can (a DNS-1123 subdomain). */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > 253) return `it has ${name.length} characters, and at most 253 are allowed`;
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)) {
    return "it must consist of lower-case letters, digits, '-' and '.', and begin and end with a letter or digit";
  }
  return undefined;
}

/** The value Velero writes into labels that hold a name: names over 63 characters are cut and get a hash. */
export function labelValue(name: string): string {
  if (name.length <= 63) return name;
  return name.slice(0, 57) + createHash("sha256").update(name).digest("hex").slice(0, 6);
}

const digits = (count: number) => (value: number) => String(value).padStart(count, "0");
const two = digits(2);

/** 20261124070742, in UTC. */
export function compactTime(at: Date): string {
  const date = `${digits(4)(at.getUTCFullYear())}${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`;
  return `${date}${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`;
}

/** mke-20261124-070742: the name of a backup that was given none. */
export function generatedBackupName(at: Date): string {
  const time = compactTime(at);
  return `mke-${time.slice(0, 8)}-${time.slice(8)}`;
}
