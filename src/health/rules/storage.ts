import { type StorageCauseCode, storageCause } from "../../velero/storage-cause.ts";
import { bucketPath, isAvailable, unavailableReason } from "../../velero/storage-location.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand } from "../facts.ts";
import { locationsIn } from "../object-store.ts";
import { type Problem, type Sentence, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { latest, upSince } from "../workload.ts";

const texts = {
  "storage.credentials.invalid": {
    severity: "fail",
    summary: "The store does not accept a location's keys",
    cause:
      "The store does not know the access key, or the secret key is not the one that belongs to it: rotated, mistyped, or of another account.",
    remedy:
      "Put the right keys into the Secret that the location names. For MKE's own location through mke4.yaml: credentials_file_path and credentials_file_profile.",
    doc: pages.awsPlugin,
  },
  "storage.credentials.expired": {
    severity: "fail",
    summary: "A location's session token has expired",
    cause: "The credentials hold an aws_session_token, and such tokens live for hours.",
    remedy: "Put fresh keys into the Secret, or those of an IAM user, which do not expire.",
    doc: pages.mkeExternal,
  },
  "storage.credentials.missing": {
    severity: "fail",
    summary: "A location's keys are not there",
    cause: "The Secret that the location names, its key, or the profile in it does not exist.",
    remedy: "Create what is missing, or correct spec.credential and spec.config.profile of the location.",
    doc: pages.location,
  },
  "storage.denied": {
    severity: "fail",
    summary: "A location's keys may not use the bucket",
    cause: "The store knows the keys, but their policy does not allow what Velero does.",
    remedy:
      "Allow s3:ListBucket on the bucket, and GetObject, PutObject, DeleteObject, AbortMultipartUpload and ListMultipartUploadParts in it.",
    doc: pages.awsPlugin,
  },
  "storage.bucket.missing": {
    severity: "fail",
    summary: "A location's bucket does not exist",
    cause: "It was deleted, never made, or its name or account is another one.",
    remedy: "Create the bucket, or correct its name. Nothing that was in a deleted bucket comes back.",
    doc: pages.mkeExternal,
  },
  "storage.bucket.stray-directory": {
    severity: "fail",
    summary: "A location's bucket holds directories that are not Velero's",
    cause:
      "Beside backups, restores, kopia, restic, metadata and plugins Velero wants nothing at the top of a bucket or prefix, and uses the bucket for nothing until it is gone.",
    remedy: "Move it away, or give the location a prefix of its own.",
    doc: pages.location,
  },
  "storage.region.wrong": {
    severity: "fail",
    summary: "A location names the wrong region",
    cause: "The bucket is in another region than the location says, so the store refuses the signature.",
    remedy: "Correct the region. For MKE's own location: external_options.region in mke4.yaml.",
    doc: pages.mkeExternal,
  },
  "storage.tls.untrusted": {
    severity: "fail",
    summary: "The store's certificate is not trusted",
    cause:
      "It is signed by an authority that the server does not know, made for another name, expired; or the location's CA cannot be read.",
    remedy: "Put the store's CA into objectStorage.caCert of the location, PEM in base64.",
    doc: pages.certificates,
  },
  "storage.unreachable": {
    severity: "fail",
    summary: "The store does not answer the Velero server",
    cause: "Its name is unknown, nothing listens at its address, or something in between drops the connection.",
    remedy: "See how far one gets from here with storage check; the server's view is the evidence.",
    doc: pages.location,
  },
  "storage.clock": {
    severity: "fail",
    summary: "The clocks of the store and of the cluster differ too much",
    cause: "Signatures hold for 15 minutes around the store's time.",
    remedy: "Set the clocks of the nodes and of the store by NTP.",
    doc: pages.s3Errors,
  },
  "storage.busy": {
    severity: "fail",
    summary: "The store cannot do its work",
    cause: "It answers with an error of its own: overloaded, starting, or its disks are full.",
    remedy: "Look at the store itself.",
    doc: pages.s3Errors,
  },
  "storage.lost": {
    severity: "fail",
    summary: "MinIO came back empty",
    cause:
      "Its pod was replaced, and without a persistent volume the bucket and every backup in it went with the old one.",
    remedy:
      "Make the bucket again, or let MKE do so; what was in it is lost. External storage, or a persistent volume, keeps it from happening again.",
    doc: pages.mkeInCluster,
  },
  "location.config.invalid": {
    severity: "fail",
    summary: "A location's settings are not valid",
    cause: "A key that the plugin does not know, a value that it cannot read, or a provider that has no plugin.",
    remedy: "Correct the location; Velero's message names the setting.",
    doc: pages.awsLocation,
  },
  "location.unavailable": {
    severity: "fail",
    summary: "A location is unavailable",
    cause:
      "Velero could not use the bucket when it last looked, for a reason that no other rule knows. It takes and restores no backup there meanwhile.",
    remedy: "Velero's own message is the evidence; storage check shows how far one gets from here.",
    doc: pages.location,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Id = keyof typeof texts;

export const storageRules = defineFamily({
  title: "Storage of the locations",
  rules: texts,
  judge: (facts) =>
    (knownValue(facts.locations) ?? [])
      .filter((location) => location.status?.phase && !isAvailable(location))
      .flatMap((location) => unavailable(facts, location)),
});

function unavailable(facts: Facts, location: BackupStorageLocation): Problem<Id>[] {
  const isInside = locationsIn([location], facts.namespace).length > 0;
  const store = isInside ? knownValue(facts.objectStore) : undefined;
  // Then the store itself is the problem, and the location only shows it.
  if (store?.ready === 0) return [];
  const { name } = location.metadata;
  const cause = storageCause(location.status?.message ?? "");
  const common = { severity: "fail", about: [`location/${name}`] } as const;
  const said = say`Velero says: ${unavailableReason(location).replace(/\.$/, "")}.`;
  if (cause === undefined) {
    const title = `Location ${name} is unavailable`;
    return [{ ...common, id: "location.unavailable", title, evidence: said, next: check(facts, name) }];
  }
  // A bucket that a location younger than MinIO's pod names was never there.
  const born = latest((store?.pods ?? []).map(({ created }) => created));
  const isOlder = born !== undefined && Date.parse(location.metadata.creationTimestamp ?? "") < born.getTime();
  if (cause.code === "missing-bucket" && store !== undefined && !store.persistent && isOlder) {
    const since = upSince(store);
    const when = since === undefined ? "" : say` when its pod was replaced ${since}`;
    const evidence = say`MinIO lost its data${when}: it has no persistent volume. ${said}`;
    const next = kubectl(facts, `logs ${store.kind.toLowerCase()}/${store.name}`);
    const title = `MinIO came back empty, so location ${name} is unavailable`;
    return [{ ...common, about: [...common.about, "object-store"], id: "storage.lost", title, evidence, next }];
  }
  const { id, title, next } = meanings[cause.code](location, facts);
  const evidence: Sentence = say`${said} ${cause.hint[0]?.toUpperCase() ?? ""}${cause.hint.slice(1)}.`;
  return [{ ...common, id, title, evidence, next: next ?? check(facts, name) }];
}

const check = (facts: Facts, name: string): string => ownCommand(facts, `storage check ${name}`);

interface Meaning {
  readonly id: Id;
  readonly title: string;
  readonly next?: string;
}
type MeaningOf = (location: BackupStorageLocation, facts: Facts) => Meaning;

const invalid: MeaningOf = ({ metadata }) => ({
  id: "location.config.invalid",
  title: `The settings of location ${metadata.name} are not valid`,
});
const unreachable: MeaningOf = ({ metadata }) => ({
  id: "storage.unreachable",
  title: `The store of location ${metadata.name} does not answer Velero`,
});
const untrusted: MeaningOf = ({ metadata }) => ({
  id: "storage.tls.untrusted",
  title: `Velero does not trust the store of location ${metadata.name}`,
});
const wrongKeys: MeaningOf = ({ metadata }) => ({
  id: "storage.credentials.invalid",
  title: `The store does not accept the keys of location ${metadata.name}`,
});
const missingKeys: MeaningOf = ({ metadata, spec }, facts) => ({
  id: "storage.credentials.missing",
  title: `The keys of location ${metadata.name} are not there`,
  next: kubectl(facts, spec?.credential?.name === undefined ? "get secrets" : `get secret ${spec.credential.name}`),
});

const meanings: Readonly<Record<StorageCauseCode, MeaningOf>> = {
  "stray-directory": (location) => ({
    id: "storage.bucket.stray-directory",
    title: `Bucket ${bucketPath(location)} holds directories that are not Velero's`,
  }),
  "invalid-config": invalid,
  "no-plugin": invalid,
  "not-s3": invalid,
  "host-style": invalid,
  encryption: invalid,
  "bad-url": invalid,
  "bad-bucket-name": invalid,
  "plain-http": untrusted,
  untrusted,
  "bad-ca": untrusted,
  "secret-missing": missingKeys,
  "profile-missing": missingKeys,
  "no-credentials": missingKeys,
  "wrong-key": wrongKeys,
  "wrong-secret": wrongKeys,
  "expired-token": ({ metadata }) => ({
    id: "storage.credentials.expired",
    title: `The session token of location ${metadata.name} has expired or is not valid`,
  }),
  skewed: ({ metadata }) => ({ id: "storage.clock", title: `The store of location ${metadata.name} has another time` }),
  "wrong-region": ({ metadata }) => ({
    id: "storage.region.wrong",
    title: `Location ${metadata.name} names the wrong region`,
  }),
  "missing-bucket": (location) => ({
    id: "storage.bucket.missing",
    title: `Bucket ${location.spec?.objectStorage?.bucket} of location ${location.metadata.name} does not exist`,
  }),
  denied: ({ metadata }) => ({
    id: "storage.denied",
    title: `The keys of location ${metadata.name} may not use its bucket`,
  }),
  "no-host": unreachable,
  "no-pods": unreachable,
  refused: unreachable,
  unanswered: unreachable,
  proxy: unreachable,
  busy: ({ metadata }) => ({ id: "storage.busy", title: `The store of location ${metadata.name} cannot do its work` }),
};
