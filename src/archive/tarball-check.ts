import { PassThrough } from "node:stream";
import { type TarPart, tarParts } from "./tar-scan.ts";
import { damaged, unpacked } from "./unpack.ts";

/** What a tarball turned out to hold. */
export interface Checked {
  readonly files: number;
  /** Bytes, unpacked. */
  readonly bytes: number;
}

/** Reads a tarball through while its bytes go elsewhere. */
export interface TarballCheck {
  /** Takes the next bytes. Throws a Failure with reason Damaged as soon as something is wrong with what came so far. */
  write(chunk: Buffer): Promise<void>;
  /** After the last bytes: throws where the tarball is not whole. */
  end(): Promise<Checked>;
  /** Ends the reading wherever it is; nothing is taken any more. */
  stop(): Promise<void>;
}

/** How far the reading may lag behind. */
const ahead = 1024 * 1024;

/** `take` is given each piece of each file, and may throw. */
export function checkTarball(what: string, take?: (part: TarPart) => void): TarballCheck {
  const feed = new PassThrough({ highWaterMark: ahead });
  // unpacked() tells of it.
  feed.on("error", () => undefined);
  const read = async (): Promise<Checked> => {
    let [files, bytes] = [0, 0];
    for await (const part of tarParts(unpacked(feed, what), what)) {
      bytes += part.data.length;
      if (part.isLast) files += 1;
      take?.(part);
    }
    return { files, bytes };
  };
  const result = read();
  // Awaited by whoever writes next; until then it must not be one that nobody expects.
  result.catch(() => undefined);
  return {
    async write(chunk) {
      const error = await new Promise<unknown>((resolve) => feed.write(chunk, resolve));
      if (!error) return;
      await result;
      throw damaged(what, "something follows its end");
    },
    end() {
      feed.end();
      return result;
    },
    async stop() {
      feed.destroy();
      await result.catch(() => undefined);
    },
  };
}
