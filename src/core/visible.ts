/** Makes characters from the cluster that steer the terminal or hide in a line visible instead of letting it obey them. */
export function visible(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  // Controls, formats (they turn a line around or take no room), separators of lines, halves of characters.
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char, at: number) =>
    char === "\u200d" && joinsPictures(text, at) ? char : nameOf(char),
  );
}

/** Whether a joiner stands between two emoji that are one on the screen: a family, an astronaut. */
function joinsPictures(text: string, at: number): boolean {
  const picture = String.raw`(?:[[\p{Emoji_Presentation}\p{Emoji_Modifier_Base}]&&\p{Extended_Pictographic}]\p{Emoji_Modifier}?|\p{Extended_Pictographic}\ufe0f)`;
  const before = text.slice(Math.max(0, at - 4), at);
  return new RegExp(`${picture}$`, "v").test(before) && new RegExp(`^${picture}`, "v").test(text.slice(at + 1, at + 5));
}

function nameOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === "\n") return " ";
  if (char === "\r") return "\\r";
  if (char === "\x7f") return "^?";
  if (code <= 0x9f) return char === "\x1b" ? "^[" : `^${String.fromCharCode((code & 0x1f) + 64)}`;
  return /\p{Cs}/u.test(char) ? "\ufffd" : `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** The same for a text of several lines. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n");

/** The same for a text that this program has painted. */
export const visiblePainted = (text: string): string =>
  text
    .split(/(\x1b\[(?:0|1|2|31|32|33)m)/)
    .map((part, at) => (at % 2 === 1 ? part : visibleLines(part)))
    .join("");
