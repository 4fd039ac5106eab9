import { SthelarError } from "@/core/errors.ts";
import { defineStage } from "@/core/stage.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { reportOutput } from "@/formats/spatialdata/stage_elements.ts";
import {
  checkPlausible,
  imageFiles,
  registeredAlignment,
  umPerHePixel,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { xeniumBundleInput } from "@/formats/xenium/bundle_input.ts";
import { heAlignmentInput, heInput } from "./he_inputs.ts";
import { recoverResolution } from "./recover_resolution.ts";
import type { ResolutionReport } from "./resolution_report.ts";

export type { ResolutionReport } from "./resolution_report.ts";

/** Two sizes that differ by more than this speak of different images. */
const TOLERANCE = 0.01;

const optionalHe = { ...heInput, optional: true } as const;

/**
 * 1-1: the size of a pixel of the morphology image and of the H&E, each from every place that
 * tells it. Original: notebook 1-1, which reads experiment.xenium alone.
 */
export const checkResolution = defineStage({
  id: "1-01",
  name: "check_resolution",
  version: 1,
  doc: "Pixel sizes of morphology and H&E, checked against each other.",
  inputs: {
    bundle: xeniumBundleInput(["manifest", "morphologyFocus"]),
    he: optionalHe,
    alignment: heAlignmentInput,
  },
  outputs: { report: reportOutput<ResolutionReport>("check_resolution", recoverResolution) },
  params: {},
  budget: () => ({ memoryBytes: 200e6, seconds: 1 }),
  async run({ bundle, he, alignment }, _params, ctx) {
    const morphology = await morphologyResolution(bundle);
    ctx.note("morphologyUmPerPixel", morphology.umPerPixel);
    if (he === undefined) return { report: { morphology, he: null } };
    await using image = he;
    const { map, source } = alignment ?? registeredAlignment;
    checkPlausible(map, morphology.umPerPixel);
    const umPerPixel = umPerHePixel(map, morphology.umPerPixel);
    const inImage = image.pixelSizeUm?.x ?? null;
    if (inImage !== null && differs(inImage, umPerPixel)) {
      const used = source === "identity"
        ? `taken for registered it has ${
          umPerPixel.toFixed(4)
        }: is there an alignment (--he-alignment)?`
        : `its alignment ${umPerPixel.toFixed(4)}: the alignment is used`;
      ctx.warn(`the H&E says ${inImage} um a pixel, ${used}`);
    }
    ctx.note("heUmPerPixel", umPerPixel);
    return { report: { morphology, he: { umPerPixel, image: inImage, alignment: source } } };
  },
});

async function morphologyResolution(bundle: XeniumBundle): Promise<ResolutionReport["morphology"]> {
  const { channels: [{ path }] } = await imageFiles(bundle);
  await using image = await openOmeTiff(path);
  const manifest = bundle.manifest.pixelSizeUm ?? null;
  const inImage = image.pixelSizeUm?.x ?? null;
  if (manifest !== null && inImage !== null && differs(manifest, inImage)) {
    throw new SthelarError("CorruptData", {
      action: `Cannot tell the size of a pixel of "${path}"`,
      found: `${manifest} um in experiment.xenium, ${inImage} um in the image`,
      expected: "the same within 1 %",
      remedy: "take both files from one bundle",
      path,
    });
  }
  const umPerPixel = manifest ?? inImage;
  if (umPerPixel !== null) return { umPerPixel, manifest, image: inImage };
  throw new SthelarError("NotFound", {
    action: `Cannot tell the size of a pixel of "${path}"`,
    found: "none in experiment.xenium, none in the image",
    expected: "micrometres a pixel, as in 0.2125",
    remedy: 'copy "experiment.xenium" of the bundle into the folder',
    path: bundle.root,
  });
}

function differs(a: number, b: number): boolean {
  return Math.abs(a - b) > TOLERANCE * Math.min(a, b);
}
