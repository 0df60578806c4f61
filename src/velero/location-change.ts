import type { StorageProof } from "./storage-proof.ts";
import type { BackupStorageLocation } from "./types.ts";

/** What was done to a location, or would be. */
export type LocationChange = LocationCreation | LocationDefault | LocationDeletion | LocationRotation;

export interface LocationCreation {
  readonly action: "create";
  /** Checked by the server, sent without waiting for that, only tried, or refused because the storage cannot be used. */
  readonly state: "checked" | "sent" | "dry run" | "server dry run" | "unproven";
  readonly location: BackupStorageLocation;
  /** The Secret that is made with it. */
  readonly secret?: string;
  readonly proof?: StorageProof;
}

export interface LocationDefault {
  readonly action: "default";
  readonly location: BackupStorageLocation;
  /** The names of those that were it. */
  readonly before: readonly string[];
}

export interface LocationDeletion {
  readonly action: "delete";
  readonly location: BackupStorageLocation;
  readonly declined: boolean;
  /** Names of the Backup objects that went with it. */
  readonly backups: readonly string[];
  /** The Secret that this program had made for it, where it went too. */
  readonly secret?: string;
  /** What should have gone with it and did not. */
  readonly left: readonly string[];
}

export interface LocationRotation {
  readonly action: "credentials";
  readonly state: "checked" | "sent" | "unproven";
  readonly location: BackupStorageLocation;
  /** The Secret that holds the keys. */
  readonly secret: string;
  readonly proof?: StorageProof;
}
