import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Failure } from "../../../src/core/failure.ts";
import type { Credentials } from "../../../src/kube/credentials.ts";
import { backups } from "../../../src/velero/kinds.ts";
import { fakeTime } from "../fake-time.ts";
import { type Answer, json, localServer, nobody, transportTo } from "./local-server.ts";

const read = { method: "GET", path: "/x", kind: backups } as const;
const effect = { done: 'backups.velero.io "x" was created', look: "kubectl get backups.velero.io x" };
const write = { method: "POST", path: "/x", kind: backups, body: { a: 1 }, effect } as const;
const busy = (status: number, retryAfter?: string) =>
  json({ reason: "TooManyRequests", message: "later", details: { name: "x" } }, status, {
    ...(retryAfter === undefined ? {} : { "Retry-After": retryAfter }),
  });
const reset: Answer = (response) => void response.socket?.resetAndDestroy();
const resetInBody: Answer = (response) => {
  response.writeHead(200, { "Content-Length": "100" });
  response.write('{"a":');
  setTimeout(() => response.socket?.resetAndDestroy(), 20);
};

test("a request says who asks and what it takes, and credentials go along", async (t) => {
  const server = await localServer(t, json({ ok: true }));
  const headers = async () => ({ Authorization: "Bearer t", "Impersonate-Group": ["a", "b"] });
  const transport = await transportTo(t, server.url, { credentials: { ...nobody, headers } });
  assert.deepEqual(await transport.json(read), { ok: true });
  const [request] = server.requests;
  assert.equal(request?.headers["user-agent"], "kubectl-mkebackup/test");
  assert.equal(request?.headers.accept, "application/json");
  assert.equal(request?.headers.authorization, "Bearer t");
  assert.deepEqual(request?.headersDistinct["impersonate-group"], ["a", "b"]);
});

test("a body is sent as JSON with its length in bytes", async (t) => {
  let sent = "";
  const server = await localServer(t, (response, request) => {
    request.setEncoding("utf8").on("data", (chunk: string) => {
      sent += chunk;
    });
    request.on("end", () => json({})(response, request));
  });
  await (await transportTo(t, server.url)).json({ ...write, body: { name: "ü" } });
  assert.equal(sent, '{"name":"ü"}');
  assert.equal(server.requests[0]?.headers["content-length"], "13");
  assert.equal(server.requests[0]?.headers["content-type"], "application/json");
});

for (const status of [429, 503, 500]) {
  test(`a read that is answered ${status} with Retry-After is asked again when the server says`, async (t) => {
    const time = fakeTime(t);
    const server = await localServer(t, busy(status, "2"), busy(status, "3"), json({ ok: true }));
    assert.deepEqual(await (await transportTo(t, server.url)).json(read), { ok: true });
    assert.deepEqual(time.pauses, [2000, 3000]);
  });

  test(`a write that is answered ${status} with Retry-After is sent once`, async (t) => {
    const server = await localServer(t, busy(status, "0"));
    await assert.rejects((await transportTo(t, server.url)).json(write), { reason: "TooManyRequests" });
    assert.equal(server.requests.length, 1);
  });
}

test("without Retry-After a read is asked once", async (t) => {
  const server = await localServer(t, busy(503));
  await assert.rejects((await transportTo(t, server.url)).json(read), { name: "Failure" });
  assert.equal(server.requests.length, 1);
});

test("Retry-After says nothing about other answers", async (t) => {
  const server = await localServer(t, busy(409, "1"));
  await assert.rejects((await transportTo(t, server.url)).json(read), { name: "Failure" });
  assert.equal(server.requests.length, 1);
});

test("a server that is always busy is given up after ten more tries, with its own reason", async (t) => {
  fakeTime(t);
  const server = await localServer(t, busy(429, "1"));
  await assert.rejects((await transportTo(t, server.url)).json(read), { reason: "TooManyRequests" });
  assert.equal(server.requests.length, 11);
});

for (const value of ["soon", "", "-1", "Wed, 21 Oct 2037 07:28:00 GMT"]) {
  test(`a Retry-After of "${value}" is not understood, as in client-go`, async (t) => {
    const server = await localServer(t, busy(503, value));
    await assert.rejects((await transportTo(t, server.url)).json(read), { name: "Failure" });
    assert.equal(server.requests.length, 1);
  });
}

test("an interrupt ends a pause at once, with its own reason", async (t) => {
  const reason = new Failure("interrupted", "interrupted");
  const command = new AbortController();
  const server = await localServer(t, busy(429, "30"));
  const asked = (await transportTo(t, server.url, { signal: command.signal })).json(read);
  setTimeout(() => command.abort(reason), 30);
  const start = performance.now();
  await assert.rejects(asked, reason);
  assert.ok(performance.now() - start < 5000);
  assert.equal(server.requests.length, 1);
});

