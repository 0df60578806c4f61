/** Each batch is a few turns of other threads, and of the event loop: of chunks as the network has them there would be too many. */
const batchBytes = 512 * 1024;

/**
 * The same bytes in few large pieces; the next one fills while the last is used. A piece may be used until the one behind it is
 * asked for. What came before a failure is given before it.
 */
export async function* batches(source: AsyncIterable<Buffer>, size = batchBytes): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let failure: { readonly error: unknown } | undefined;
  const fill = async (batch: Buffer): Promise<Buffer | undefined> => {
    let filled = 0;
    for (;;) {
      const taken = rest.copy(batch, filled);
      rest = rest.subarray(taken);
      filled += taken;
      if (filled === size) return batch;
      try {
        if (failure !== undefined) throw failure.error;
        const { done, value } = await chunks.next();
        if (done) return filled === 0 ? undefined : batch.subarray(0, filled);
        rest = value;
      } catch (error) {
        if (filled === 0) throw error;
        failure = { error };
        return batch.subarray(0, filled);
      }
    }
  };
  let [using, filling] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
  try {
    let next = fill(filling);
    for (;;) {
      const batch = await next;
      if (batch === undefined) return;
      [using, filling] = [filling, using];
      next = fill(filling);
      // Awaited in the next turn.
      next.catch(() => undefined);
      yield batch;
    }
  } finally {
    // Not waited for: a source that waits for the network would be.
    chunks.return?.().catch(() => undefined);
  }
}
