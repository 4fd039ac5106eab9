import type { Random } from "@/core/random.ts";
import type { PatchSet } from "@/formats/patches/mod.ts";
import { type BaselineOptions, BaselineSegmenter, StainHistogram } from "@/vision/baseline/mod.ts";

/**
 * The stain above which the baseline sees nuclei: one for a slide, of patches drawn by chance.
 *
 * @param umPerPx Of the patches.
 * @param sample How many patches are looked at, and what draws them.
 * @returns 0 for a set without patches.
 * @throws {SthelarError} `InvalidArgument` for patches of one colour.
 */
export async function baselineThreshold(
  set: PatchSet,
  umPerPx: number,
  sample: { readonly count: number; readonly random: Random; readonly options?: BaselineOptions },
): Promise<number> {
  if (set.count === 0) return 0;
  const size = { width: set.patchWidth, height: set.patchWidth };
  const segmenter = new BaselineSegmenter(size, umPerPx, sample.options);
  const histogram = new StainHistogram();
  const drawn = sample.random.shuffle(Int32Array.from({ length: set.count }, (_, i) => i))
    .slice(0, sample.count).sort();
  for (const index of drawn) segmenter.count(await set.image(index), histogram);
  return histogram.otsu();
}