test("no pause is longer than half a minute", async (t) => {
  const time = fakeTime(t);
  const server = await localServer(t, busy(429, "3600"), json({}));
  await (await transportTo(t, server.url)).json(read);
  assert.deepEqual(time.pauses, [30_000]);
});

for (const [what, broken] of [
  ["before the answer", reset],
  ["in the middle of the answer", resetInBody],
] as const) {
  test(`a read whose connection breaks ${what} is asked again`, async (t) => {
    const server = await localServer(t, broken, json({ ok: true }));
    assert.deepEqual(await (await transportTo(t, server.url)).json(read), { ok: true });
  });

  test(`a write whose connection breaks ${what} is an error: nobody knows what became of it`, async (t) => {
    const server = await localServer(t, broken);
    await assert.rejects((await transportTo(t, server.url)).json(write), {
      reason: "Unreachable",
      message: /^Unable to connect to the server: .*; it is not known whether backups\.velero\.io "x" was created$/,
      next: ["kubectl get backups.velero.io x        (look before you try again)"],
    });
    assert.equal(server.requests.length, 1);
  });

  test(`a read whose connection always breaks ${what} is asked three times`, async (t) => {
    const time = fakeTime(t);
    const server = await localServer(t, broken);
    await assert.rejects((await transportTo(t, server.url)).json(read), { reason: "Unreachable" });
    assert.equal(server.requests.length, 3);
    assert.deepEqual(time.pauses, [1000]);
  });
}

const silent: Answer = () => undefined;
const stuck: Answer = (response) => {
  response.writeHead(200);
  response.write("{");
};
for (const [what, answer] of [
  ["that never answers", silent],
  ["that stops in the middle of its answer", stuck],
] as const) {
  test(`a server ${what} is given up after the timeout`, async (t) => {
    const server = await localServer(t, answer);
    await assert.rejects((await transportTo(t, server.url, { timeout: 50 })).json(read), {
      reason: "Unreachable",
      sentence: `Unable to connect to the server: no answer from 127.0.0.1:${server.port} within 0.05s`,
    });
  });
}

for (const [what, answer] of [
  ["that never answers", silent],
  ["that stops in the middle of its answer", stuck],
] as const) {
  test(`a write to a server ${what} is in doubt after the timeout`, async (t) => {
    const server = await localServer(t, answer);
    await assert.rejects((await transportTo(t, server.url, { timeout: 50 })).json(write), {
      message: /no answer from .* within 0\.05s; it is not known whether backups\.velero\.io "x" was created$/,
    });
    assert.equal(server.requests.length, 1);
  });
}

test("a write on a connection that died while it was idle is sent once, and in doubt", async (t) => {
  const server = await localServer(t, json({ ok: true }), reset);
  const transport = await transportTo(t, server.url);
  await transport.json(read);
  await assert.rejects(transport.json(write), { message: /it is not known whether/ });
  assert.equal(server.requests.length, 2);
});

test("a write that an interrupt cuts off is in doubt; one that was not begun is not", async (t) => {
  const command = new AbortController();
  const server = await localServer(t, silent);
  const transport = await transportTo(t, server.url, { signal: command.signal });
  const asked = transport.json(write);
  setTimeout(() => command.abort(new Failure("interrupted", "interrupted", { heading: "" })), 50);
  await assert.rejects(asked, { kind: "interrupted", message: /^interrupted; it is not known whether/ });
  await assert.rejects(transport.json(write), { kind: "interrupted", message: "interrupted" });
  assert.equal(server.requests.length, 1);
});

test("a write that never got a connection is not in doubt", async (t) => {
  const transport = await transportTo(t, "http://127.0.0.1:1");
  await assert.rejects(transport.json(write), { message: /was refused - did you/, next: [] });
});

for (const [status, said, next] of [
  [429, /^later$/, /nothing was changed/],
  [500, /it is not known whether/, /look before/],
  [504, /it is not known whether/, /look before/],
  [409, /^later$/, /^$/],
] as const) {
  test(`a write that is answered ${status} says whether it is known to be done`, async (t) => {
    const server = await localServer(t, busy(status));
    await assert.rejects((await transportTo(t, server.url)).json(write), (error: Failure) => {
      assert.match(error.message, said);
      assert.match(error.next.join(), next);
      return true;
    });
  });
}

test("each try has the whole timeout for itself", async (t) => {
  const late: Answer = (response, request) => setTimeout(() => json({ ok: true })(response, request), 60);
  const server = await localServer(t, busy(429, "0"), busy(429, "0"), late);
  assert.deepEqual(await (await transportTo(t, server.url, { timeout: 2000 })).json(read), { ok: true });
});

test("an interrupt ends a request with its own reason, not as a connection that failed", async (t) => {
  const reason = new Failure("interrupted", "interrupted");
  const [command, request] = [new AbortController(), new AbortController()];
  const server = await localServer(t, silent);
  const transport = await transportTo(t, server.url, { signal: command.signal });
  const asked = transport.json({ ...read, signal: request.signal });
  setTimeout(() => request.abort(reason), 20);
  await assert.rejects(asked, reason);
  command.abort(reason);
  await assert.rejects(transport.json(read), reason);
  assert.equal(server.requests.length, 1);
});

