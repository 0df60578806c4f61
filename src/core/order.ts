/**
 * Compares by character codes, as API servers order names and RFC 3339 times order themselves. localeCompare builds ICU's
 * collator on its first call, which takes longer than a request.
 */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
