// Proves a location's storage from where the user sits: everything that Velero needs of it, one step after the other.
import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import type { BucketKeys, StoreProbe, Whereabouts } from "../object-store/object-store.ts";
import { authorityOf, bucketSettings, heldKeys, objectKey } from "../velero/bucket-access.ts";
import { bucketPath, isReadOnly } from "../velero/storage-location.ts";
import type { StorageProof } from "../velero/storage-proof.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import { clockOfCluster } from "./cluster-clock.ts";
import type { Context } from "./command.ts";
import { ProofSteps } from "./proof-steps.ts";
import { latestBackup, proveWriting, strayDirectories } from "./prove-bucket.ts";

/** S3 refuses requests that were signed by a clock further off, in milliseconds. */
const mostSkew = 15 * 60_000;

/**
 * Proves a location, which need not exist in the cluster yet: then its `keys` are given, else they are read from its Secret.
 * What fails is in the proof; throws only when the user gave up.
 */
export async function proveStorage(
  location: Pick<BackupStorageLocation, "metadata" | "spec">,
  keys: BucketKeys | undefined,
  context: Context,
  { readOnly }: { readOnly: boolean },
): Promise<StorageProof> {
  const { signal } = context;
  const start = performance.now();
  const steps = new ProofSteps(signal, (step) =>
    context.note(`storage check of location ${location.metadata.name}: ${step}`),
  );
  const why = isReadOnly(location) ? "location" : readOnly ? "option" : undefined;
  const held = await readKeys(location, keys, context);
  const opened = await openStore(location, held.keys, context);
  const probe = opened.probe;

  const found = await steps.take("resolve", undefined, async () => {
    if (probe === undefined) throw opened.error;
    return { detail: whereText(probe.host, await probe.find(signal)), value: true };
  });
  const connected = await steps.take("connect", skipUnless(found, "resolve"), async () => ({
    detail: `${(probe as StoreProbe).host} ${await (probe as StoreProbe).connect(signal)}`,
    value: true,
  }));
  const plain = probe?.isSecure === false ? "the store is asked by http, which nothing protects" : undefined;
  const secured = await steps.take("TLS", skipUnless(connected, "connect") ?? plain, () =>
    tlsText(probe, signal, context),
  );
  const reached = plain === undefined ? secured : connected;
  const known = await steps.take("credentials", undefined, async () => {
    if (held.error !== undefined) throw held.error;
    return { detail: held.detail, value: true };
  });

  const asked: number[] = [];
  const bucket = probe && {
    probe,
    path: (name: string) => objectKey(location, name),
    asked,
    signal,
    tell: context.tell,
  };
  const needs = skipUnless(reached, plain === undefined ? "TLS" : "connect") ?? skipUnless(known, "credentials");
  const listed = await steps.take("list", needs, async () => {
    const folders = await strayDirectories(bucket as NonNullable<typeof bucket>);
    const count = folders.all.length;
    return { detail: count === 0 ? "the bucket is empty" : folders.all.join(", "), value: folders };
  });
  await steps.take("layout", skipUnless(listed, "list"), async () => {
    const stray = listed?.value?.stray ?? [];
    if (stray.length === 0) return { detail: "only directories of Velero's" };
    throw new Failure("failed", `invalid top-level directories: [${stray.join(" ")}]`);
  });
  // Who may not list may still write: then it is one right that lacks, not the credentials.
  const writable = steps.failedFor("list", "denied") ? undefined : skipUnless(listed, "list");
  const leftBehind = await proveWriting(steps, bucket, { skip: needs ?? writable, readOnly: why });

  const skew = await proveClocks(steps, probe, context);
  const latency = median(asked);
  await steps.take("latency", latency === undefined ? "no request was answered" : undefined, async () => ({
    detail: `median of ${asked.length} requests ${shown(latency ?? 0)}, slowest ${shown(Math.max(...asked))}`,
  }));
  const latest = await steps.take("latest", skipUnless(listed, "list"), () =>
    latestBackup(bucket as NonNullable<typeof bucket>),
  );
  return {
    passed: steps.passed,
    location: location.metadata.name,
    bucket: bucketPath(location),
    host: probe?.host,
    readOnly: why,
    steps: steps.taken,
    milliseconds: Math.round(performance.now() - start),
    skew,
    latency,
    latestBackup: latest?.value,
    leftBehind,
  };
}

const skipUnless = (step: object | undefined, name: string): string | undefined =>
  step === undefined ? `needs ${name}` : undefined;

