import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readLogLine } from "../../../src/archive/log-lines.ts";
import { linesOf } from "../../../src/core/lines.ts";
import { redacted } from "../../../src/core/redacted.ts";

/** strconv.Quote, for texts without halves of characters. */
function quote(text: string): string {
  const short: Record<string, string> = {
    "\x07": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
  };
  const written = [...text].map((char) => {
    const code = char.codePointAt(0) ?? 0;
    if (short[char] !== undefined) return short[char];
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
    if (/[\p{C}\p{Z}]/u.test(char) && char !== " ") {
      return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
    }
    return char;
  });
  return `"${written.join("")}"`;
}

/** What logrus leaves without quotes. */
const value = (text: string) => (/^[\w\-./@^+]*$/.test(text) ? text : quote(text));

const text = fc.string({ unit: "grapheme" }).map((given) => given.toWellFormed());
const name = fc
  .stringMatching(/^[a-zA-Z][\w. -]{0,12}[a-z]$/)
  .filter((word) => !["time", "level", "msg"].includes(word));

test("what logrus writes as text is read as it was meant", () => {
  fc.assert(
    fc.property(text, fc.dictionary(name, text), (message, fields) => {
      const rest = Object.entries(fields).map(([field, given]) => ` ${field}=${value(given)}`);
      const raw = `time="2026-11-24T07:00:00Z" level=info msg=${value(message)}${rest.join("")}`;
      const line = readLogLine(raw);
      assert.deepEqual(
        [line.time, line.level, line.message, Object.fromEntries(line.fields)],
        ["2026-11-24T07:00:00Z", "info", message, { ...fields }],
      );
    }),
  );
});

test("what logrus writes as JSON is read as it was meant", () => {
  fc.assert(
    fc.property(text, fc.dictionary(name, fc.jsonValue()), (msg, fields) => {
      const line = readLogLine(JSON.stringify({ ...fields, level: "error", msg, time: "2026-11-24T07:00:00Z" }));
      assert.equal(line.message, msg);
      assert.deepEqual(JSON.stringify(Object.fromEntries(line.fields)), JSON.stringify({ ...fields }));
    }),
  );
});

test("any text is a line, and one that cannot be read is kept as it is", () => {
  const pieces = fc.array(
    fc.constantFrom('time="', "level=", "msg=", '"', "\\", "\\x", "\\U", "=", " ", "{", "}", "info", "\0"),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        pieces.map((parts) => parts.join("")),
      ),
      (raw) => {
        const line = readLogLine(raw);
        assert.equal(line.raw, raw);
        if (line.level === undefined) assert.equal(line.fields.size, 0);
        redacted(raw);
      },
    ),
  );
});

test("bytes come out as their lines, however they are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        text.map((line) => line.replaceAll("\n", "")),
        { minLength: 1 },
      ),
      fc.nat(9),
      async (lines, size) => {
        const bytes = Buffer.from(`${lines.join("\n")}\n`);
        async function* chunks() {
          for (let at = 0; at < bytes.length; at += size + 1) yield bytes.subarray(at, at + size + 1);
        }
        assert.deepEqual((await Array.fromAsync(linesOf(chunks()))).flat(), lines);
      },
    ),
  );
});

test("arbitrary bytes are lines, too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array()), async (chunks) => {
      async function* bytes() {
        for (const chunk of chunks) yield Buffer.from(chunk);
      }
      for await (const lines of linesOf(bytes())) for (const line of lines) readLogLine(redacted(line));
    }),
  );
});

const secret = fc
  .stringMatching(/^[A-Za-z0-9+/_.~-]{20,40}$/)
  .filter((word) => !word.startsWith(".") && !word.includes("//"));
const places = [
  (key: string) => `Get "http://minio:9000/velero/x?X-Amz-Algorithm=AWS4&X-Amz-Signature=${key}&x-id=GetObject": EOF`,
  (key: string) => `url https://s3/b/x?X-Amz-Security-Token=${key}\\u0026X-Amz-Date=1`,
  (key: string) => `Authorization: Bearer ${key}`,
  (key: string) => `headers map[Authorization:[Basic ${key}] Accept:[*]]`,
  (key: string) => `msg="{\\"authorization\\": \\"${key}\\"}"`,
  (key: string) => `Authorization: AWS4-HMAC-SHA256 Credential=AKIA/2026, SignedHeaders=host, Signature=${key}`,
  (key: string) => `aws_secret_access_key=${key} region=x`,
  (key: string) => `password: ${key}`,
  (key: string) => `proxy https://admin:${key.replaceAll("/", "")}@proxy:3128`,
];

test("no credential leaves a line", () => {
  fc.assert(
    fc.property(secret, fc.constantFrom(...places), (key, place) => {
      const line = redacted(place(key));
      assert.ok(!line.includes(key.replaceAll("/", "")) && !line.includes(key), line);
      assert.match(line, /…/);
    }),
  );
});
