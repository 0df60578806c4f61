/**
 * V8 clears up young objects when they have filled their space, and Buffers hardly fill any of it: over a hundred megabytes
 * would pile up behind some that nobody has any more. So each chunk takes its size in that space, and gives it back at once.
 */
export function remindCollector(bytes: number): void {
  new Array(Math.ceil(bytes / 8)).fill(0);
}
