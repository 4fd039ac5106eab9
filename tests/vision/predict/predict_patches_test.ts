import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import { openInstanceMaps, writeInstanceMaps } from "@/formats/cellvit/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { writeHdf5 } from "@/formats/hdf5/mod.ts";
import type { PatchSet } from "@/formats/patches/mod.ts";
import { BASELINE_CLASSES } from "@/vision/baseline/mod.ts";
import {
  baselineThreshold,
  matchPublishedMaps,
  type PredictedBlock,
  type PredictOptions,
  type PredictorSpec,
  predictPatches,
} from "@/vision/predict/mod.ts";
import { withTempDir } from "../../e2e/run_cli.ts";
import { COUNT, PATCHES, plantedInstances, plantedSet, publish, WIDTH } from "./planted_set.ts";

const set = await plantedSet();
const threshold = await baselineThreshold(set, 0.25, { count: 3, random: new Random("drawn") });
const baseline = { kind: "baseline", umPerPx: 0.25, threshold } as const;

async function blocksOf(
  spec: PredictorSpec,
  options: PredictOptions = {},
  from: PatchSet = set,
): Promise<PredictedBlock[]> {
  const blocks: PredictedBlock[] = [];
  for await (const block of predictPatches(from, spec, options)) blocks.push(block);
  return blocks;
}

/** All that is predicted, by patch. */
function contentOf(blocks: readonly PredictedBlock[]) {
  return blocks.flatMap((block) =>
    Array.from(block.patches, (patch, i) => ({
      ...{ patch, instances: block.instances(i), truth: block.truth(i) },
      ...{ nuclei: block.nuclei[i], predicted: block.predicted[i] },
      evaluation: block.evaluations[i],
    }))
  );
}

/** Pixels by class of each cell, over all blocks. */
function pixelsOf(blocks: readonly PredictedBlock[]): Map<number, number[]> {
  const sums = new Map<number, number[]>();
  for (const { classPixels } of blocks) {
    classPixels?.cells.forEach((cell, row) => {
      const classes = BASELINE_CLASSES.length;
      const counts = [...classPixels.counts.subarray(row * classes, (row + 1) * classes)];
      sums.set(cell, (sums.get(cell) ?? counts.map(() => 0)).map((sum, i) => sum + counts[i]));
    });
  }
  return new Map([...sums].sort(([a], [b]) => a - b));
}

Deno.test("predictPatches() finds planted nuclei with the baseline, and what is under each", async () => {
  const blocks = await blocksOf(baseline, { blockPatches: 3 });
  assertEquals(blocks.map(({ first, patches }) => [first, patches.length]), [[0, 3], [3, 3], [
    6,
    1,
  ]]);
  for (const [index, found] of contentOf(blocks).entries()) {
    assertEquals(found.truth, plantedInstances(index));
    assertEquals([found.nuclei, found.predicted], index === COUNT - 1 ? [1, 1] : [9, 9]);
    assert(found.evaluation!.dice > 0.9, `${found.evaluation!.dice}`);
    assert(found.evaluation!.binary!.pq > 0.8);
  }
  const first = PATCHES.map((_, index) =>
    plantedInstances(index).filter((label) => label === 1).length
  );
  const counts = pixelsOf(blocks).get(101)!;
  assertEquals(counts.reduce((a, b) => a + b), first.reduce((a, b) => a + b));
  assert(counts[0] < 0.2 * counts.reduce((a, b) => a + b), "nuclei are background");
});

Deno.test("predictPatches() gives the same for any workers, blocks and blocks that were kept", async () => {
  const expected = contentOf(await blocksOf(baseline, { blockPatches: 2 }));
  const pixels = pixelsOf(await blocksOf(baseline, { blockPatches: 2 }));
  for (const options of [{ blockPatches: 5 }, { workers: 2, blockPatches: 2 }, { workers: 3 }]) {
    const blocks = await blocksOf(baseline, options);
    assertEquals(contentOf(blocks), expected);
    assertEquals(pixelsOf(blocks), pixels);
  }
  const kept = new Map<number, Uint8Array>();
  const keep = (block: number, bytes: Uint8Array) => {
    kept.set(block, bytes);
    return Promise.resolve();
  };
  await blocksOf(baseline, { blockPatches: 2, keep });
  const inWorkers = new Map<number, Uint8Array>();
  await blocksOf(baseline, {
    ...{ blockPatches: 2, workers: 3 },
    keep: (block, bytes) => Promise.resolve(void inWorkers.set(block, bytes)),
  });
  assertEquals(new Map([...inWorkers].sort(([a], [b]) => a - b)), kept);
  kept.delete(1);
  // Damaged: it is computed again.
  kept.set(2, kept.get(2)!.subarray(0, 100));
  const again: number[] = [];
  const resumed = await blocksOf(baseline, {
    blockPatches: 2,
    kept: (block) => Promise.resolve(kept.get(block)),
    keep: (block) => Promise.resolve(void again.push(block)),
  });
  assertEquals(contentOf(resumed), expected);
  assertEquals(pixelsOf(resumed), pixels);
  assertEquals(again, [1, 2]);
});

