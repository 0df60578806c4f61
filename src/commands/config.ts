import { type BackupConfiguration, dotted, sourceName } from "../mke/configuration.ts";
import { readConfigurationFile } from "../mke/file.ts";
import { readConfiguration } from "../mke/read-configuration.ts";
import { locationsIn } from "../velero/namespace.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  flags: {
    config: {
      type: "text",
      value: "FILE",
      describe: "Read this mke4.yaml, and no cluster; - reads standard input",
    },
  },
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 0,
  examples: [
    ["kubectl mkebackup config", "The backup section this cluster runs with, MKE's defaults included"],
    ["kubectl mkebackup config -o wide", "With the meaning of each field, and nothing cut"],
    ["kubectl mkebackup config --config mke4.yaml", "What a file will mean, before mkectl applies it"],
    ["kubectl mkebackup config -o json", "For scripts: values, their origin, and problems"],
  ],
  async run(args, context): Promise<BackupConfiguration> {
    if (args.config !== undefined) return readConfigurationFile(args.config);
    const cluster = await context.cluster();
    const configuration = await readConfiguration(cluster, {
      locations: async () => locationsIn(cluster, await context.velero()),
      signal: context.signal,
    });
    const warning = conflictIn(configuration);
    if (warning !== undefined) context.tell(`Warning: ${warning}`);
    return configuration;
  },
  async text(configuration, screen) {
    const { configurationView } = await import("../output/views/config.ts");
    return configurationView(configuration, screen);
  },
  document: ({ source, mkeVersion, engine, backup, fields, problems, conflict }) => ({
    apiVersion: "mkebackup/v1",
    kind: "BackupConfiguration",
    source,
    ...(mkeVersion === undefined ? {} : { mkeVersion }),
    engine,
    backup,
    fields: fields.map((field) => ({ ...field, path: dotted(field.path) })),
    problems,
    ...(conflict === undefined ? {} : { conflict }),
  }),
});

const mostNamed = 3;

/** Both sources, and the fields in which they differ. */
function conflictIn({ source, conflict }: BackupConfiguration): string | undefined {
  if (conflict === undefined) return undefined;
  const { fields } = conflict;
  const named = fields
    .slice(0, mostNamed)
    .map(({ path, value, other }) => `${path} (${said(value)}, not ${said(other)})`);
  const more = fields.length > mostNamed ? [`${fields.length - mostNamed} more (-o json names all)`] : [];
  const differences = [...named, ...more].join(", ");
  return `${sourceName(source)}, which is shown, and ${sourceName(conflict.source)} differ: ${differences}`;
}

const said = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
