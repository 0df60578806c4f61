/** Makes control characters from the cluster, and those that turn a line around, visible instead of letting the terminal obey them. */
export function visible(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, (char) => {
    if (char > "\u2000") return `<U+${char.charCodeAt(0).toString(16).toUpperCase()}>`;
    if (char === "\n") return " ";
    if (char === "\r") return "\\r";
    return char === "\x1b" ? "^[" : `^${String.fromCharCode((char.charCodeAt(0) & 0x1f) + 64)}`;
  });
}

/** Cuts the middle out of a long name: mke-2026…0742. */
export function cutMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  if (width <= 1) return "…".slice(0, width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** Cuts the end of a long sentence. */
export const cutEnd = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;

/** Breaks a sentence into lines of at most `width` columns; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