Deno.test("predictPatches() does not take a kept block for one of other patches", async () => {
  let bytes: Uint8Array | undefined;
  await blocksOf(baseline, {
    blockPatches: 3,
    keep: (block, kept) => {
      if (block === 0) bytes = kept;
      return Promise.resolve();
    },
  });
  const again: number[] = [];
  await blocksOf(baseline, {
    blockPatches: 3,
    kept: () => Promise.resolve(bytes),
    keep: (block) => Promise.resolve(void again.push(block)),
  });
  assertEquals(again, [1, 2]);
});

Deno.test("predictPatches() does not take a kept block for one that was predicted in another way", async () => {
  const kept = new Map<number, Uint8Array>();
  const blockPatches = 4;
  await blocksOf(baseline, {
    blockPatches,
    keep: (block, bytes) => Promise.resolve(void kept.set(block, bytes)),
  });
  const computed = async (spec: PredictorSpec, magnification: 40 | 20) => {
    let count = 0;
    await blocksOf(spec, {
      ...{ blockPatches, magnification },
      kept: (block) => Promise.resolve(kept.get(block)),
      keep: () => Promise.resolve(void count++),
    });
    return count;
  };
  assertEquals(await computed(baseline, 40), 0);
  assertEquals(await computed(baseline, 20), 2);
  assertEquals(await computed({ ...baseline, threshold: 1.01 * threshold }, 40), 2);
});

Deno.test("predictPatches() compares published maps, and says of which patches there are none", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/maps.h5`;
    const exact = plantedInstances(0).map((label) => 3 * label);
    const half = plantedInstances(1).map((label) => label > 4 ? 0 : label);
    await publish(path, new Map([[0, exact], [1, half], [2, new Int32Array(WIDTH * WIDTH)]]));
    const found = contentOf(await blocksOf({ kind: "published", path, slide: "heart_s9" }));
    assertEquals(found.map(({ instances }) => instances !== undefined), [
      ...[true, true, true],
      ...[false, false, false, false],
    ]);
    assertEquals(found[0].instances, exact);
    assertEquals([found[0].evaluation!.dice, found[0].evaluation!.jaccard], [1, 1]);
    assert(found[0].evaluation!.binary!.pq > 0.999999);
    assertEquals(found[1].predicted, 4);
    const { detection } = found[1].evaluation!;
    const sum = (counts: Int32Array) => counts.reduce((a, b) => a + b);
    assertEquals([detection.pairs, detection.missed, detection.spurious].map(sum), [4, 5, 0]);
    assertEquals([found[2].predicted, found[2].evaluation!.dice], [0, 0]);
    assertEquals([found[3].evaluation, found[3].nuclei], [undefined, 9]);
  }));

Deno.test("predictPatches() counts pairs of 20x predictions within half as many pixels", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/maps.h5`, shifted = new Int32Array(WIDTH * WIDTH);
    plantedInstances(0).forEach((label, p) => {
      if (p % WIDTH < WIDTH - 9) shifted[p + 9] = label;
    });
    await publish(path, new Map([[0, shifted]]));
    const pairs = async (magnification: 40 | 20) => {
      const [block] = await blocksOf({ kind: "published", path, slide: "heart_s9" }, {
        magnification,
      });
      return block.evaluations[0]!.detection.pairs.reduce((a, b) => a + b);
    };
    assert(await pairs(40) >= 6);
    assertEquals(await pairs(20), 0);
  }));

