import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Failure, usageFailure } from "../core/failure.ts";
import { cannotRead } from "../core/file-failure.ts";
import { type Secret, secrets } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { BucketKeys } from "../object-store/object-store.ts";
import { readProfile } from "../velero/credentials-file.ts";
import type { Context } from "./command.ts";

/** A person's file, or "-" for standard input. */
export async function contentOf(path: string): Promise<string> {
  if (path === "-") return text(createReadStream("", { fd: 0, autoClose: false }));
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw cannotRead(path, error);
  }
}

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

/** The keys in a Secret that a location is to use. Throws when there is no such Secret, or not these keys in it. */
export async function keysFromSecret(
  cluster: Cluster,
  { namespace, name, key }: { namespace: string; name: string; key: string },
  profile: string,
  signal: AbortSignal,
): Promise<{ secret: Secret; text: string; keys: BucketKeys }> {
  const secret = await cluster.get(secrets, { namespace, name }, signal);
  const encoded = secret.data?.[key];
  if (encoded === undefined) {
    const known = Object.keys(secret.data ?? {}).join(", ") || "none";
    throw new Failure("failed", `Secret ${name} in namespace ${namespace} has no key ${key}`, {
      next: [`its keys: ${known}`],
    });
  }
  const content = Buffer.from(encoded, "base64").toString("utf8");
  return { secret, text: content, keys: readProfile(content, profile, `Secret ${name}`) };
}
