import type { Component, ComponentStatus, WorkloadRow } from "../../health/components.ts";
import type { Unseen } from "../../health/fact.ts";
import { sourceName } from "../../mke/configuration.ts";
import { bucketPath, isAvailable, isReadOnly, unavailableReason } from "../../velero/storage-location.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { age, ageOf } from "../units.ts";

const words: Readonly<Record<ComponentStatus, string>> = {
  ok: "OK",
  warn: "WARN",
  fail: "FAIL",
  unknown: "UNKNOWN",
  none: "-",
};

/** One line for each part that backups need. */
export function componentTable(
  components: readonly Component[],
  screen: Screen,
  { verbose }: { verbose: boolean },
): string {
  const columns: readonly Column<Component>[] = [
    { header: "COMPONENT", cell: nameOf, cut: "middle" },
    { header: "STATUS", cell: ({ status }) => words[status], status: true },
    { header: "DETAIL", cell: (component, { now }) => detailOf(component, now, verbose), cut: "end" },
  ];
  return table(columns, components, screen);
}

function nameOf(component: Component): string {
  switch (component.type) {
    case "configuration":
      return "Configuration";
    case "server":
      return "Velero";
    case "node-agents":
      return "Node agents";
    case "object-store":
      return "MinIO";
    case "location":
      return component.location === undefined ? "Locations" : `Location ${component.location.metadata.name}`;
    case "schedules":
      return "Schedules";
  }
}

function detailOf(component: Component, now: Date, verbose: boolean): string {
  const seen = seenOf(component, now);
  const missing = component.unseen.filter((why) => seen === "" || verbose || why.state === "timed out");
  const rights = missing.flatMap((why) => (why.state === "forbidden" ? [why.sentence] : []));
  const forbidden = rights.length === 0 ? [] : [`no permission (${[...new Set(rights)].join(", ")})`];
  const others = missing.filter(({ state }) => state !== "forbidden").map(unseenText);
  return joined(seen, ...forbidden, ...new Set(others));
}

/** Why something is not known, to stand in its place. */
export function unseenText(why: Unseen): string {
  switch (why.state) {
    case "forbidden":
      return `no permission (${why.sentence})`;
    case "timed out":
      return `unknown (timed out after ${why.milliseconds / 1000}s)`;
    case "failed":
      return why.sentence;
  }
}

function seenOf(component: Component, now: Date): string {
  switch (component.type) {
    case "configuration": {
      const { source, provider, enabled, status } = component;
      if (source === undefined) return status === "none" ? "none found" : "";
      return `${enabled === false ? "off" : (provider ?? "no storage declared")}, from ${sourceName(source)}`;
    }
    case "server": {
      const { version, workload, status } = component;
      if (workload !== undefined) return joined(version, workloadText(workload, now));
      if (version !== undefined) return `${version} answers`;
      return component.unseen.length > 0 && status === "unknown" ? "" : "no Deployment found";
    }
    case "node-agents":
      if (component.workloads.length > 0) return component.workloads.map((one) => workloadText(one)).join(", ");
      return component.unseen.length > 0 ? "" : "none, so volumes are not backed up by file system";
    case "object-store":
      return component.workload === undefined
        ? ""
        : joined(
            workloadText(component.workload, now),
            component.persistent ? "persistent volume" : "no persistent volume",
          );
    case "location":
      return component.location === undefined
        ? component.unseen.length > 0
          ? ""
          : "none"
        : locationText(component.location, now);
    case "schedules": {
      const { active, paused, next } = component;
      if (active === 0 && paused === 0 && component.status !== "fail") {
        return component.unseen.length > 0 ? "" : "none";
      }
      const due = next === undefined ? undefined : next.at.getTime() - now.getTime();
      return joined(
        `${active} active`,
        paused > 0 ? `${paused} paused` : undefined,
        due === undefined ? undefined : due < 0 ? `next overdue ${age(-due)}` : `next in ${age(due)}`,
      );
    }
  }
}

function workloadText({ ready, wanted, since, pods }: WorkloadRow, now?: Date): string {
  if (wanted === 0 && ready === 0) return "scaled to 0";
  const restarts = pods.reduce((sum, pod) => sum + pod.restarts, 0);
  const trouble = pods.find((pod) => !pod.ready)?.trouble;
  return joined(
    `${ready}/${wanted} ready`,
    ready > 0 && since !== undefined && now !== undefined ? `up ${age(now.getTime() - since.getTime())}` : undefined,
    trouble,
    restarts > 0 ? `${restarts} restart${restarts === 1 ? "" : "s"}` : undefined,
  );
}

function locationText(location: BackupStorageLocation, now: Date): string {
  const { status } = location;
  if (!status?.phase) return "not checked yet";
  // The address stands in the problem below; here the room is short.
  const reason = unavailableReason(location).replace(/^dial tcp \S+: (?:connect: )?/, "");
  if (!isAvailable(location)) return `${status.phase}: ${reason}`;
  const { lastValidationTime } = status;
  const checked = lastValidationTime === undefined ? "" : `, checked ${ageOf(lastValidationTime, now)} ago`;
  return `${status.phase}${checked}, bucket ${bucketPath(location)}${isReadOnly(location) ? ", read-only" : ""}`;
}

const joined = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== "").join(", ");
