import { safePath } from "./tar-path.ts";
import { damaged } from "./unpack.ts";

/** A piece of a file in an archive; a file that is empty has one, which is empty too. */
export interface TarPart {
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
  readonly data: Buffer;
  readonly isLast: boolean;
}

const block = 512;
const mostEntries = 5_000_000;
/** Of the headers that only carry a long name. */
const mostMetaBytes = 1024 * 1024;

/**
 * The files of a tar archive in pieces, as they arrive: for whole archives of gigabytes, of which every byte is looked at and none
 * is kept. Throws a Failure with reason Damaged for the same archives as tarEntries().
 */
export async function* tarParts(content: AsyncIterable<Buffer>, what: string): AsyncGenerator<TarPart> {
  const scan = new TarScan(what);
  for await (const chunk of content) yield* scan.push(chunk);
  scan.end();
}

interface Overrides {
  name?: string;
  size?: number;
}

class TarScan {
  readonly #what: string;
  #entries = 0;
  /** A header, or the content of one that carries a name, of which not all has come. */
  #held = Buffer.alloc(0);
  /** The kind of the header that carries a name, and the bytes of its content, while that is awaited. */
  #meta: { readonly type: string; readonly size: number } | undefined;
  #file: { readonly path: string | undefined; readonly size: number } | undefined;
  /** Bytes of the file that are to come, and of what fills up its last block. */
  #left = 0;
  #padding = 0;
  #zeroBlocks = 0;
  #forAll: Overrides = {};
  #forNext: Overrides = {};

  constructor(what: string) {
    this.#what = what;
  }

  *push(chunk: Buffer): Generator<TarPart> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#zeroBlocks === 2) return this.#expectZeros(chunk.subarray(at));
      if (this.#left > 0) {
        const data = chunk.subarray(at, at + this.#left);
        at += data.length;
        this.#left -= data.length;
        yield* this.#part(data);
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, chunk.length - at);
        at += skipped;
        this.#padding -= skipped;
      } else {
        const wanted = this.#meta === undefined ? block : padded(this.#meta.size);
        const taken = chunk.subarray(at, at + wanted - this.#held.length);
        at += taken.length;
        const whole = this.#held.length === 0 ? taken : Buffer.concat([this.#held, taken]);
        if (whole.length < wanted) this.#held = Buffer.from(whole);
        else {
          this.#held = Buffer.alloc(0);
          if (this.#meta === undefined) yield* this.#header(whole);
          else this.#takeMeta(whole, this.#meta);
        }
      }
    }
  }

