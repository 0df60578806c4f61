/** The bucket as commands see it. */
export interface ObjectStore {
  /**
   * The content behind a signed URL, through the cluster when its host is a name of the cluster's own network.
   * Throws a Failure with reason NotFound when there is no such object; no message ever holds the URL.
   */
  read(url: URL, options: { signal: AbortSignal; mostBytes: number }): Promise<Buffer>;
}
