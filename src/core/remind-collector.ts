/** Larger objects do not lie where the young ones do. */
const most = 64 * 1024;

/**
 * V8 clears up young objects when they have filled their space, and Buffers hardly fill any of it: over a hundred megabytes
 * would pile up behind some that nobody has any more. So each chunk takes its size in that space, and gives it back at once.
 */
export function remindCollector(bytes: number): void {
  for (let left = bytes; left > 0; left -= most) new Array(Math.ceil(Math.min(left, most) / 8)).fill(0);
}
