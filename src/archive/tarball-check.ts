import { type TarPart, tarParts } from "./tar-scan.ts";
import { damaged, openUnpacker } from "./unpack.ts";

/** What a tarball turned out to hold. */
export interface Checked {
  readonly files: number;
  /** Bytes, unpacked. */
  readonly bytes: number;
}

/** Reads a tarball through while its bytes go elsewhere. */
export interface TarballCheck {
  /**
   * Takes the next bytes, and resolves when they are not needed any more. Throws a Failure with reason Damaged as soon as
   * something is wrong with what came so far.
   */
  write(bytes: Buffer): Promise<void>;
  /** After the last bytes: throws where the tarball is not whole. */
  end(): Promise<Checked>;
  /** Ends the reading wherever it is; nothing is taken any more. */
  stop(): Promise<void>;
}

/** `take` is given each piece of each file, and may throw. */
export function checkTarball(what: string, take?: (part: TarPart) => void): TarballCheck {
  const unpacker = openUnpacker(what);
  const read = async (): Promise<Checked> => {
    let [files, bytes] = [0, 0];
    for await (const part of tarParts(unpacker.content, what)) {
      bytes += part.data.length;
      if (part.isLast) files += 1;
      take?.(part);
    }
    return { files, bytes };
  };
  const result = read();
  // Awaited by whoever writes next; until then it must not be one that nobody expects.
  result.catch(() => undefined);
  const ended = result.then(() => {
    throw damaged(what, "something follows its end");
  });
  ended.catch(() => undefined);
  return {
    write: (bytes) => Promise.race([unpacker.write(bytes), ended]),
    end() {
      unpacker.end();
      return result;
    },
    async stop() {
      unpacker.stop();
      await result.catch(() => undefined);
    },
  };
}
