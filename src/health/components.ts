import type { Source } from "../mke/configuration.ts";
import { nextRun } from "../velero/schedule.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import { type Fact, knownValue, type Unseen } from "./fact.ts";
import type { Facts } from "./facts.ts";
import { isAbout, type Part, type Problem, worst } from "./problem.ts";
import { isActive } from "./sources.ts";
import { type PodState, upSince, type WorkloadState } from "./workload.ts";

export type ComponentStatus = "ok" | "warn" | "fail" | "unknown" | "none";

interface Common {
  readonly part: Part;
  readonly status: ComponentStatus;
  /** Why it, or a part of it, could not be seen. */
  readonly unseen: readonly Unseen[];
}

export interface WorkloadRow {
  readonly kind: string;
  readonly name: string;
  readonly ready: number;
  readonly wanted: number;
  readonly since: Date | undefined;
  readonly pods: readonly PodState[];
  readonly image: string | undefined;
  /** As the pod says: 512Mi. */
  readonly memoryLimit: string | undefined;
}

/** One row of the screen: what it is, how it is, and the raw values that its detail is made of. */
export type Component = Common &
  (
    | {
        readonly type: "configuration";
        readonly source?: Source;
        readonly provider?: string;
        readonly enabled?: boolean;
      }
    | {
        readonly type: "server";
        readonly version?: string;
        /** The image's tag stands in where the server could not be asked. */
        readonly versionFrom?: "server" | "image";
        readonly plugins: readonly { readonly name: string; readonly kind: string }[];
        readonly workload?: WorkloadRow;
      }
    | { readonly type: "node-agents"; readonly workloads: readonly WorkloadRow[] }
    | { readonly type: "object-store"; readonly workload?: WorkloadRow; readonly persistent?: boolean }
    | { readonly type: "location"; readonly location?: BackupStorageLocation }
    | {
        readonly type: "schedules";
        readonly active: number;
        readonly paused: number;
        /** The one that runs next. */
        readonly next?: { readonly name: string; readonly at: Date };
      }
  );

/** The rows in the order of the screen. A row is as bad as the worst problem about it. */
export function componentsOf(facts: Facts, problems: readonly Problem[]): Component[] {
  const status = (part: Part, otherwise: ComponentStatus): ComponentStatus =>
    worst(problems.filter(isAbout(part))) ?? otherwise;
  return [
    configurationRow(facts, status),
    serverRow(facts, status),
    nodeAgentsRow(facts, status),
    ...objectStoreRow(facts, status),
    ...locationRows(facts, status),
    schedulesRow(facts, status),
  ];
}

type StatusOf = (part: Part, otherwise: ComponentStatus) => ComponentStatus;

function configurationRow({ configuration }: Facts, status: StatusOf): Component {
  const part = "configuration";
  const common = { part, type: part, unseen: unseenIn(configuration) } as const;
  if (configuration.state !== "known") {
    const isMissing = configuration.state === "failed" && configuration.failure?.kind === "failed";
    return { ...common, status: isMissing && configuration.failure?.reason === undefined ? "none" : "unknown" };
  }
  const { source, provider, enabled, problems } = configuration.value;
  // What a location tells is a stand-in for a configuration that is not there, or not for this user to read.
  const isDerived = source.kind === "BackupStorageLocation";
  const isHidden = problems.some(({ reason }) => reason === "Unreadable");
  return {
    ...common,
    status: status(part, isDerived ? (isHidden ? "unknown" : "none") : "ok"),
    source,
    ...(provider === undefined ? {} : { provider }),
    ...(enabled === undefined ? {} : { enabled }),
  };
}

function serverRow({ server, answer }: Facts, status: StatusOf): Component {
  const part = "server";
  const workload = knownValue(server);
  const said = knownValue(answer);
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(workload?.image ?? "")?.[1];
  const isSeen = server.state === "known" || said !== undefined;
  const version = said?.serverVersion
    ? ({ version: said.serverVersion, versionFrom: "server" } as const)
    : tag === undefined
      ? {}
      : ({ version: tag, versionFrom: "image" } as const);
  return {
    part,
    type: part,
    status: status(part, isSeen ? "ok" : "unknown"),
    unseen: unseenIn(server, answer),
    ...version,
    plugins: said?.plugins ?? [],
    ...(workload === undefined ? {} : { workload: rowOf(workload) }),
  };
}

function nodeAgentsRow({ nodeAgents }: Facts, status: StatusOf): Component {
  const part = "node-agents";
  const workloads = (knownValue(nodeAgents) ?? []).map(rowOf);
  const otherwise = nodeAgents.state !== "known" ? "unknown" : workloads.length === 0 ? "none" : "ok";
  return { part, type: part, status: status(part, otherwise), unseen: unseenIn(nodeAgents), workloads };
}

function objectStoreRow({ objectStore }: Facts, status: StatusOf): Component[] {
  const part = "object-store";
  const store = knownValue(objectStore);
  if (objectStore.state === "known" && store === undefined) return [];
  return [
    {
      part,
      type: part,
      status: status(part, store === undefined ? "unknown" : "ok"),
      unseen: unseenIn(objectStore),
      ...(store === undefined ? {} : { workload: rowOf(store), persistent: store.persistent }),
    },
  ];
}

function locationRows({ locations }: Facts, status: StatusOf): Component[] {
  if (locations.state !== "known") {
    return [{ part: "location/", type: "location", status: "unknown", unseen: unseenIn(locations) }];
  }
  if (locations.value.length === 0) return [{ part: "location/", type: "location", status: "fail", unseen: [] }];
  return locations.value.map((location) => {
    const part = `location/${location.metadata.name}` as const;
    const otherwise = location.status?.phase ? "ok" : "unknown";
    return { part, type: "location", status: status(part, otherwise), unseen: [], location };
  });
}

function schedulesRow({ schedules }: Facts, status: StatusOf): Component {
  const part = "schedules";
  const all = knownValue(schedules) ?? [];
  const next = all
    .flatMap((schedule) => {
      const at = nextRun(schedule);
      return at === undefined ? [] : [{ name: schedule.metadata.name, at }];
    })
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())[0];
  const otherwise = schedules.state !== "known" ? "unknown" : all.length === 0 ? "none" : "ok";
  return {
    part,
    type: part,
    status: status(part, otherwise),
    unseen: unseenIn(schedules),
    active: all.filter(isActive).length,
    paused: all.filter(({ spec }) => spec?.paused).length,
    ...(next === undefined ? {} : { next }),
  };
}

const unseenIn = (...facts: readonly (Fact<unknown> | undefined)[]): Unseen[] =>
  facts.filter((fact) => fact !== undefined).filter((fact) => fact.state !== "known");

function rowOf(workload: WorkloadState): WorkloadRow {
  const { kind, name, ready, wanted, image, memoryLimit, pods = [] } = workload;
  return { kind, name, ready, wanted, since: upSince(workload), pods, image, memoryLimit };
}
