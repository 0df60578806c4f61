/** RFC 3339 in UTC with whole seconds, as the API server writes times. */
export const timestamp = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, "Z");
