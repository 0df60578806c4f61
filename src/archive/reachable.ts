import { hasReason } from "../core/failure.ts";
import type { Bucket } from "../object-store/object-store.ts";

/** One bucket by its addresses: each is asked until it turns out that it cannot be reached from here, then the next. */
export function firstReachable(addresses: readonly Bucket[]): Bucket {
  let at = 0;
  const ask = async <T>(question: (bucket: Bucket) => Promise<T>): Promise<T> => {
    for (;;) {
      const asked = at;
      const bucket = addresses[asked];
      if (bucket === undefined) throw new Error("a bucket has no address");
      try {
        return await question(bucket);
      } catch (error) {
        const leadsNowhere = hasReason(error, "Unreachable") || hasReason(error, "Untrusted");
        if (!leadsNowhere || asked + 1 >= addresses.length) throw error;
        at = Math.max(at, asked + 1);
      }
    }
  };
  return {
    open: (key, options) => ask((bucket) => bucket.open(key, options)),
    async *list(prefix, signal) {
      const { entries, first } = await ask(async (bucket) => {
        const begun = bucket.list(prefix, signal)[Symbol.asyncIterator]();
        return { entries: begun, first: await begun.next() };
      });
      for (let entry = first; entry.done !== true; entry = await entries.next()) yield entry.value;
    },
  };
}
