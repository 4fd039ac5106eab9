import { Random } from "@/core/random.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { type NamedInstanceMap, writeInstanceMaps } from "@/formats/cellvit/mod.ts";
import { openPatchSet, type PatchSet, PatchSetWriter } from "@/formats/patches/mod.ts";
import { withTempDir } from "../../e2e/run_cli.ts";

/** Side of a planted patch, px, and how many there are. */
export const WIDTH = 96, COUNT = 7;
/** Numbers of the patches in their grid. */
export const PATCHES = Array.from({ length: COUNT }, (_, i) => 2 * i);
const PIXELS = WIDTH * WIDTH;

/** Disks of nuclei in a patch; the last patch has one only. */
export function plantedInstances(index: number): Int32Array<ArrayBuffer> {
  const random = new Random(`patch ${index}`);
  const instances = new Int32Array(PIXELS);
  for (let k = 0; k < (index === COUNT - 1 ? 1 : 9); k++) {
    const [x, y] = [16 + 32 * (k % 3), 16 + 32 * Math.floor(k / 3)];
    const radius = 8 + 3 * random.uniform();
    for (let p = 0; p < PIXELS; p++) {
      if (Math.hypot(p % WIDTH - x, Math.floor(p / WIDTH) - y) < radius) instances[p] = k + 1;
    }
  }
  return instances;
}

/** A set whose pictures are dark where nuclei are; cells are numbered alike in all patches. */
export async function plantedSet(): Promise<PatchSet> {
  const disk = new MemoryDisk();
  await withTempDir(async (scratch) => {
    const writer = await PatchSetWriter.create(disk, "/set", {
      description: {
        ...{ format: 1, slide: "heart_s9", patchWidth: WIDTH, overlap: 0 },
        image: { level: 0, width: 20 * WIDTH, height: WIDTH },
        ...{ toGlobal: [1, 0, 0, 0, 1, 0], umPerPixel: 0.25 },
        ...{ sampling: "centre", cellNumbers: "id" },
      },
      grid: { columns: 20, count: 20 },
      ...{ tissue: "Heart", images: "npy", threads: 1, scratch },
      controls: { count: 0, random: new Random("none") },
    });
    for (const [index, patch] of PATCHES.entries()) {
      const instances = plantedInstances(index);
      const nucleusIds = instances.map((label) => label === 0 ? 0 : 100 + label);
      const rgb = new Uint8Array(3 * PIXELS);
      for (let p = 0; p < PIXELS; p++) {
        rgb.set(instances[p] > 0 ? [90, 60, 140] : [240, 200, 225], 3 * p);
      }
      const cells = Int32Array.from(new Set(nucleusIds)).filter((cell) => cell > 0);
      const isCut = new Uint8Array(cells.length);
      await writer.append({ patch, instances, nucleusIds, cellIds: nucleusIds }, {
        ...{ cells, isCut },
      }, rgb);
    }
    await writer.finish();
  });
  return openPatchSet(disk, "/set");
}

/** Writes published predictions of some patches, by their index. */
export async function publish(
  path: string,
  maps: ReadonlyMap<number, Int32Array>,
  width = WIDTH,
): Promise<void> {
  const named = [...maps].map(([index, instances]): NamedInstanceMap => ({
    ...{ name: `heart_s9_${PATCHES[index]}`, instances },
    shape: [width, width],
  }));
  await writeInstanceMaps(localDisk, path, named);
}
