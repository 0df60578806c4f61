import { choose, countByNamespace, readContents, readManifests } from "../archive/contents.ts";
import { pluralOf, readObjectWord, resourceOf } from "../archive/kind-words.ts";
import { masked } from "../archive/masked.ts";
import type { ListedResource } from "../archive/resource-list.ts";
import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import { nearest } from "../core/nearest.ts";
import type { KubeObject } from "../core/resource.ts";
import { objectList, withoutManagedFields } from "../output/printer.ts";
import { backups } from "../velero/kinds.ts";
import type { Backup } from "../velero/types.ts";
import { locationOf, openArchiveOf } from "./archives.ts";
import { defineCommand } from "./command.ts";
import { empty, refuseEmpty } from "./empty-backup.ts";
import { findNamed } from "./find-named.ts";
import { readTarget } from "./target.ts";

type Contents =
  | { readonly shown: "tree"; readonly backup: Backup; readonly listed: readonly ListedResource[] }
  | { readonly shown: "table"; readonly listed: readonly ListedResource[] }
  | { readonly shown: "manifests"; readonly manifests: readonly KubeObject[]; readonly isOne: boolean };

export const command = defineCommand({
  flags: {
    namespace: {
      type: "text",
      alias: "n",
      value: "NAMESPACE",
      describe: "Only what was in this namespace; * and ? stand for any characters (Velero's own: MKEBACKUP_NAMESPACE)",
    },
    "show-secrets": { type: "switch", describe: "Show the values of Secrets, which are masked otherwise" },
  },
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 2,
  examples: [
    ["kubectl mkebackup contents nightly-20261124020000", "Namespaces and kinds, with how many of each"],
    ["kubectl mkebackup contents nightly-20261124020000 deployments", "One kind, from every namespace"],
    ["kubectl mkebackup contents nightly-20261124020000 deployment/web -n shop", "One object's manifest"],
    ["kubectl mkebackup contents nightly-20261124020000 -n shop -o wide", "Every object of a namespace"],
  ],
  async run(args, context): Promise<Contents> {
    const [word, object] = args.operands;
    if (word === undefined) throw usageFailure("say which backup", "kubectl mkebackup contents NAME");
    const { name } = readTarget(word, ["backup"]);
    const asked = { ...(object === undefined ? {} : readObjectWord(object)), namespace: args.namespace };
    const [cluster, { name: namespace }] = [await context.cluster(), await context.velero()];
    const { signal } = context;
    const backup = await findNamed(cluster, backups, { namespace, name }, { signal, list: "kubectl mkebackup list" });
    refuseEmpty(backup);
    const archive = openArchiveOf(context, cluster, { namespace, location: () => locationOf(cluster, backup, signal) });
    const all = await readContents(archive, name).catch((error: unknown) => {
      throw hasReason(error, "NotFound") ? empty(backup, error) : error;
    });
    const listed = choose(all, asked);
    if (listed.length === 0 && (object !== undefined || args.namespace !== undefined))
      throw nothingThere(all, asked, backup);
    const isOne = asked.name !== undefined && !/[*?]/.test(asked.name);
    const isDocument = args.output === "json" || args.output === "yaml";
    if (args.output === "name" || (!isOne && !(isDocument && object !== undefined))) {
      const shown = object === undefined && args.output !== "wide" && args.output !== "name" ? "tree" : "table";
      return { shown, backup, listed };
    }
    const found = await readManifests(archive, name, listed);
    const showable = found.map((manifest) => withoutManagedFields(args["show-secrets"] ? manifest : masked(manifest)));
    return { shown: "manifests", manifests: showable, isOne: isOne && showable.length === 1 };
  },
  async text(contents, screen) {
    if (contents.shown === "manifests") {
      const { stringify } = await import("../output/yaml.ts");
      return contents.manifests.map((manifest) => stringify(manifest)).join("---\n");
    }
    const { contentsTable, contentsTree } = await import("../output/views/contents.ts");
    if (contents.shown === "table") return contents.listed.length === 0 ? "" : contentsTable(contents.listed, screen);
    return contentsTree(contents.backup, countByNamespace(contents.listed), screen);
  },
  document(contents) {
    if (contents.shown === "manifests") {
      const [first] = contents.manifests;
      return contents.isOne ? first : objectList(contents.manifests);
    }
    const counts = countByNamespace(contents.listed);
    return {
      apiVersion: "mkebackup/v1",
      kind: "BackupContents",
      ...("backup" in contents ? { backup: contents.backup.metadata.name } : {}),
      count: contents.listed.length,
      namespaces: counts.filter(({ namespace }) => namespace !== ""),
      cluster: counts.find(({ namespace }) => namespace === "")?.kinds ?? [],
    };
  },
  names: (contents) => (contents.shown === "manifests" ? [] : contents.listed.map(nameOf)),
});

/** deployment.apps/web, as kubectl's -o name. */
function nameOf({ apiVersion, kind, name }: ListedResource): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  return `${kind.toLowerCase()}${group}/${name}`;
}

/** Says which part of the question has no answer: the namespace, the kind or the name. */
function nothingThere(
  all: readonly ListedResource[],
  { kind, name, namespace }: { kind?: string; name?: string | undefined; namespace: string | undefined },
  backup: Backup,
): Failure {
  const failed = (what: string, hint: string | undefined, list: string) =>
    new Failure("failed", `backup ${backup.metadata.name} holds ${what}`, {
      reason: "NotFound",
      next: [`${list}${hint === undefined ? "" : `        (nearest: ${hint})`}`],
    });
  const command = `kubectl mkebackup contents ${backup.metadata.name}`;
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  const inNamespace = choose(all, { namespace });
  if (inNamespace.length === 0) {
    const known = new Set(all.map((one) => one.namespace).filter((one) => one !== undefined));
    return failed(`nothing of namespace ${namespace}`, nearest(namespace ?? "", [...known]), command);
  }
  const ofKind = choose(all, { kind, namespace });
  if (kind !== undefined && ofKind.length === 0) {
    const names = inNamespace.flatMap((one) => [pluralOf(one.kind), resourceOf(one)]);
    const near = nearest(kind.toLowerCase(), [...new Set(names)]);
    const elsewhere = namespace !== undefined && choose(all, { kind, name }).length > 0;
    return failed(`no ${kind}${where}`, near, elsewhere ? `${command} ${kind}` : command);
  }
  const near = nearest(name ?? "", [...new Set(ofKind.map((one) => one.name))]);
  return failed(`no ${kind}/${name}${where}`, near, `${command} ${kind}`);
}
