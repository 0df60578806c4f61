import { distributedSituations } from "./distributed.ts";
import { externalSituations } from "./external.ts";
import { locationSituations } from "./locations.ts";
import { runSituations } from "./runs.ts";
import { serverSituations } from "./servers.ts";
import type { Situation } from "./situation.ts";
import { storeSituations } from "./stores.ts";
import { surroundingSituations } from "./surroundings.ts";

/** What breaks least comes first: a server that restarts, and a store that loses everything, come last. */
export const situations: readonly Situation[] = [
  ...locationSituations,
  ...surroundingSituations,
  ...externalSituations,
  ...runSituations,
  ...serverSituations,
  ...storeSituations,
  ...distributedSituations,
];
