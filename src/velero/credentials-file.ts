import { Failure } from "../core/failure.ts";
import type { BucketKeys } from "../object-store/object-store.ts";

/** One profile's settings by name, those of a section that comes twice together. */
export type Profiles = ReadonlyMap<string, ReadonlyMap<string, string>>;

const sectionLine = /^\s*\[(?:profile )?([^\]]+)\]/;
const settingLine = /^\s*(\w+)\s*=\s*(.*?)\s*$/;

/** The profiles of an AWS credentials file (INI). Lines that are none of it are passed over. */
export function profilesIn(text: string): Profiles {
  const profiles = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const name = sectionLine.exec(line)?.[1]?.trim();
    if (name !== undefined) {
      section = profiles.get(name) ?? new Map();
      profiles.set(name, section);
    }
    const [, key, value] = settingLine.exec(line) ?? [];
    if (key !== undefined && value !== undefined) section?.set(key, value);
  }
  return profiles;
}

/** The keys of a profile; a string says what it lacks. */
export function keysOf(profile: ReadonlyMap<string, string>): BucketKeys | string {
  const [accessKeyId, secretAccessKey] = [profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")];
  if (!accessKeyId) return "aws_access_key_id";
  if (!secretAccessKey) return "aws_secret_access_key";
  const sessionToken = profile.get("aws_session_token");
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** The keys of one profile of a file that a person named. Throws failures that say what the file holds, never a value of it. */
export function readProfile(text: string, profile: string, source: string): BucketKeys {
  const profiles = profilesIn(text);
  if (profiles.size === 0) {
    throw new Failure("failed", `${source} is no AWS credentials file: it has no profile`, {
      next: ["it begins with [default], then lines aws_access_key_id = … and aws_secret_access_key = …"],
    });
  }
  const found = profiles.get(profile);
  if (found === undefined) {
    throw new Failure("failed", `${source} has no profile ${profile}`, {
      next: [`--profile NAME, one of: ${[...profiles.keys()].join(", ")}`],
    });
  }
  const keys = keysOf(found);
  if (typeof keys !== "string") return keys;
  throw new Failure("failed", `profile ${profile} of ${source} has no ${keys}`, {
    next: ["a profile that gets its keys elsewhere (role_arn, credential_process, sso) is nothing that Velero can use"],
  });
}

/** One profile with its keys, as Velero reads it. */
export const profileText = (profile: string, { accessKeyId, secretAccessKey, sessionToken }: BucketKeys): string =>
  [
    `[${profile}]`,
    `aws_access_key_id=${accessKeyId}`,
    `aws_secret_access_key=${secretAccessKey}`,
    ...(sessionToken === undefined ? [] : [`aws_session_token=${sessionToken}`]),
    "",
  ].join("\n");

/** The file with other keys for one profile; the other profiles stay as they are. */
export function withProfile(text: string, profile: string, keys: BucketKeys): string {
  let inside = false;
  const others = text.split(/\r?\n/).filter((line) => {
    const name = sectionLine.exec(line)?.[1]?.trim();
    if (name !== undefined) inside = name === profile;
    return !inside;
  });
  const kept = others.join("\n").trim();
  return kept === "" ? profileText(profile, keys) : `${kept}\n\n${profileText(profile, keys)}`;
}
