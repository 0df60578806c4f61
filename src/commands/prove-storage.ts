// Proves a location's storage from where the user sits: everything that Velero needs of it, one step after the other.
import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import type { BucketKeys, BucketSettings, StoreProbe, Whereabouts } from "../object-store/object-store.ts";
import { authorityOf, bucketSettings, heldKeys, objectKey } from "../velero/bucket-access.ts";
import { isOn, settingsFault } from "../velero/location-settings.ts";
import { type StorageCauseCode, storageCause } from "../velero/storage-cause.ts";
import { bucketPath, isReadOnly } from "../velero/storage-location.ts";
import type { StorageProof } from "../velero/storage-proof.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { Context } from "./command.ts";
import { ProofSteps } from "./proof-steps.ts";
import { latestBackup, type ProbedBucket, proveWriting, topFolders } from "./prove-bucket.ts";
import { proveClocks } from "./prove-clocks.ts";

type Located = Pick<BackupStorageLocation, "metadata" | "spec">;

/**
 * Proves a location, which need not exist in the cluster yet: then its `keys` are given, else they are read from its Secret.
 * What fails is in the proof; throws only when the user gave up.
 */
export async function proveStorage(
  location: Located,
  keys: BucketKeys | undefined,
  context: Context,
  options: { readonly readOnly: boolean },
): Promise<StorageProof> {
  const { signal, note, tell } = context;
  const start = performance.now();
  const { name } = location.metadata;
  const steps = new ProofSteps({
    signal,
    show: (step) => note(`storage check of location ${name}: ${step}`),
    next: (cause, message) => commandFor(location, cause, message),
  });
  const readOnly = isReadOnly(location) ? "location" : options.readOnly ? "option" : undefined;
  let usedKeys = keys;
  const open = async (settings: BucketSettings): Promise<StoreProbe> =>
    (await context.store()).probe(settings, () => usedKeys);

  const opened = await steps.take("settings", undefined, async () => {
    const settings = await readSettings(location, context);
    return { detail: settingsText(location, settings), value: { settings, probe: await open(settings) } };
  });
  const probe = opened?.value?.probe;
  const found = await steps.take("resolve", needs({ settings: opened }), async () => ({
    detail: whereText((probe as StoreProbe).host, await (probe as StoreProbe).find(signal)),
  }));
  const connected = await steps.take("connect", needs({ resolve: found }), async () => ({
    detail: await (probe as StoreProbe).connect(signal),
  }));
  const isPlain = probe?.isSecure === false;
  const secured = await steps.take("TLS", needs({ connect: connected }), async () =>
    isPlain ? { detail: "plain http, which protects nothing", skipped: true } : tlsText(probe as StoreProbe, context),
  );
  const known = await steps.take("credentials", undefined, async () => {
    const read = keys === undefined ? await readKeys(location, context) : { keys, from: "the keys that were given" };
    usedKeys = read.keys;
    return { detail: `${read.from}${read.keys.sessionToken === undefined ? "" : ", with a session token"}` };
  });

  const bucket = probe && new ProbedBucketOf(location, probe, signal, tell);
  const blocked = needs({ connect: connected, TLS: isPlain ? connected : secured, credentials: known });
  const listed = await steps.take("list", blocked, async () => {
    const folders = await inItsRegion(
      bucket as ProbedBucketOf,
      opened?.value?.settings as BucketSettings,
      location,
      open,
    );
    return { detail: folders.length === 0 ? "the bucket is empty" : folders.join(", "), value: folders };
  });
  await steps.take("layout", needs({ list: listed }), async () => {
    const stray = strayIn(listed?.value ?? []);
    if (stray.length === 0) return { detail: "no directory that is not Velero's" };
    throw new Failure("failed", `Backup store contains invalid top-level directories: [${stray.join(" ")}]`);
  });
  // Who may not list may still write: then one right is missing, and not the credentials wrong.
  const skip = blocked ?? (steps.failedFor("list", "denied") ? undefined : needs({ list: listed }));
  const leftBehind = await proveWriting(steps, bucket, { skip, readOnly });
  const skew = await proveClocks(steps, bucket?.probe, context);
  const latency = bucket && median(bucket.asked);
  await steps.take("latency", latency === undefined ? "no request was answered" : undefined, async () => ({
    detail: latencyText(bucket?.asked ?? [], latency ?? 0),
  }));
  const latest = await steps.take("latest", needs({ list: listed }), () => latestBackup(bucket as ProbedBucketOf));
  return {
    passed: steps.passed,
    location: name,
    bucket: bucketPath(location),
    host: bucket?.probe.host,
    readOnly,
    steps: steps.taken,
    milliseconds: Math.round(performance.now() - start),
    skew,
    latency,
    latestBackup: latest?.value,
    leftBehind,
  };
}

/** Velero declares a location unavailable that has any other directory at its top. */
const velerosOwn: readonly string[] = ["backups", "restores", "restic", "kopia", "metadata", "plugins"];
const strayIn = (folders: readonly string[]): string[] => folders.filter((folder) => !velerosOwn.includes(folder));

/** The first of the steps that brought nothing, as the reason to leave another one out. */
function needs(steps: Readonly<Record<string, object | undefined>>): string | undefined {
  const missing = Object.entries(steps).find(([, found]) => found === undefined)?.[0];
  return missing === undefined ? undefined : `needs ${missing}`;
}

