// What Velero needs of a bucket: list it, write into it, read back what was written, and delete it.
import { randomBytes } from "node:crypto";
import { Failure, sentenceOf } from "../core/failure.ts";
import type { Probing, StoreProbe } from "../object-store/object-store.ts";
import { storageCause } from "../velero/storage-cause.ts";
import type { Found, ProofSteps } from "./proof-steps.ts";

export interface ProbedBucket {
  readonly probe: StoreProbe;
  /** The key of a path below the location's prefix. */
  path(name: string): string;
  /** Milliseconds of each request that was answered well. */
  readonly asked: number[];
  readonly signal: AbortSignal;
  /** Its name, for people. */
  readonly name: string;
  tell(sentence: string): void;
}

/** The directories at the top of the location. */
export async function topFolders(bucket: ProbedBucket): Promise<string[]> {
  const prefix = bucket.path("");
  const { folders, milliseconds } = await bucket.probe.list({ prefix, delimiter: "/" }, bucket.signal);
  bucket.asked.push(milliseconds);
  return folders.map((folder) => folder.slice(prefix.length).replace(/\/$/, ""));
}

/** Objects of backups that are looked at for the latest one: a backup has about a dozen. */
const mostPages = 10;

/** The backup whose files were written last. */
export async function latestBackup(
  bucket: ProbedBucket,
): Promise<Found<{ name: string; modified: string | undefined; of: number }>> {
  const prefix = bucket.path("backups/");
  const names = new Set<string>();
  let latest: { name: string; modified: string | undefined } | undefined;
  let token: string | undefined;
  for (let page = 0; page === 0 || (token !== undefined && page < mostPages); page++) {
    const query = { prefix, ...(token === undefined ? {} : { "continuation-token": token }) };
    const { entries, next } = await bucket.probe.list(query, bucket.signal);
    for (const { key, modified } of entries) {
      const name = key.slice(prefix.length).split("/")[0] ?? "";
      names.add(name);
      if (latest === undefined || (modified ?? "") > (latest.modified ?? "")) latest = { name, modified };
    }
    token = next;
  }
  if (latest === undefined) return { detail: "no backup in it" };
  const detail = `${latest.name}, written ${latest.modified ?? "at an unknown time"}, of ${names.size}${token === undefined ? "" : " or more"}`;
  return { detail, value: { ...latest, of: names.size } };
}

/** So long the request on its way may still take when the user gives up: what it wrote is to be deleted. Milliseconds. */
const patience = 3000;
const lastWordLimit = 5000;

/** Writes an object, reads it back, deletes it. Returns its key when it may still be there. */
export async function proveWriting(
  steps: ProofSteps,
  bucket: ProbedBucket | undefined,
  { skip, readOnly }: { skip: string | undefined; readOnly: "location" | "option" | undefined },
): Promise<string | undefined> {
  const why =
    skip ??
    (readOnly === undefined ? undefined : readOnly === "location" ? "the location is read-only" : "--read-only");
  if (why !== undefined || bucket === undefined) {
    for (const name of ["write", "read back", "delete"])
      await steps.take(name, why ?? "needs resolve", async () => ({ detail: "" }));
    return undefined;
  }
  const key = bucket.path(`metadata/mkebackup-check-${randomBytes(6).toString("hex")}`);
  const body = randomBytes(4096);
  const { signal, end } = lasting(bucket.signal);
  const ask = async (probing: Omit<Probing, "key">) => {
    const answer = await bucket.probe.ask({ ...probing, key }, signal);
    bucket.asked.push(answer.milliseconds);
    return answer.content;
  };
  let isThere = false;
  try {
    const written = await steps.take("write", undefined, async () => {
      isThere = true;
      try {
        await ask({ method: "PUT", body });
      } catch (error) {
        // What the store refused it has not kept; of a lost answer, or of one in trouble, nobody knows.
        const isLost = !(error instanceof Failure) || error.reason === "Unreachable";
        isThere = isLost || storageCause(error.message)?.code === "busy";
        throw error;
      }
      return { detail: `4 KiB as ${key}`, value: true };
    });
    await steps.take("read back", written === undefined ? "needs write" : undefined, async () => {
      const content = await ask({ method: "GET" });
      if (content.equals(body)) return { detail: "the same bytes" };
      const detail = `${content.length} bytes came back, and not those that were written`;
      return { detail, hint: "look at what stands between: a proxy, a cache or a gateway changes objects" };
    });
    const deleted = await steps.take("delete", isThere ? undefined : "needs write", async () => {
      await ask({ method: "DELETE" });
      isThere = false;
      return { detail: "nothing is left behind", value: true };
    });
    if (deleted === undefined && isThere) bucket.tell(leftText(bucket, key));
    return isThere ? key : undefined;
  } finally {
    if (isThere && bucket.signal.aborted) await lastWord(bucket, key);
    end();
  }
}

const leftText = ({ name }: ProbedBucket, key: string): string =>
  `Warning: this check could not delete its object ${key}: delete it from the bucket ${name}`;

/** The user gave up between writing and deleting. */
async function lastWord(bucket: ProbedBucket, key: string): Promise<void> {
  try {
    await bucket.probe.ask({ method: "DELETE", key }, AbortSignal.timeout(lastWordLimit));
  } catch (error) {
    bucket.tell(`${leftText(bucket, key)} (${sentenceOf(error)})`);
  }
}

/** A signal that ends some time after another one: a request that is cut off takes its connection with it. */
function lasting(signal: AbortSignal): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => controller.abort(signal.reason), patience);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
