/** Rules that are still to be written: what the report says instead today; undefined when it says nothing. */
const today: Readonly<Record<string, string | undefined>> = {
  "storage.credentials.invalid": "location.unavailable",
  "storage.credentials.expired": "location.unavailable",
  "storage.credentials.missing": "location.unavailable",
  "storage.denied": "location.unavailable",
  "storage.bucket.missing": "location.unavailable",
  "storage.bucket.stray-directory": "location.unavailable",
  "storage.region.wrong": "location.unavailable",
  "storage.tls.untrusted": "location.unavailable",
  "storage.unreachable": "location.unavailable",
  "storage.lost": "location.unavailable",
  "storage.down": "location.unavailable",
  "location.config.invalid": "location.unavailable",
  "server.memory": undefined,
  "agents.missing": undefined,
  "location.several-defaults": undefined,
  "volume.left-behind": undefined,
  "deletion.failed": undefined,
  "repository.not-ready": undefined,
  "api.unavailable": undefined,
  "namespace.terminating": undefined,
  "engine.several": undefined,
  "config.drift": undefined,
  "rights.missing": undefined,
  "backup.duplicate": undefined,
};

/** Undefined when the report cannot know the situation yet. */
export function expectedToday(ids: readonly string[]): readonly string[] | undefined {
  const known = ids.map((id) => (Object.hasOwn(today, id) ? today[id] : id));
  return known.includes(undefined) ? undefined : [...new Set(known as string[])];
}
