/** The bucket as commands see it. */
export interface ObjectStore {
  /**
   * The content behind a signed URL, through the cluster when its host is a name of the cluster's own network.
   * Throws a Failure with reason NotFound when there is no such object; no message ever holds the URL.
   */
  read(url: URL, options: { signal: AbortSignal; mostBytes: number }): Promise<Buffer>;
  /** One object by its key, with the location's own credentials: for when no server is there to sign a link. */
  readWithKeys(
    settings: BucketSettings,
    keys: BucketKeys,
    key: string,
    options: { signal: AbortSignal; mostBytes: number },
  ): Promise<Buffer>;
}

/** What a BackupStorageLocation says about its bucket. */
export interface BucketSettings {
  readonly bucket: string;
  readonly region: string;
  /** http:// or https://; undefined = AWS's own. */
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean;
  readonly insecureSkipTlsVerify: boolean;
  /** PEM. */
  readonly ca: string | undefined;
}

export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
