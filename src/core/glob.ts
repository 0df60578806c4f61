/** Whether a text is what a pattern with `*` and `?` means; every other character is itself. */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const source = RegExp.escape(pattern.replace(/\*+/g, "*")).replace(/\\\*/g, ".*").replace(/\\\?/g, ".");
  const expression = new RegExp(`^${source}$`, "su");
  return (text) => expression.test(text);
}