test("each warning of the server is told once", async (t) => {
  const warning = '299 - "velero.io/v1 Foo is deprecated", 299 - "say \\"hello\\""';
  const server = await localServer(t, json({}, 200, { Warning: warning }));
  const told: string[] = [];
  const transport = await transportTo(t, server.url, { onWarning: (sentence) => told.push(sentence) });
  await transport.json(read);
  await transport.json(read);
  assert.deepEqual(told, ["velero.io/v1 Foo is deprecated", 'say "hello"']);
});

const gzipped = gzipSync(JSON.stringify({ items: Array.from({ length: 500 }, (_, at) => at) }));
const sendGzip =
  (bytes: Buffer): Answer =>
  (response) => {
    response.writeHead(200, { "Content-Encoding": "gzip" });
    response.end(bytes);
  };

test("gzip is asked for and understood", async (t) => {
  const server = await localServer(t, sendGzip(gzipped));
  const { items } = await (await transportTo(t, server.url)).json<{ items: number[] }>(read);
  assert.equal(items.length, 500);
  assert.match(String(server.requests[0]?.headers["accept-encoding"]), /gzip/);
});

test("gzip that ends too early is a connection that failed", async (t) => {
  const server = await localServer(t, sendGzip(gzipped.subarray(0, 50)));
  await assert.rejects((await transportTo(t, server.url)).json(read), { name: "Failure", reason: "Unreachable" });
});

test("an answer that is no JSON is said to be, without its query", async (t) => {
  const server = await localServer(t, (response) => void response.end('{"items": [1,'));
  await assert.rejects((await transportTo(t, server.url)).json({ ...read, path: "/apis?continue=abc" }), {
    reason: "Unreachable",
    message: "Unable to connect to the server: the answer to GET /apis is not JSON, it ends in the middle",
  });
});

test("an answer that is a web page is said to be", async (t) => {
  const server = await localServer(t, (response) => void response.end("<html>Log in</html>"));
  await assert.rejects((await transportTo(t, server.url)).json(read), {
    message:
      "Unable to connect to the server: the answer to GET /x is a web page: a proxy or load balancer may have sent it",
  });
});

test("a refusal is the server's sentence", async (t) => {
  const status = { reason: "Forbidden", message: 'backups.velero.io is forbidden: User "jane" cannot list' };
  const server = await localServer(t, json(status, 403));
  await assert.rejects((await transportTo(t, server.url)).json(read), {
    reason: "Forbidden",
    sentence: 'Error from server (Forbidden): backups.velero.io is forbidden: User "jane" cannot list',
  });
});

test("a port where nobody listens is unreachable", async (t) => {
  const transport = await transportTo(t, "http://127.0.0.1:1");
  await assert.rejects(transport.json(read), {
    reason: "Unreachable",
    sentence: "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
  });
});

test("each try is logged with its status, and a failed one with what failed", async (t) => {
  const lines: [string, string, number | string, string | undefined][] = [];
  const server = await localServer(t, reset, json({ ok: true }));
  const log = (line: { method: string; url: string; status: number | string; body?: string }) =>
    lines.push([line.method, line.url, line.status, line.body]);
  await (await transportTo(t, server.url, { log })).json(read);
  assert.equal(lines.length, 2);
  assert.match(String(lines[0]?.[2]), /ECONNRESET|socket hang up/);
  assert.deepEqual(lines[1], ["GET", `${server.url}/x`, 200, '{"ok":true}']);
});

for (const method of ["GET", "POST"] as const) {
  test(`a ${method} that was refused for who asked is sent once more with a new login`, async (t) => {
    const refusal = json({ kind: "Status", reason: "Unauthorized", message: "Unauthorized" }, 401);
    const server = await localServer(t, refusal, json({ ok: true }));
    let token = "old";
    const credentials: Credentials = {
      tls: { rejectUnauthorized: true },
      headers: async () => ({ Authorization: `Bearer ${token}` }),
      refused: () => {
        token = "new";
        return true;
      },
    };
    const transport = await transportTo(t, server.url, { credentials });
    assert.deepEqual(await transport.json({ method, path: "/" }), { ok: true });
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      ["Bearer old", "Bearer new"],
    );
  });
}

test("who is refused twice, or has no other login, is told so", async (t) => {
  const refusal = json({ kind: "Status", reason: "Unauthorized", message: "Unauthorized" }, 401);
  for (const [again, requests] of [
    [true, 2],
    [false, 1],
  ] as const) {
    const server = await localServer(t, refusal);
    const credentials: Credentials = { ...nobody, refused: () => again };
    const transport = await transportTo(t, server.url, { credentials });
    await assert.rejects(transport.json({ method: "GET", path: "/" }), { reason: "Unauthorized" });
    assert.equal(server.requests.length, requests);
  }
});
