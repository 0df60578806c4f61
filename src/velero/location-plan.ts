import { X509Certificate } from "node:crypto";
import { Failure, usageFailure } from "../core/failure.ts";
import type { Secret } from "../core/resource.ts";
import type { BucketKeys } from "../object-store/object-store.ts";
import { profileText } from "./credentials-file.ts";
import { nameProblem } from "./names.ts";
import { trimmedFolder } from "./storage-location.ts";
import type { BackupStorageLocation } from "./types.ts";

/** What a person says of a new location, in the words of the flags. */
export interface LocationWishes {
  readonly bucket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly "path-style"?: boolean | undefined;
  /** An algorithm, or none. */
  readonly checksum?: string | undefined;
  readonly "access-mode"?: string | undefined;
  readonly default?: boolean | undefined;
  readonly profile?: string | undefined;
  readonly "public-url"?: string | undefined;
  readonly sse?: string | undefined;
  readonly "kms-key-id"?: string | undefined;
}

/** Says who made an object, so that only what this program made is changed and removed by it. */
export const madeHere = { "app.kubernetes.io/managed-by": "kubectl-mkebackup" } as const;

/** Whether this program made the object. */
export const isMadeHere = ({ metadata }: Pick<Secret, "metadata">): boolean =>
  metadata.labels?.["app.kubernetes.io/managed-by"] === madeHere["app.kubernetes.io/managed-by"];

/** Where a location's keys lie in its Secret. */
export const credentialKey = "cloud";

/** The Secret's name for a location that was given keys. */
export const secretNameOf = (location: string): string => `${location}-credentials`;

/** The location as it is sent. Throws usage failures for what Velero, or its S3 plugin, would stumble over. */
export function planLocation(
  name: string,
  wishes: LocationWishes,
  credential: { readonly name: string; readonly key: string } | undefined,
): BackupStorageLocation {
  const problem = nameProblem(name) ?? nameProblem(secretNameOf(name));
  if (problem !== undefined) throw usageFailure(`"${name}" cannot name a location: ${problem}`);
  const prefix = prefixOf(wishes.prefix);
  return {
    metadata: { name, labels: madeHere },
    spec: {
      provider: "aws",
      ...(wishes.default ? { default: true } : {}),
      accessMode: wishes["access-mode"] ?? "ReadWrite",
      ...(credential === undefined ? {} : { credential }),
      objectStorage: {
        bucket: bucketOf(wishes.bucket),
        ...(prefix === "" ? {} : { prefix }),
      },
      config: configOf(wishes),
    },
  };
}

/** The location with the CA of its store (PEM). */
export const withAuthority = (location: BackupStorageLocation, pem: string): BackupStorageLocation => ({
  ...location,
  spec: {
    ...location.spec,
    objectStorage: { ...location.spec?.objectStorage, caCert: Buffer.from(pem).toString("base64") },
  },
});

function configOf(wishes: LocationWishes): Record<string, string> {
  const { endpoint, region, checksum, profile = "default" } = wishes;
  if (endpoint === undefined && region === undefined)
    throw usageFailure(
      "say where the bucket is",
      "--region REGION        (AWS)",
      "--endpoint URL         (another store that speaks S3)",
    );
  const publicUrl = wishes["public-url"];
  const kms = wishes["kms-key-id"];
  if (kms !== undefined && wishes.sse === "AES256")
    throw usageFailure("--kms-key-id goes with --sse aws:kms, not with AES256");
  const entries: readonly (readonly [string, string | undefined])[] = [
    // The plugin asks AWS for the region of a bucket; other stores mostly take any.
    ["region", region || "us-east-1"],
    ["s3Url", endpoint === undefined ? undefined : addressOf("--endpoint", endpoint)],
    ["publicUrl", publicUrl === undefined ? undefined : addressOf("--public-url", publicUrl)],
    ["s3ForcePathStyle", wishes["path-style"] ? "true" : undefined],
    ["profile", profile === "default" ? undefined : profile],
    ["checksumAlgorithm", checksum === "none" ? "" : checksum],
    ["kmsKeyId", kms],
    ["serverSideEncryption", kms === undefined ? wishes.sse : undefined],
  ];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function bucketOf(bucket = ""): string {
  if (bucket === "") throw usageFailure("say which bucket", "--bucket NAME");
  if (bucket.includes("/")) {
    const [first = "", ...rest] = bucket.split("/").filter((part) => part !== "" && !part.endsWith(":"));
    throw usageFailure(
      `--bucket "${bucket}" is more than a name`,
      `--bucket ${first || "NAME"}${rest.length === 0 ? "" : ` --prefix ${rest.join("/")}`}`,
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(bucket))
    throw usageFailure(`--bucket "${bucket}" cannot be a bucket: letters, digits, '.', '-' and '_' are allowed`);
  return bucket;
}

function prefixOf(prefix = ""): string {
  const inside = trimmedFolder(prefix);
  const parts = inside.split("/");
  if (inside !== "" && parts.some((part) => !/^[\w!'()*.-]+$/.test(part) || /^\.+$/.test(part)))
    throw usageFailure(`--prefix "${prefix}" is no folder of a bucket`, "--prefix clusters/prod");
  return inside;
}

/** http://HOST:PORT. A path would be refused by what stores volumes (kopia), a password would be read by everybody. */
function addressOf(flag: string, text: string): string {
  const url = URL.parse(text);
  const isPlain =
    url !== null &&
    ["http:", "https:"].includes(url.protocol) &&
    url.hostname !== "" &&
    url.username === "" &&
    url.password === "" &&
    ["", "/"].includes(url.pathname) &&
    url.search === "" &&
    url.hash === "";
  if (isPlain) return text.replace(/\/+$/, "");
  const shown = url === null || (url.username === "" && url.password === "") ? ` "${text}"` : "";
  throw usageFailure(
    `${flag}${shown} is not the address of a store`,
    `${flag} https://HOST:PORT        (http or https, no path, no user)`,
  );
}

/** The certificates of a CA file (PEM), without what stands around them. Throws what is wrong with the file. */
export function readAuthority(text: string, file: string, now: Date): { pem: string; warnings: readonly string[] } {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new Failure("failed", `${file} holds a private key; a location takes only certificates`, {
      next: ["--ca-file ca.crt        (the certificate of the authority that signed the store's)"],
    });
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Failure("failed", `${file} holds no certificate in PEM (BEGIN CERTIFICATE)`);
  const warnings = blocks.flatMap((block, at) => {
    const certificate = certificateIn(block, `certificate ${at + 1} of ${file}`);
    const ended = new Date(certificate.validTo) < now;
    return ended ? [`certificate ${at + 1} of ${file} expired on ${certificate.validTo}`] : [];
  });
  return { pem: `${blocks.join("\n")}\n`, warnings };
}

function certificateIn(block: string, what: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw new Failure("failed", `${what} cannot be read: it is no certificate`, { cause });
  }
}

/** The Secret with a location's keys: the one profile alone, whatever else the person's file holds. */
export const planSecret = (
  { name, namespace }: { name: string; namespace: string },
  profile: string,
  keys: BucketKeys,
): Secret => ({
  metadata: { name, namespace, labels: madeHere },
  type: "Opaque",
  data: { [credentialKey]: Buffer.from(profileText(profile, keys)).toString("base64") },
});
