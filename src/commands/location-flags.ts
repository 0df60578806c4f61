import { usageFailure } from "../core/failure.ts";
import { nearest } from "../core/nearest.ts";
import { defineFlags, type Values } from "./command.ts";

/** What this verb does itself; `location list` and `location describe` are `list locations` and `describe location/NAME`. */
export const actions = ["create", "default", "delete", "credentials"] as const;
export type Action = (typeof actions)[number];

const where = "Where it is (create):";
const keys = "With which keys (create, credentials):";

export const locationFlags = defineFlags({
  bucket: { type: "text", value: "BUCKET", group: where, describe: "The bucket; it must exist" },
  prefix: {
    type: "text",
    value: "FOLDER",
    group: where,
    describe: "A folder in the bucket: several clusters can share one",
  },
  region: {
    type: "text",
    value: "REGION",
    group: where,
    describe: "The bucket's region; without --endpoint it is AWS's",
  },
  endpoint: { type: "text", value: "URL", group: where, describe: "A store that speaks S3: https://HOST:PORT" },
  "path-style": {
    type: "switch",
    group: where,
    describe: "The bucket is a folder of the address, not a part of the host's name (MinIO, most stores of one's own)",
  },
  "ca-file": {
    type: "text",
    value: "FILE",
    group: where,
    describe: "Certificates (PEM) of the authority that the store's is signed by",
  },
  "public-url": {
    type: "text",
    value: "URL",
    group: where,
    describe: "Another address of the store, for links that the server signs",
  },
  checksum: {
    type: "text",
    choices: ["CRC32", "CRC32C", "SHA1", "SHA256", "none"],
    value: "ALGORITHM",
    group: where,
    describe: "Checksums that the store understands; none for old stores (default: CRC32)",
  },
  sse: {
    type: "text",
    choices: ["AES256", "aws:kms"],
    value: "ALGORITHM",
    group: where,
    describe: "Encryption that the store is asked for",
  },
  "kms-key-id": { type: "text", value: "ID", group: where, describe: "Key of AWS's KMS that the store encrypts with" },
  "access-mode": {
    type: "text",
    choices: ["ReadWrite", "ReadOnly"],
    value: "MODE",
    group: where,
    describe: "ReadOnly: restore from it, never write or delete (default: ReadWrite)",
  },
  default: { type: "switch", group: where, describe: "Backups without --storage-location go there" },
  "credentials-file": {
    type: "text",
    value: "FILE",
    group: keys,
    describe: "AWS credentials file with the keys, - for standard input; they become a Secret of Velero's namespace",
  },
  profile: { type: "text", value: "PROFILE", group: keys, describe: "Profile in it (default: default)" },
  secret: {
    type: "text",
    value: "NAME=KEY",
    group: keys,
    describe: "A Secret that exists, and the key of it that holds a credentials file (default: the server's own)",
  },
  "no-check": { type: "switch", describe: "Do not try the storage from here: only the server reaches it" },
  yes: { type: "switch", alias: "y", describe: "Do not ask, and insist where there is a reason against it" },
  "no-wait": { type: "switch", describe: "Do not wait until the server has checked the location" },
  timeout: { type: "duration", value: "DURATION", describe: "Stop waiting after this time, exit 124 (default: 2m)" },
  "dry-run": {
    type: "text",
    choices: ["none", "client", "server"],
    value: "MODE",
    describe: "client: only show what would be sent; server: check everything, and let the server check it too",
  },
});

export type LocationArgs = Values<typeof locationFlags>;

const ofKeys: readonly string[] = ["credentials-file", "profile", "no-check", "yes", "no-wait", "timeout"];
const taken: Readonly<Record<Action, readonly string[]>> = {
  create: Object.keys(locationFlags),
  default: [],
  delete: ["yes"],
  credentials: ofKeys,
};

/** The action and the location's name. Throws usage failures: no such action, no name, a flag of another action. */
export function readAction(operands: readonly string[], args: LocationArgs): { action: Action; name: string } {
  const [word, name, extra] = operands;
  if (word === undefined)
    throw usageFailure("say what to do with a location", `kubectl mkebackup location ${actions.join("|")} NAME`);
  const action = actions.find((one) => one === word);
  if (action === undefined) {
    const meant = nearest(word, [...actions, "list", "describe"]);
    const next =
      meant === undefined
        ? `kubectl mkebackup location list|describe|${actions.join("|")}`
        : `kubectl mkebackup location ${meant}        (did you mean this?)`;
    throw usageFailure(`"${word}" is nothing that can be done with a location`, next);
  }
  if (name === undefined) throw usageFailure("say which location", `kubectl mkebackup location ${action} NAME`);
  if (extra !== undefined)
    throw usageFailure(`too many words: "${extra}"`, `kubectl mkebackup location ${action} ${name}`);
  const foreign = Object.entries(args).find(
    ([flag, value]) => value !== undefined && Object.hasOwn(locationFlags, flag) && !taken[action].includes(flag),
  );
  if (foreign !== undefined) {
    const others = actions.filter((other) => taken[other].includes(foreign[0]));
    throw usageFailure(
      `--${foreign[0]} does not go with location ${action}`,
      `it is a flag of location ${others.join(", ")}`,
    );
  }
  return { action, name: name.replace(/^(?:location|backupstoragelocation(?:\.velero\.io)?)\//, "") };
}

/** The flags that an action takes; all of them before it is said. */
export const flagsOf = (word: string): readonly string[] =>
  taken[actions.find((action) => action === word) ?? "create"];
