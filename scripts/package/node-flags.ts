/** Flags of Node and V8 that the binary runs with; its bytecode is made with the same, or V8 would refuse it. */
export const nodeFlags: readonly string[] = [
  // Room for young objects from the start: making it in steps costs every run 3 ms.
  "--min-semi-space-size=4",
  // And not too much of it: a list of ten thousand would fill whatever it may.
  "--max-semi-space-size=4",
  // What Node has to say about its own future is nothing to an administrator.
  "--no-warnings",
  // One thread beside the main one: four take longer to start and to stop than a command has work for them.
  "--v8-pool-size=1",
];