class ProbedBucketOf implements ProbedBucket {
  readonly asked: number[] = [];
  readonly #location: Located;
  probe: StoreProbe;
  readonly signal: AbortSignal;
  readonly tell: (sentence: string) => void;

  constructor(location: Located, probe: StoreProbe, signal: AbortSignal, tell: (sentence: string) => void) {
    this.#location = location;
    this.probe = probe;
    this.signal = signal;
    this.tell = tell;
  }

  get name(): string {
    return this.#location.spec?.objectStorage?.bucket ?? "";
  }

  path(name: string): string {
    return objectKey(this.#location, name);
  }
}

/** Lists the top of the bucket; in the region that AWS names for it where the location names none, as the server does. */
async function inItsRegion(
  bucket: ProbedBucketOf,
  settings: BucketSettings,
  { spec }: Located,
  open: (settings: BucketSettings) => Promise<StoreProbe>,
): Promise<string[]> {
  try {
    return await topFolders(bucket);
  } catch (error) {
    const region = storageCause(sentenceOf(error))?.region;
    if (region === undefined || spec?.config?.["region"] || settings.endpoint !== undefined) throw error;
    bucket.probe = await open({ ...settings, region });
    return topFolders(bucket);
  }
}

async function readSettings(location: Located, context: Context): Promise<BucketSettings> {
  const { config = {} } = location.spec ?? {};
  const insecureSkipTlsVerify = context.insecureSkipTlsVerify || isOn(config["insecureSkipTLSVerify"]);
  // What the location lets the server believe is a part of what is to be proved.
  const settings = bucketSettings(location, { ca: undefined, insecureSkipTlsVerify });
  const fault = settingsFault(location);
  if (fault !== undefined) throw new Failure("failed", fault);
  if (insecureSkipTlsVerify || settings.endpoint?.startsWith("http:")) return settings;
  const ca = await authorityOf(await context.cluster(), location, context.signal).catch((error: unknown) => {
    throw new Failure("failed", `error getting CA certificate from secret: ${sentenceOf(error)}`, { cause: error });
  });
  return { ...settings, ca: ca || undefined };
}

function settingsText(location: Located, { endpoint, region }: BucketSettings): string {
  return `bucket ${bucketPath(location)} ${endpoint === undefined ? `in AWS region ${region}` : `at ${withoutUser(endpoint)}`}`;
}

/** An address may carry a user and a password. */
const withoutUser = (url: string): string => url.replace(/^(\w+:\/\/)[^/@]*@/, "$1***@");

async function readKeys(location: Located, context: Context): Promise<{ keys: BucketKeys; from: string }> {
  try {
    const { secret, key, profile, keys } = await heldKeys(await context.cluster(), location, context.signal);
    return { keys, from: `Secret ${secret}${key === "cloud" ? "" : `, key ${key}`}, profile ${profile}` };
  } catch (error) {
    if (!hasReason(error, "Forbidden")) throw error;
    // It is this user who may not, which says nothing of the store.
    throw new Failure("failed", `this user may not read the location's keys: ${sentenceOf(error)}`, { cause: error });
  }
}

function whereText(host: string, where: Whereabouts): string {
  switch (where.by) {
    case "address":
      return `${host} is ${where.addresses.join(", ")}`;
    case "service":
      return `Service ${where.service}, pod ${where.pods.join(", ")}`;
    case "proxy":
      return `left to proxy ${where.label}`;
  }
}

const soon = 30;

async function tlsText(probe: StoreProbe, { signal, now }: Context) {
  const certificate = await probe.secure(signal);
  if (certificate === undefined) return { detail: "the proxy ends it" };
  const { issuer, validTo, untrusted } = certificate;
  const days = validTo === undefined ? soon : Math.floor((validTo.getTime() - now().getTime()) / 86_400_000);
  const end = validTo === undefined ? "" : `valid to ${validTo.toISOString().slice(0, 10)}, `;
  const left = days < soon ? `(in ${days} days!) ` : "";
  const trust = untrusted === undefined ? "" : `NOT verified, as the settings want it: ${untrusted}; `;
  return { detail: `${trust}${end}${left}issued by ${issuer}` };
}

function median(values: readonly number[]): number | undefined {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  return middle === undefined ? undefined : Math.round(middle * 10) / 10;
}

function latencyText(asked: readonly number[], middle: number): string {
  const shown = (milliseconds: number) =>
    `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  return `${shown(middle)} a request, ${shown(Math.max(...asked))} at the most, of ${asked.length}`;
}

/** What to look at, as a command. */
function commandFor({ metadata, spec }: Located, cause: StorageCauseCode | undefined, message: string): string {
  const secret = spec?.credential?.name ?? /\bSecret ([\w.-]+)/.exec(message)?.[1] ?? "cloud-credentials";
  switch (cause) {
    case "wrong-key":
    case "wrong-secret":
    case "expired-token":
    case "profile-missing":
    case "no-credentials":
      return `kubectl -n ${metadata.namespace} describe secret ${secret}`;
    case "secret-missing":
      return `kubectl -n ${metadata.namespace} get secrets`;
    case "refused":
    case "unanswered":
    case "no-pods":
    case "busy":
      return "kubectl mkebackup status";
    default:
      return `kubectl mkebackup describe location/${metadata.name}`;
  }
}
