import { locationSituations } from "./locations.ts";
import { serverSituations } from "./servers.ts";
import type { Situation } from "./situation.ts";

export const situations: readonly Situation[] = [...locationSituations, ...serverSituations];
