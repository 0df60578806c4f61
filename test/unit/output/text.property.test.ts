import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import stringWidth from "fast-string-width";
import { cells, cutEnd, cutMiddle, padStart, visible, wrap, wrapHard } from "../../../src/output/text.ts";
import { anyText, graphemes, unprintable } from "./texts.ts";

const shownText = anyText.map(visible);
const width = fc.integer({ min: 0, max: 40 });

test("whatever a text holds, nothing is left in it that a terminal obeys", () => {
  fc.assert(fc.property(anyText, (text) => assert.doesNotMatch(visible(text), unprintable)));
});

test("a text that was made visible stays as it is", () => {
  fc.assert(fc.property(shownText, (text) => assert.equal(visible(text), text)));
});

test("letters, syllables and emoji are as wide as a package knows that looks them up", () => {
  const blocks = [
    "\xa1\xac",
    "\xae\u02ff",
    "Ωω",
    "Яя",
    "את",
    "กฮ",
    "ぁヺ",
    "一鿿",
    "가힣",
    "！｠",
    "ｦﾝ",
    "─┿",
    "😀🙏",
    "🚀🛅",
    "𠀀𪛖",
  ];
  const letter = fc.constantFrom(...blocks).chain((block) => {
    const [min = 0, max = 0] = [...block].map((end) => end.codePointAt(0));
    return fc.integer({ min, max }).map((code) => String.fromCodePoint(code));
  });
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 9 }), (letters) => {
      assert.equal(cells(letters.join("")), stringWidth(letters.join("")));
    }),
  );
});

test("the cells of a text are those of its characters together", () => {
  fc.assert(
    fc.property(shownText, (text) => {
      const sum = graphemes(text).reduce((total, one) => total + cells(one), 0);
      assert.equal(cells(text), sum);
    }),
  );
});

for (const [name, cut] of Object.entries({ cutMiddle, cutEnd })) {
  test(`${name} never exceeds the width, and changes nothing that fits`, () => {
    fc.assert(
      fc.property(shownText, width, (text, most) => {
        const result = cut(text, most);
        assert.ok(cells(result) <= most);
        if (cells(text) <= most) assert.equal(result, text);
        else assert.ok(most === 0 || result.includes("…"));
      }),
    );
  });

  test(`${name} takes characters whole: what it leaves are the first and the last of them`, () => {
    fc.assert(
      fc.property(
        shownText.filter((text) => !text.includes("…")),
        width,
        (text, most) => {
          const result = cut(text, most);
          if (result === text || result === "") return;
          const [head = "", tail = ""] = result.split("…");
          const all = graphemes(text);
          const [first, last] = [graphemes(head).length, graphemes(tail).length];
          assert.equal(head, all.slice(0, first).join(""));
          assert.equal(tail, all.slice(all.length - last).join(""));
        },
      ),
    );
  });
}

test("padStart fills up to the width and cuts nothing", () => {
  fc.assert(
    fc.property(shownText, width, (text, most) => {
      assert.equal(cells(padStart(text, most)), Math.max(cells(text), most));
      assert.ok(padStart(text, most).endsWith(text));
    }),
  );
});

test("wrap keeps all words in order, and only a word alone is longer than a line", () => {
  fc.assert(
    fc.property(shownText, fc.integer({ min: 1, max: 40 }), (text, most) => {
      const lines = wrap(text, most);
      assert.equal(
        lines.join(" "),
        text
          .split(/\s+/)
          .filter((word) => word !== "")
          .join(" "),
      );
      for (const line of lines) assert.ok(cells(line) <= most || !/\s/.test(line), line);
    }),
  );
});

test("wrap fills each line: the next word would not have fitted", () => {
  fc.assert(
    fc.property(shownText, fc.integer({ min: 1, max: 40 }), (text, most) => {
      const lines = wrap(text, most);
      for (const [at, line] of lines.slice(0, -1).entries()) {
        const next = lines[at + 1]?.split(" ")[0] ?? "";
        assert.ok(cells(line) + 1 + cells(next) > most);
      }
    }),
  );
});

test("wrapHard never exceeds the width and loses nothing but spaces", () => {
  fc.assert(
    fc.property(shownText, fc.integer({ min: 3, max: 40 }), (text, most) => {
      const lines = wrapHard(text, most);
      assert.equal(lines.join("").replace(/\s/g, ""), text.replace(/\s/g, ""));
      for (const line of lines) assert.ok(cells(line) <= most || graphemes(line).length === 1, line);
    }),
  );
});