  /** Throws where the archive is not at its end. */
  end(): void {
    if (this.#zeroBlocks < 2) throw damaged(this.#what, "it ends in the middle");
  }

  *#part(data: Buffer): Generator<TarPart> {
    const { path, size } = this.#file ?? { path: undefined, size: 0 };
    if (path !== undefined) yield { path, size, data, isLast: this.#left === 0 };
  }

  *#header(header: Buffer): Generator<TarPart> {
    const sum = sumOf(header);
    const isZero = sum === spaces && header.every((byte) => byte === 0);
    if (isZero) {
      this.#zeroBlocks += 1;
      return;
    }
    if (this.#zeroBlocks > 0 || this.#octal(header, 148, 8) !== sum) throw this.#isNoTar();
    // A mode has room in its digits, so it is never written in GNU's way.
    this.#octal(header, ...numbers.mode);
    for (const [offset, width] of [numbers.uid, numbers.gid, numbers.time]) this.#number(header, offset, width);
    const size = this.#number(header, ...numbers.size);
    const type = String.fromCharCode(header[156] ?? 0);
    if ("xgLK".includes(type)) return this.#expectMeta(type, size);
    const { name = nameIn(header), size: real = size } = { ...this.#forAll, ...this.#forNext };
    this.#forNext = {};
    this.#entries += 1;
    if (this.#entries > mostEntries) throw damaged(this.#what, `it holds more than ${mostEntries} files`);
    const kind = kinds[type];
    if (kind !== undefined && kind !== "directory") throw damaged(this.#what, `${name} is a ${kind}`);
    const isFolder = kind === "directory" || name.endsWith("/");
    this.#file = { path: isFolder ? undefined : safePath(name, this.#what), size: real };
    this.#left = kind === "directory" ? 0 : real;
    this.#padding = padded(this.#left) - this.#left;
    if (this.#left === 0) yield* this.#part(Buffer.alloc(0));
  }

  #expectMeta(type: string, size: number): void {
    if (size > mostMetaBytes) throw damaged(this.#what, `one of its names has ${size} bytes`);
    this.#meta = { type, size };
    if (size === 0) this.#takeMeta(Buffer.alloc(0), this.#meta);
  }

  #takeMeta(content: Buffer, { type, size }: { type: string; size: number }): void {
    this.#meta = undefined;
    const data = content.subarray(0, size);
    if (type === "L") this.#forNext = { ...this.#forNext, name: text(data, 0, data.length) };
    else if (type === "g") this.#forAll = { ...this.#forAll, ...paxOf(data) };
    else if (type === "x") this.#forNext = { ...this.#forNext, ...paxOf(data) };
  }

  #expectZeros(rest: Buffer): void {
    if (rest.some((byte) => byte !== 0)) throw damaged(this.#what, "something follows its end");
  }

  #number(header: Buffer, offset: number, width: number): number {
    if (((header[offset] ?? 0) & 0x80) === 0) return this.#octal(header, offset, width);
    // GNU's way for what octal digits have no room for.
    let value = (header[offset] ?? 0) & 0x7f;
    for (const byte of header.subarray(offset + 1, offset + width)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw this.#isNoTar();
    return value;
  }

  #octal(header: Buffer, offset: number, width: number): number {
    let value = 0;
    for (const byte of header.subarray(offset, offset + width)) {
      if (byte === 0) break;
      if (byte === 0x20) continue;
      if (byte < 0x30 || byte > 0x37) throw this.#isNoTar();
      value = value * 8 + (byte - 0x30);
    }
    return value;
  }

  #isNoTar = () => damaged(this.#what, "it is not a tar archive");
}

const numbers = { mode: [100, 8], uid: [108, 8], gid: [116, 8], size: [124, 12], time: [136, 12] } as const;

/** Other letters are kinds of regular files. */
const kinds: Readonly<Record<string, string>> = {
  1: "link",
  2: "symlink",
  3: "character-device",
  4: "block-device",
  5: "directory",
  6: "fifo",
};

const padded = (size: number): number => Math.ceil(size / block) * block;

/** The field of the sum itself counts as spaces. */
const spaces = 8 * 0x20;

function sumOf(header: Buffer): number {
  let sum = spaces;
  for (let at = 0; at < block; at++) if (at < 148 || at > 155) sum += header[at] ?? 0;
  return sum;
}

function nameIn(header: Buffer): string {
  const name = text(header, 0, 100);
  const prefix = text(header, 257, 6) === "ustar" ? text(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Up to the first zero byte. */
function text(bytes: Buffer, offset: number, width: number): string {
  const field = bytes.subarray(offset, offset + width);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? field.length : end);
}

/** `25 path=a/long/name\n`, where 25 are the bytes of the whole record. */
function paxOf(data: Buffer): Overrides {
  const found: Overrides = {};
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = space === -1 ? 0 : Number.parseInt(data.toString("latin1", at, space), 10);
    if (!(length > 0)) break;
    const [, key, value = ""] = /^([^=]+)=(.*)$/s.exec(data.toString("utf8", space + 1, at + length - 1)) ?? [];
    if (key === "path") found.name = value;
    if (key === "size" && /^\d+$/.test(value) && Number.isSafeInteger(Number(value))) found.size = Number(value);
    at += length;
  }
  return found;
}
