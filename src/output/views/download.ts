import type { Screen } from "../screen.ts";
import { visible } from "../text.ts";
import { bytes, counted, duration } from "../units.ts";

export interface Downloaded {
  readonly backup: string;
  /** Bytes of the tarball. */
  readonly size: number;
  readonly files: number;
  readonly milliseconds: number;
  readonly file: string | undefined;
  readonly folder: string | undefined;
}

/** Downloaded backup nightly: 12.3 MiB, 1,204 files, in 3s to nightly-data.tar.gz */
export function downloadText(done: Downloaded, { width }: Pick<Screen, "width">): string {
  const { backup, size, files, milliseconds } = done;
  const what = `Downloaded backup ${visible(backup)}: ${bytes(size)}, ${counted(files, "file")}, in ${duration(milliseconds)}`;
  const file = done.file === undefined ? [] : [`to ${visible(done.file)}`];
  const folder = done.folder === undefined ? [] : [`extracted below ${visible(done.folder)}`];
  const where = [...file, ...folder].join(", ");
  if (where === "") return what;
  return what.length + 1 + where.length <= width ? `${what} ${where}` : `${what}\n  ${where}`;
}
