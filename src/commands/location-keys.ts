import { usageFailure } from "../core/failure.ts";
import { contentOf } from "../core/input-file.ts";
import type { BucketKeys } from "../object-store/object-store.ts";
import { readProfile } from "../velero/credentials-file.ts";
import type { Context } from "./command.ts";

/** The keys of a profile in a person's AWS credentials file. Says so where they will not last. */
export async function keysFromFile(path: string, profile: string, context: Context): Promise<BucketKeys> {
  const source = path === "-" ? "standard input" : path;
  const keys = readProfile(await contentOf(path), profile, source);
  if (keys.sessionToken !== undefined)
    context.tell(
      `Warning: profile ${profile} has a session token: when it expires, backups there fail. Keys without one last.`,
    );
  return keys;
}

/** NAME=KEY: a Secret that exists, and where in it the credentials file lies. */
export function readSecretFlag(given: string): { name: string; key: string } {
  const [, name = "", key = ""] = /^([^=]+)=([^=]+)$/.exec(given) ?? [];
  if (name === "")
    throw usageFailure(`--secret "${given}" names no key of a Secret`, "--secret NAME=KEY        (bucket-keys=cloud)");
  return { name, key };
}
