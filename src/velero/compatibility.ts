/** The minor versions whose whole cycle is run by this project's tests on a real cluster. */
export const testedVelero = ["1.13", "1.18"] as const;
/** The lines of MKE whose configuration this program knows. */
const knownMke = ["4.0", "4.1"] as const;

/** Says what is unproven about these versions; undefined when all is known, or nothing is. */
export function untriedTogether(velero: string | undefined, mke: string | undefined): string | undefined {
  const [ours, theirs] = [minorOf(velero), minorOf(mke)];
  const unknown: string[] = [];
  if (ours !== undefined && !testedVelero.some((minor) => minor === ours)) {
    unknown.push(`Velero ${velero} (tested with ${testedVelero.join(" and ")})`);
  }
  if (theirs !== undefined && !knownMke.some((minor) => minor === theirs)) {
    unknown.push(`MKE ${mke} (known: ${knownMke.join(" and ")})`);
  }
  return unknown.length === 0 ? undefined : `this version was not tried with ${unknown.join(" and ")}`;
}

const minorOf = (version: string | undefined): string | undefined => /^v?(\d+\.\d+)/.exec(version ?? "")?.[1];
