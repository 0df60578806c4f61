import { forgetRepositories, locationBecomes, phase, scale, veleroPath } from "../cluster-state.ts";
import { eventually, type World } from "../world.ts";
import { addBucket, addLocation } from "./locations.ts";
import { made, pause, type Situation } from "./situation.ts";

/** MinIO runs again, empty; Velero knows it, and forgets what it kept there. */
async function bringBack({ api, storeUrl }: World): Promise<void> {
  await scale(api, "minio", 1);
  // Its Service leads to the new pod a moment later.
  const answers = () =>
    fetch(storeUrl).then(
      () => true,
      () => false,
    );
  await eventually("MinIO answers", answers, (seen) => seen);
  await locationBecomes(api, "Available");
  await forgetRepositories(api);
}

/** These empty MinIO. */
export const storeSituations: readonly Situation[] = [
  {
    name: "MinIO scaled to 0",
    expect: ["storage.down"],
    make: async (world) => {
      await scale(world.api, "minio", 0);
      return () => bringBack(world);
    },
  },
  {
    name: "MinIO restarted, and its second bucket is gone",
    expect: ["storage.lost"],
    // 1.13 looks at a location that it knows once a minute, whatever the location says.
    limit: 90_000,
    make: (world) =>
      made(async (undoing) => {
        const location = await addLocation(world, undoing, { bucket: await addBucket(world, undoing) });
        const path = `${veleroPath("backupstoragelocations")}/${location}`;
        await eventually(
          `location ${location} is available`,
          () => phase(world.api, path),
          (seen) => seen === "Available",
        );
        // Times of objects are whole seconds, and the pod has to be the younger one.
        await pause(1100);
        await scale(world.api, "minio", 0);
        await bringBack(world);
      }),
  },
];
