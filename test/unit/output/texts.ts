import fc from "fast-check";

const nasty = ["\x1b[31m", "\x9b", "\r\n", "\u202e", "\u200b", "\u200d", "\ufe0f", "\u0301", "\ud83d", "\u2028", "\t"];
const wide = [
  "日本",
  "한글",
  "한글".normalize("NFD"),
  "👩🏽‍🚀",
  "🇩🇪",
  "☀️",
  "👁‍🗨",
  "क्षि",
  "กำ",
  "e\u0301",
  "\u1160",
  "１",
  "🇩",
];

/** Texts as a cluster may hold them: plain names, any Unicode, halves of characters, and what steers a terminal. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9.\- ]{0,12}$/) },
      fc.string({ unit: "grapheme", maxLength: 8 }),
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom(...nasty),
      { weight: 2, arbitrary: fc.constantFrom(...wide) },
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

/** What a terminal would obey or not show; not the joiner of an emoji, which is visible() alone to judge. */
export const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?!\u200d)\p{Cf}/u;

export const graphemes = (text: string): string[] =>
  Array.from(new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text), ({ segment }) => segment);
