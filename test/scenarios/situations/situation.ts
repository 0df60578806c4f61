import { setTimeout as sleep } from "node:timers/promises";
import { DeleteObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { minioCredentials } from "../../cluster/manifests.ts";
import type { World } from "../world.ts";

export type Undo = () => Promise<void>;

/** One way in which backups break, made for real, and what a report must say of it. */
export interface Situation {
  readonly name: string;
  /** Ids of the rules that must fire, besides those that fire in the healthy world. */
  readonly expect: readonly string[];
  /** Where it can be made; everywhere when left out. */
  readonly worlds?: readonly World["name"][];
  readonly velero?: string;
  /** Global flags of the report: who asks, and about which namespace. */
  readonly flags?: () => string;
  /** Milliseconds until the report must be right; half a minute when left out. */
  readonly limit?: number;
  /** Breaks it; returns what makes it whole again. */
  make(world: World): Promise<Undo>;
}

/** Undoes in the reverse order, each step whatever became of the others. */
export class Undoing {
  readonly #steps: Undo[] = [];

  add(step: Undo): void {
    this.#steps.unshift(step);
  }

  readonly run: Undo = async () => {
    const failures: unknown[] = [];
    for (const step of this.#steps) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
}

/** Makes a situation of several steps; what was done is undone when a later step fails. */
export async function made(make: (undoing: Undoing) => Promise<void>): Promise<Undo> {
  const undoing = new Undoing();
  try {
    await make(undoing);
    return undoing.run;
  } catch (error) {
    await undoing.run().catch(() => undefined);
    throw error;
  }
}

/** Creates an object that goes with the situation. `path` is that of its kind. */
export async function add(
  { api }: World,
  undoing: Undoing,
  path: string,
  object: { readonly metadata: { readonly name: string; readonly [field: string]: unknown } } & Record<string, unknown>,
): Promise<void> {
  await api.post(path, object);
  undoing.add(() => api.delete(`${path}/${object.metadata.name}`));
}

/** Changes an object by a merge patch, and later changes back by another. */
export async function change(
  { api }: World,
  undoing: Undoing,
  path: string,
  patch: unknown,
  back: unknown,
): Promise<void> {
  await api.patch(path, patch);
  undoing.add(async () => {
    await api.patch(path, back);
  });
}

/** The cluster's MinIO, by its own keys. */
export const storeClient = ({ storeUrl }: World): S3Client =>
  new S3Client({
    endpoint: storeUrl,
    region: "minio",
    forcePathStyle: true,
    credentials: { accessKeyId: minioCredentials.user, secretAccessKey: minioCredentials.password },
  });

export async function emptyBucket(client: S3Client, bucket: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  }
}

export const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);