Deno.test("predictPatches() refuses maps of another size, and passes on what a file's maps lack", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/maps.h5`,
      spec = { kind: "published", path, slide: "heart_s9" } as const;
    await publish(path, new Map([[0, new Int32Array(64 * 64)]]), 64);
    const error = await assertRejects(() => blocksOf(spec), SthelarError, "64 x 64 px");
    assertEquals([error.tag, error.path], ["CorruptData", path]);
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.subarray(0, bytes.length >> 1));
    const cut = await assertRejects(() => blocksOf(spec), SthelarError);
    assertEquals([cut.tag, cut.path], ["CorruptData", path]);
    await assertRejects(
      () => blocksOf({ ...spec, path: `${folder}/none.h5` }),
      SthelarError,
      "none.h5",
    );
  }));

Deno.test("predictPatches() refuses published maps of another slide, and says which there are", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/maps.h5`;
    await publish(path, new Map([[0, plantedInstances(0)], [2, plantedInstances(2)]]));
    const error = await assertRejects(
      () => blocksOf({ kind: "published", path, slide: "skin_s1" }),
      SthelarError,
      "found 2 maps, of none of them: heart_s9_0, heart_s9_4, expected maps of 7 patches: 0, 2, 4",
    );
    assertEquals([error.tag, error.path], ["IdMismatch", path]);
  }));

Deno.test("matchPublishedMaps() counts maps of other slides and of patches that were not kept", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/maps.h5`, shape = [2, 2] as const, instances = new Int32Array(4);
    const names = ["heart_s9_2", "4", "heart_s9_3", "skin_s1_2"];
    await writeInstanceMaps(localDisk, path, names.map((name) => ({ name, instances, shape })));
    using maps = await openInstanceMaps(path, "heart_s9");
    assertEquals(matchPublishedMaps(maps, set), { matched: 2, foreign: 2 });
  }));

Deno.test("predictPatches() refuses ids that are no whole numbers, by the name of the map", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/maps.h5`;
    for (const id of [NaN, 2.5]) {
      await writeHdf5(localDisk, path, (file) => {
        const lists = {
          data: Float32Array.of(id),
          indices: Int32Array.of(3),
          indptr: new Int32Array(WIDTH + 1).fill(1, 1),
          shape: BigInt64Array.of(BigInt(WIDTH), BigInt(WIDTH)),
        };
        for (const [part, data] of Object.entries(lists)) {
          file.write(`heart_s9_2_${part}`, { data, shape: [data.length] });
        }
      });
      for (const workers of [1, 2]) {
        const error = await assertRejects(
          () => blocksOf({ kind: "published", path, slide: "heart_s9" }, { workers }),
          SthelarError,
          `"heart_s9_2" of "${path}": found the id ${id}`,
        );
        assertEquals([error.tag, error.path], ["CorruptData", path]);
      }
    }
  }));

Deno.test("predictPatches() does not mind how large the numbers of published nuclei are", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/maps.h5`, small = plantedInstances(1);
    // Float32 holds these exactly.
    const large = small.map((label) => label === 0 ? 0 : 2 ** 30 + 128 * label);
    const evaluated = [];
    for (const instances of [small, large]) {
      await publish(path, new Map([[1, instances]]));
      const [block] = await blocksOf({ kind: "published", path, slide: "heart_s9" });
      assertEquals(block.instances(1), instances);
      evaluated.push([block.predicted[1], block.evaluations[1]]);
    }
    assertEquals(evaluated[0][0], 9);
    assertEquals(evaluated[1], evaluated[0]);
  }));

Deno.test("predictPatches() stops when it is told to, with one of our errors", async () => {
  for (const workers of [1, 2]) {
    const stop = new AbortController();
    const blocks = predictPatches(set, baseline, { workers, blockPatches: 1, signal: stop.signal });
    await blocks.next();
    stop.abort();
    const error = await assertRejects(() => blocks.next(), SthelarError);
    assertEquals(error.tag, "Aborted");
  }
});

Deno.test("baselineThreshold() is the same for the same draw, and refuses patches of one colour", async () => {
  const drawn = { count: 3, random: new Random("drawn") };
  assertEquals(await baselineThreshold(set, 0.25, drawn), threshold);
  const blank = Object.assign(Object.create(set) as PatchSet, {
    image: () => Promise.resolve(new Uint8Array(3 * WIDTH * WIDTH).fill(255)),
  });
  const random = new Random("drawn");
  await assertRejects(
    () => baselineThreshold(blank, 0.25, { count: 2, random }),
    SthelarError,
    "one colour",
  );
});
