import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { veleroPath } from "./cluster-state.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.stop());

interface Volumes {
  readonly items: { readonly status?: { readonly phase?: string; readonly message?: string } }[];
}

test("a pod volume fails: PartiallyFailed, exit 3, and the volume's own message is shown", async () => {
  const name = uniqueName("partial");
  const undo = await world.failVolumeBackups();
  try {
    const outcome = await world.run(`create ${name} --include-namespaces shop --default-volumes-to-fs-backup`);
    assertExit(outcome, 3);
    assert.match(outcome.stdout, new RegExp(`^Backup ${name} PartiallyFailed after \\d+`));
    const volumes = (await world.api.get(
      `${veleroPath("podvolumebackups")}?labelSelector=velero.io%2Fbackup-name%3D${name}`,
    )) as unknown as Volumes;
    const failed = volumes.items.find(({ status }) => status?.phase === "Failed" || status?.phase === "Canceled");
    const message = failed?.status?.message ?? "";
    assert.notEqual(message, "", "Velero says why");
    // The names that a message quotes differ from volume to volume, and its cause does not.
    const bare = (text: string) =>
      text
        .replace(/\s+/g, " ")
        .replace(/"[^"]*"/g, "")
        .trim();
    assert.ok(bare(outcome.stdout).includes(bare(message)), `the screen holds ${message}:\n${outcome.stdout}`);
    assert.match(outcome.stdout, / x {2}pod volume failed: /);
    assert.match(outcome.stdout, /shop\/web-\S+ data/);
    assert.match(
      outcome.stderr,
      new RegExp(
        `error: Backup ${name} ended PartiallyFailed\nnext  kubectl mkebackup describe backup/${name} -n mke\n      kubectl mkebackup logs backup/${name} --level error -n mke\n$`,
      ),
    );
  } finally {
    await undo();
  }
});
