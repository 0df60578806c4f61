import assert from "node:assert/strict";
import { test } from "node:test";
import { cutEnd, cutMiddle, visible, wrap } from "../../../src/output/text.ts";

const shown: [what: string, text: string, seen: string][] = [
  ["an escape sequence", "\x1b[31mred\x1b[0m", "^[[31mred^[[0m"],
  ["a bell and a null", "a\x07b\x00c", "a^Gb^@c"],
  ["a tab", "a\tb", "a^Ib"],
  ["a line break", "a\nb", "a b"],
  ["a return, which would hide what stands before it", "safe\rfake", "safe\\rfake"],
  ["the one-byte form of an escape sequence", "\x9b31m", "^[31m"],
  ["plain text of any language", "Größe 日本 ✓", "Größe 日本 ✓"],
];
for (const [what, text, seen] of shown) {
  test(`${what} is shown, not obeyed`, () => {
    assert.equal(visible(text), seen);
    assert.doesNotMatch(visible(text), /[\x00-\x1f\x7f-\x9f]/);
  });
}

const middles: [text: string, width: number, cut: string][] = [
  ["mke-20261124-070742", 19, "mke-20261124-070742"],
  ["mke-20261124-070742", 18, "mke-20261…4-070742"],
  ["abcdef", 5, "ab…ef"],
  ["abcdef", 4, "ab…f"],
  ["abcdef", 2, "a…"],
  ["abcdef", 1, "…"],
  ["abcdef", 0, ""],
];
for (const [text, width, cut] of middles) {
  test(`${text} in ${width} columns is ${JSON.stringify(cut)}`, () => {
    assert.equal(cutMiddle(text, width), cut);
    assert.ok(cut.length <= width);
  });
}

test("a sentence loses its end", () => {
  assert.equal(cutEnd("no such host", 12), "no such host");
  assert.equal(cutEnd("no such host", 8), "no such…");
  assert.equal(cutEnd("no such host", 1), "…");
});

test("lines break between words, and a word that is too long stands alone", () => {
  assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrap("see https://example.com/long now", 10), ["see", "https://example.com/long", "now"]);
  assert.deepEqual(wrap("  a \n b\t c ", 80), ["a b c"]);
  assert.deepEqual(wrap("", 80), []);
});
