import { fileURLToPath } from "node:url";
import { localDisk } from "@/formats/disk/mod.ts";
import type { StageRecord } from "@/pipeline/manifest.ts";
import { matchStages } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { writeWholeFolder } from "@/pipeline/whole_folder.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { displayProgress } from "./display_progress.ts";

/** Where a notebook's slide comes from; what is left out is found as `build-slide` finds it. */
export interface OpenSlideOptions {
  /** Folder of the Xenium bundle. */
  readonly bundle?: string;
  /** The H&E image. */
  readonly he?: string;
  /** Its alignment. */
  readonly heAlignment?: string;
  /** Nuclei that CellViT predicted on the patches. */
  readonly predictions?: string;
  /** The single-cell reference. */
  readonly reference?: string;
  /** Parameters that differ from their defaults, by stage id and name. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Opens a slide in a notebook; results go to the same `out` folder as those of `build-slide`, so
 * what one has computed the other finds. A slide of the catalogue without a bundle is simulated.
 *
 * @param id The slide's id, as in `heart_s0`.
 */
export async function openSlide(id: string, options: OpenSlideOptions = {}): Promise<Slide> {
  const { bundle, he, heAlignment, predictions, reference, params } = options;
  const out = Deno.env.get("STHELAR_OUT") ?? `${ROOT}out`;
  return await Slide.open(id, {
    pipeline,
    out,
    data: `${ROOT}data`,
    sources: {
      ...(bundle === undefined ? {} : { bundle }),
      ...(he === undefined ? {} : { he }),
      ...(heAlignment === undefined ? {} : { "he-alignment": heAlignment }),
      ...(predictions === undefined ? {} : { predictions }),
      ...(reference === undefined ? {} : { reference }),
    },
    ...(params === undefined ? {} : { params }),
    simulate: async (folder) => {
      const progress = displayProgress(`simulating ${id}`);
      await writeWholeFolder(
        localDisk,
        folder,
        (next) => simulateSlide(localDisk, next, { slideId: id }, progress),
      );
      await progress.finish();
    },
  });
}

/**
 * Runs a stage, or a chapter, in the notebook, unless its result is there.
 *
 * @param slide An opened slide.
 * @param stage A stage or chapter, as in `1-02` or `1`.
 * @returns What the manifest keeps of each stage that could run.
 */
export async function run(slide: Slide, stage: string): Promise<StageRecord[]> {
  const records: StageRecord[] = [];
  for (const each of matchStages(pipeline, stage)) {
    const { action } = slide.planned(each);
    if (action === "skip" || action === "opened") continue;
    const progress = action === "run" ? displayProgress(`${each.id} ${each.name}`) : undefined;
    const warn = (message: string) => console.warn(`${each.id}: ${message}`);
    const inform = (message: string) => console.log(`${each.id}: ${message}`);
    const told = { ...(progress === undefined ? {} : { progress }), warn, inform };
    records.push(await slide.run(each, told));
    await progress?.finish();
  }
  return records;
}
