export { visible } from "../core/visible.ts";

/** Characters of one cell each that never join their neighbours: ASCII, Latin, Greek, Cyrillic, and the signs of our sentences. */
const simple = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0391-\u0482\u2010-\u2015\u2018-\u201f\u2026\u2190\u2192]*$/;

/** How many cells of a terminal a text takes: two for a Chinese character or an emoji, none for an accent that is put on a letter. */
export function cells(text: string): number {
  if (simple.test(text)) return text.length;
  // Written where they are used: regular expressions of this kind cost a millisecond, which most texts need not pay.
  const emoji =
    /\p{RI}{2}|(?:\p{Emoji}\ufe0f\u20e3?|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{Emoji_Presentation})(?:\u200d(?:\p{Emoji}\ufe0f|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}?|\p{Emoji_Presentation}))*/gu;
  // Unicode's East Asian Width, which has no name in regular expressions, by scripts and blocks.
  const wide =
    /[[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\p{Script=Nushu}\u2e80-\u303e\u3099-\u4dff\ua490-\ua4cf\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{1f200}-\u{1f265}]--[\u02ea\u02eb\u3248-\u324f\uff61-\uffdc]]/gv;
  const spacing = text
    .normalize("NFC")
    .replace(emoji, "##")
    .replace(/[\p{M}\u200d]/gu, "");
  return [...spacing.replace(wide, "##")].length;
}

/** Cuts the middle out of a long name: mke-2026…0742. */
export function cutMiddle(text: string, width: number): string {
  if (cells(text) <= width) return text;
  if (width <= 1) return "…".slice(0, width);
  const tail = Math.floor((width - 1) / 2);
  const head = width - 1 - tail;
  if (simple.test(text)) return `${text.slice(0, head)}…${text.slice(text.length - tail)}`;
  const characters = charactersOf(text);
  const end = fitting(characters.toReversed(), tail).toReversed();
  return `${fitting(characters, head).join("")}…${end.join("")}`;
}

/** Cuts the end of a long sentence. */
export function cutEnd(text: string, width: number): string {
  if (cells(text) <= width) return text;
  if (width <= 1) return "…".slice(0, width);
  return `${simple.test(text) ? text.slice(0, width - 1) : fitting(charactersOf(text), width - 1).join("")}…`;
}

/** Moves a text to the right end of `width` cells. */
export const padStart = (text: string, width: number): string => " ".repeat(Math.max(width - cells(text), 0)) + text;

/** Breaks a sentence into lines of at most `width` cells; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let room = 0;
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const size = cells(word);
    if (lines.length > 0 && size < room) {
      lines[lines.length - 1] += ` ${word}`;
      room -= size + 1;
    } else {
      lines.push(word);
      room = width - size;
    }
  }
  return lines;
}

/** Breaks a sentence as wrap() does, and a word that is longer than a line (a URL, a sentence without spaces) into pieces. */
export const wrapHard = (text: string, width: number): string[] =>
  wrap(text, width).flatMap((line) => (cells(line) <= width ? [line] : pieces(line, width)));

function pieces(word: string, width: number): string[] {
  const lines: string[] = [];
  let rest = charactersOf(word);
  while (rest.length > 0) {
    // A character that is wider than a line is a line.
    const line = rest.slice(0, Math.max(fitting(rest, width).length, 1));
    lines.push(line.join(""));
    rest = rest.slice(line.length);
  }
  return lines;
}

/** As many of the first characters as `width` cells hold. */
function fitting(characters: readonly string[], width: number): string[] {
  let room = width;
  const end = characters.findIndex((character) => {
    room -= cells(character);
    return room < 0;
  });
  return characters.slice(0, end === -1 ? characters.length : end);
}

/** What a reader takes for one character: a letter with its accents, a joined emoji. */
function charactersOf(text: string): string[] {
  // The first segmenter of a program costs it more than ten milliseconds: simple texts do without.
  if (simple.test(text)) return [...text];
  return Array.from(new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text), ({ segment }) => segment);
}
