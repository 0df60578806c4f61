import { gzipSync } from "node:zlib";

/** A regular file of an archive; krew takes the mode from here and never changes it. */
export interface ArchiveFile {
  readonly name: string;
  readonly mode: 0o755 | 0o644;
  readonly content: Buffer;
}

const block = 512;
// GNU tar and everybody else pads the whole to 20 blocks.
const record = 20 * block;

/**
 * A flat .tar.gz of regular files that depends on nothing but them: no times, no owners, sorted by name.
 * Throws for a name that krew would refuse or flatten (a folder, `..`), that is too long for ustar, or that comes twice.
 */
export function archive(files: readonly ArchiveFile[]): Buffer {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const parts: Buffer[] = [];
  for (const [index, file] of sorted.entries()) {
    if (!/^(?!\.\.?$)[\w.-]{1,100}$/.test(file.name)) {
      throw new Error(`"${file.name}" cannot be in the archive: it must be a plain file name of up to 100 characters.`);
    }
    if (sorted[index + 1]?.name === file.name) throw new Error(`"${file.name}" is in the archive twice.`);
    parts.push(header(file), file.content, padding(file.content.length, block));
  }
  parts.push(Buffer.alloc(2 * block));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const compressed = gzipSync(Buffer.concat([...parts, padding(length, record)]), { level: 9 });
  // Byte 9 names the operating system that compressed it: 255 is "unknown".
  compressed[9] = 255;
  return compressed;
}

/** The ustar header of one file. */
function header({ name, mode, content }: ArchiveFile): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, offset: number, width: number) =>
    bytes.write(`${value.toString(8).padStart(width - 1, "0")}\0`, offset, "latin1");
  bytes.write(name, 0, "latin1");
  octal(mode, 100, 8);
  octal(0, 108, 8); // user
  octal(0, 116, 8); // group
  octal(content.length, 124, 12);
  octal(0, 136, 12); // time
  bytes.write("0", 156, "latin1"); // a regular file
  bytes.write("ustar\x0000", 257, "latin1");
  octal(0, 329, 8); // device
  octal(0, 337, 8);
  // The checksum counts its own field as blanks.
  bytes.fill(" ", 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

const padding = (length: number, unit: number): Buffer => Buffer.alloc((unit - (length % unit)) % unit);
