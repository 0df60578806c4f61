import { connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * An abstract Unix socket: the kernel gives it to one process and takes it back when that process ends, however it
 * ends, so no stale lock can remain and no file either.
 */
const address = "\0kubectl-mkebackup-cluster";
const waitLimitMs = 15 * 60_000;

/** Runs the work while no other process changes the cluster. Waits for the holder and says who it is. */
export async function withLock<T>(purpose: string, work: () => Promise<T>): Promise<T> {
  const server = await acquire(purpose);
  try {
    return await work();
  } finally {
    server.close();
  }
}

/** What the process that holds the lock says about itself; undefined when nobody holds it. */
export async function lockHolder(): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect(address);
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    answer += text;
  });
  socket.on("error", () => resolve(undefined));
  socket.on("end", () => resolve(answer));
  return promise;
}

async function acquire(purpose: string): Promise<Server> {
  const deadline = Date.now() + waitLimitMs;
  const since = new Date().toISOString();
  let told: string | undefined;
  for (;;) {
    const server = await listen(`${purpose} (process ${process.pid}, since ${since})`);
    if (server) return server;
    const holder = await lockHolder();
    if (holder && holder !== told) {
      told = holder;
      process.stderr.write(`The cluster is in use by: ${holder}. Waiting for it to finish.\n`);
    }
    if (Date.now() > deadline) {
      throw new Error(`The cluster is still in use by: ${told ?? "another process"}. Stop it, or try again later.`);
    }
    await sleep(500);
  }
}

function listen(description: string): Promise<Server | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(description);
  });
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") resolve(undefined);
    else reject(error);
  });
  server.listen(address, () => resolve(server));
  // The lock alone must not keep a process alive that has nothing left to do.
  server.unref();
  return promise;
}
