// A tar archive of regular files, as Velero writes and reads it.

const blockSize = 512;

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

/** The header keeps 100 bytes of a path, and 155 more of the folders before them. */
function splitPath(path: string): { name: string; prefix: string } {
  if (path.length <= 100) return { name: path, prefix: "" };
  const cut = path.indexOf("/", path.length - 101);
  return { name: path.slice(cut + 1), prefix: path.slice(0, cut) };
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const { name, prefix } = splitPath(path);
  const fields: readonly [offset: number, value: string][] = [
    [0, name],
    [100, octal(0o755, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(size, 12)],
    [136, octal(Math.floor(Date.now() / 1000), 12)],
    [148, " ".repeat(8)],
    [156, "0"],
    [257, "ustar\x0000"],
    [345, prefix],
  ];
  for (const [offset, value] of fields) block.write(value, offset, "latin1");
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

export function writeTar(files: Iterable<readonly [path: string, content: string]>): Buffer {
  const blocks: Buffer[] = [];
  for (const [path, text] of files) {
    const content = Buffer.from(text);
    blocks.push(
      header(path, content.length),
      content,
      Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize),
    );
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

export function* readTar(archive: Buffer): Generator<readonly [path: string, content: string]> {
  const text = (start: number, length: number) =>
    archive.toString("latin1", start, start + length).replace(/\0.*$/s, "");
  for (let position = 0; text(position, 100) !== ""; ) {
    const size = Number.parseInt(text(position + 124, 12), 8);
    const prefix = text(position + 345, 155);
    const name = text(position, 100);
    const start = position + blockSize;
    yield [prefix === "" ? name : `${prefix}/${name}`, archive.toString("utf8", start, start + size)];
    position = start + Math.ceil(size / blockSize) * blockSize;
  }
}
