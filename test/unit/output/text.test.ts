import assert from "node:assert/strict";
import { test } from "node:test";
import { cells, cutEnd, cutMiddle, padStart, visible, wrap, wrapHard } from "../../../src/output/text.ts";

const shown: [what: string, text: string, seen: string][] = [
  ["an escape sequence", "\x1b[31mred\x1b[0m", "^[[31mred^[[0m"],
  ["a bell and a null", "a\x07b\x00c", "a^Gb^@c"],
  ["a tab", "a\tb", "a^Ib"],
  ["a line break", "a\nb", "a b"],
  ["a return, which would hide what stands before it", "safe\rfake", "safe\\rfake"],
  ["the one-byte form of an escape sequence", "\x9b31m", "^[31m"],
  ["a deletion", "a\x7fb", "a^?b"],
  ["what turns a line around", "a\u202eb\u2066c\u200fd\u061ce", "a<U+202E>b<U+2066>c<U+200F>d<U+061C>e"],
  ["what takes no room", "a\u200bb\ufeffc\u2060d\u00ade", "a<U+200B>b<U+FEFF>c<U+2060>d<U+00AD>e"],
  ["a line break of Unicode", "a\u2028b\u2029c", "a<U+2028>b<U+2029>c"],
  ["a message hidden in tags", "a\u{e0061}", "a<U+E0061>"],
  ["half a character", "a\ud83d", "a\ufffd"],
  ["a joiner between letters", "a\u200db", "a<U+200D>b"],
  ["a picture joined of several", "👩🏽‍🚀 🏴‍☠️ 👨‍👩‍👧", "👩🏽‍🚀 🏴‍☠️ 👨‍👩‍👧"],
  ["plain text of any language", "Größe 日本 ✓ e\u0301 🇩🇪", "Größe 日本 ✓ e\u0301 🇩🇪"],
];
for (const [what, text, seen] of shown) {
  test(`${what} is shown, not obeyed`, () => {
    assert.equal(visible(text), seen);
    assert.doesNotMatch(visible(text), /[\x00-\x1f\x7f-\x9f]/);
  });
}

const widths: [text: string, width: number][] = [
  ["", 0],
  ["nightly", 7],
  ["Größe · 1…2", 11],
  ["日本", 4],
  ["한글", 4],
  ["한글".normalize("NFD"), 4],
  ["e\u0301", 1],
  ["👩🏽‍🚀", 2],
  ["🇩🇪", 2],
  ["☀️", 2],
];
for (const [text, width] of widths) {
  test(`${text} takes ${width} cells`, () => assert.equal(cells(text), width));
}

const middles: [text: string, width: number, cut: string][] = [
  ["mke-20261124-070742", 19, "mke-20261124-070742"],
  ["mke-20261124-070742", 18, "mke-20261…4-070742"],
  ["abcdef", 5, "ab…ef"],
  ["abcdef", 4, "ab…f"],
  ["abcdef", 2, "a…"],
  ["abcdef", 1, "…"],
  ["abcdef", 0, ""],
  ["日本日本日本", 12, "日本日本日本"],
  ["日本日本日本", 11, "日本…日本"],
  ["日本日本日本", 10, "日本…日本"],
  ["日本日本日本", 8, "日本…本"],
  ["ab👩🏽‍🚀cdef👩🏽‍🚀gh", 9, "ab👩🏽‍🚀…👩🏽‍🚀gh"],
  ["e\u0301".repeat(5), 4, "e\u0301e\u0301…e\u0301"],
];
for (const [text, width, cut] of middles) {
  test(`${text} in ${width} columns is ${JSON.stringify(cut)}`, () => {
    assert.equal(cutMiddle(text, width), cut);
    assert.ok(cells(cut) <= width);
  });
}

test("a sentence loses its end", () => {
  assert.equal(cutEnd("no such host", 12), "no such host");
  assert.equal(cutEnd("no such host", 8), "no such…");
  assert.equal(cutEnd("no such host", 1), "…");
  assert.equal(cutEnd("no such host", 0), "");
  assert.equal(cutEnd("磁盘空间不足", 8), "磁盘空…");
  assert.equal(cutEnd("磁盘空间不足", 7), "磁盘空…");
  assert.equal(cutEnd("ok 👩🏽‍🚀👩🏽‍🚀", 6), "ok 👩🏽‍🚀…");
});

test("lines break between words, and a word that is too long stands alone", () => {
  assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrap("see https://example.com/long now", 10), ["see", "https://example.com/long", "now"]);
  assert.deepEqual(wrap("  a \n b\t c ", 80), ["a b c"]);
  assert.deepEqual(wrap("", 80), []);
});

test("lines of wide characters are measured in cells, and a sentence without spaces is cut into lines only where asked", () => {
  assert.deepEqual(wrap("磁盘 空间 不足", 9), ["磁盘 空间", "不足"]);
  assert.deepEqual(wrap("磁盘空间不足", 5), ["磁盘空间不足"]);
  assert.deepEqual(wrapHard("no 磁盘空间不足 left", 5), ["no", "磁盘", "空间", "不足", "left"]);
  assert.deepEqual(wrapHard("see https://example.com", 10), ["see", "https://ex", "ample.com"]);
});

test("what is moved to the right ends in the same cell", () => {
  assert.equal(padStart("日本", 6), "  日本");
  assert.equal(padStart("nightly", 3), "nightly");
});
