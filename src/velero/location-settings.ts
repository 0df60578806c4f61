import type { BackupStorageLocation } from "./types.ts";

/** What Velero's AWS plugin takes in spec.config; it refuses any other key, and case matters. */
const knownKeys: readonly string[] = [
  "region",
  "s3Url",
  "publicUrl",
  "kmsKeyId",
  "customerKeyEncryptionFile",
  "customerKeyEncryptionSecret",
  "s3ForcePathStyle",
  "signatureVersion",
  "credentialsFile",
  "profile",
  "serverSideEncryption",
  "insecureSkipTLSVerify",
  "enableSharedConfig",
  "tagging",
  "checksumAlgorithm",
  "bucket",
  "prefix",
  "caCert",
];
const switches = ["s3ForcePathStyle", "insecureSkipTLSVerify"] as const;
const checksums = ["", "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512"];

/** What the server will find wrong with an S3 location before it asks the store, in its words; undefined when nothing. */
export function settingsFault({ spec }: Pick<BackupStorageLocation, "spec">): string | undefined {
  const { config = {}, objectStorage = {} } = spec ?? {};
  const { bucket = "", caCert, caCertRef } = objectStorage;
  if (bucket === "" || bucket.includes("/"))
    return `backup storage location's bucket name "${bucket}" must not contain a '/' (if using a prefix, put it in the 'Prefix' field instead)`;
  if (caCert && caCertRef) return "cannot specify both caCert and caCertRef in objectStorage";
  const unknown = Object.keys(config).filter((key) => !knownKeys.includes(key));
  if (unknown.length > 0)
    return `config has invalid keys [${unknown.join(" ")}]; valid keys are [${knownKeys.join(" ")}]`;
  const unclear = switches.find(
    (key) => config[key] && !/^(?:1|0|[tTfF]|true|false|True|False|TRUE|FALSE)$/.test(config[key]),
  );
  if (unclear !== undefined) return `could not parse ${unclear} (expected bool): "${config[unclear]}"`;
  const { s3Url = "", checksumAlgorithm = "" } = config;
  if (s3Url !== "" && !(/^https?:\/\/[^/]/.test(s3Url) && URL.canParse(s3Url)))
    return `Invalid s3 url ${s3Url}, URL must start with http:// or https://`;
  if (!checksums.includes(checksumAlgorithm)) return `invalid checksum algorithm: ${checksumAlgorithm}`;
  if (caCert && !isCertificate(caCert)) return "the location's caCert is not a certificate in PEM";
  return undefined;
}

/** The server ignores what is none, and trusts nobody then. */
const isCertificate = (encoded: string): boolean =>
  /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(Buffer.from(encoded, "base64").toString("latin1"));

/** As Go reads a switch. */
export const isOn = (text: string | undefined): boolean => /^(?:1|[tT]|true|True|TRUE)$/.test(text ?? "");