const shown = (milliseconds: number): string =>
  milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`;

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? undefined : Math.round(middle * 10) / 10;
}

async function readKeys(
  location: Pick<BackupStorageLocation, "metadata" | "spec">,
  given: BucketKeys | undefined,
  context: Context,
): Promise<{ keys?: BucketKeys; detail: string; error?: unknown }> {
  const token = (keys: BucketKeys) => (keys.sessionToken === undefined ? "" : ", with a session token");
  if (given !== undefined) return { keys: given, detail: `the keys that were given${token(given)}` };
  try {
    const { secret, key, profile, keys } = await heldKeys(await context.cluster(), location, context.signal);
    return { keys, detail: `Secret ${secret}, key ${key}, profile ${profile}${token(keys)}` };
  } catch (error) {
    context.signal.throwIfAborted();
    return { detail: "", error: hasReason(error, "Forbidden") ? mayNotRead(error as Failure) : error };
  }
}

/** It is this user who may not: of the store that says nothing. */
const mayNotRead = (failure: Failure): Failure =>
  new Failure("failed", `this user may not read the location's keys: ${sentenceOf(failure)}`, {
    reason: "Forbidden",
    cause: failure,
    next: ["ask for the right to get this Secret, or see what the server says: kubectl mkebackup list locations"],
  });

async function openStore(
  location: Pick<BackupStorageLocation, "metadata" | "spec">,
  keys: BucketKeys | undefined,
  context: Context,
): Promise<{ probe?: StoreProbe; error?: unknown }> {
  try {
    const { s3Url, insecureSkipTLSVerify } = location.spec?.config ?? {};
    if (s3Url !== undefined && s3Url !== "" && !/^https?:\/\/[^/]/.test(s3Url))
      throw new Failure("failed", `s3Url ${s3Url} is no address of a store`);
    // What the location lets the server believe is what is to be proved.
    const insecureSkipTlsVerify = context.insecureSkipTlsVerify || insecureSkipTLSVerify === "true";
    const wantsAuthority = !insecureSkipTlsVerify && !s3Url?.startsWith("http:");
    const ca = wantsAuthority ? await authorityOf(await context.cluster(), location, context.signal) : undefined;
    const settings = bucketSettings(location, { ca: ca || undefined, insecureSkipTlsVerify });
    const store = await context.store();
    const probe = store.probe?.({ ...settings, endpoint: s3Url || undefined }, keys);
    return probe === undefined ? { error: new Error("this store cannot be probed") } : { probe };
  } catch (error) {
    context.signal.throwIfAborted();
    return { error };
  }
}

function whereText(host: string, where: Whereabouts): string {
  switch (where.by) {
    case "address":
      return `${host} is ${where.addresses.join(", ")}`;
    case "service":
      return `through a tunnel to Service ${where.service}: pod ${where.pods.join(", ")}`;
    case "proxy":
      return `left to proxy ${where.label}`;
  }
}

async function tlsText(probe: StoreProbe | undefined, signal: AbortSignal, { now }: Context) {
  const certificate = await probe?.secure(signal);
  if (certificate === undefined) return { detail: "the proxy ends it", value: true };
  const { issuer, validTo, untrusted } = certificate;
  const end = validTo === undefined ? "" : `, valid to ${validTo.toISOString().slice(0, 10)}`;
  const days = validTo === undefined ? undefined : Math.floor((validTo.getTime() - now().getTime()) / 86_400_000);
  const soon = days !== undefined && days >= 0 && days < 30 ? ` (in ${days} days)` : "";
  const trust = untrusted === undefined ? "" : `not verified, as the settings say (${untrusted}); `;
  return { detail: `${trust}certificate of ${issuer}${end}${soon}`, value: true };
}

async function proveClocks(steps: ProofSteps, probe: StoreProbe | undefined, context: Context) {
  const cluster = await clockOfCluster(context);
  const store = probe?.skew;
  const both = { store, cluster };
  if (store === undefined && cluster === undefined) {
    await steps.take("clocks", "no answer said a time", async () => ({ detail: "" }));
    return both;
  }
  await steps.take("clocks", undefined, async () => {
    const said = [
      store === undefined ? "store's unknown" : `store ${aheadText(store)}`,
      cluster === undefined ? "cluster's unknown" : `cluster ${aheadText(cluster)}`,
    ];
    const detail = `${said.join(", ")} this machine's`;
    // The server signs by the cluster's clock, this program by this machine's.
    const differences = [store, cluster, store === undefined || cluster === undefined ? undefined : store - cluster];
    const isFar = differences.some((difference) => difference !== undefined && Math.abs(difference) > mostSkew);
    return isFar
      ? { detail, fault: { next: "set the clocks by NTP: S3 refuses what differs by more than 15 minutes" } }
      : { detail };
  });
  return both;
}

function aheadText(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 2) return "as";
  const amount = seconds < 120 ? `${seconds}s` : `${Math.round(seconds / 60)}m`;
  return `${amount} ${milliseconds > 0 ? "ahead of" : "behind"}`;
}
