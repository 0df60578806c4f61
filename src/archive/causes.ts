/** Sentences that say the same about different objects. */
export interface Cause {
  readonly text: string;
  readonly count: number;
  /** Namespaces and objects it happened to, as far as the sentences tell. */
  readonly places: readonly string[];
}

/** One sentence, and where it belongs; "" when it does not say. */
export interface Told {
  readonly text: string;
  readonly place: string;
}

const quoted = /"[^"]*"/g;

/** A sentence without the names that it quotes: the same cause reads the same for every object. */
export const skeleton = (text: string): string => text.replace(quoted, '"…"');

/** Groups sentences by cause, most frequent first. Names that they quote are told only where all say the same one. */
export function groupByCause(all: readonly Told[]): Cause[] {
  return [...Map.groupBy(all, ({ text }) => skeleton(text)).values()]
    .map((group) => ({
      text: common(group.map(({ text }) => text)),
      count: group.length,
      places: [...new Set(group.map(({ place }) => place).filter((place) => place !== ""))],
    }))
    .sort((a, b) => b.count - a.count);
}

function common(texts: readonly string[]): string {
  const [first = "", ...others] = new Set(texts);
  if (others.length === 0) return first;
  const names = others.map((text) => text.match(quoted) ?? []);
  let at = -1;
  return first.replace(quoted, (name) => {
    at += 1;
    return names.every((own) => own[at] === name) ? name : '"…"';
  });
}
