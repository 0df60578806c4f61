import { forgetRepositories, locationBecomes, phase, scale, veleroPath } from "../cluster-state.ts";
import { eventually, type World } from "../world.ts";
import { addBucket, addLocation } from "./locations.ts";
import { made, pause, type Situation } from "./situation.ts";

/** Its Service leads to a new pod a moment after that is ready. */
export async function storeAnswers({ storeUrl }: World): Promise<void> {
  const answers = () =>
    fetch(storeUrl).then(
      () => true,
      () => false,
    );
  await eventually("MinIO answers", answers, (seen) => seen);
}

/** MinIO runs again, empty; Velero knows it, and forgets what it kept there. */
async function bringBack(world: World): Promise<void> {
  const { api } = world;
  await scale(api, "minio", 1);
  await storeAnswers(world);
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
