import { SthelarError } from "@/core/errors.ts";
import { defineStage } from "@/core/stage.ts";
import type { OmeTiff } from "@/formats/ome_tiff/mod.ts";
import { affineXY, type ImagePyramid } from "@/formats/spatialdata/mod.ts";
import {
  imageInput,
  imageOutput,
  reportInput,
  reportOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import {
  checkPlausible,
  type HeToMorphology,
  isMirrored,
  registeredAlignment,
  umPerHePixel,
} from "@/formats/xenium/mod.ts";
import { applyAffine, clipToRectangle, cornersArea } from "@/geometry/mod.ts";
import { copyRgb } from "@/vision/copy_rgb.ts";
import type { ResolutionReport } from "./1_01_check_resolution.ts";
import { heAlignmentInput, heInput } from "./he_inputs.ts";

/** Least share of the morphology image that the H&E must cover. */
const MIN_COVERAGE = 0.5;
const USUAL_COVERAGE = 0.8;

/** How the H&E lies on the morphology image. */
export interface AlignHeReport {
  /** Micrometres a pixel of the H&E, by the alignment. */
  readonly umPerPixel: number;
  /** Where the alignment comes from. */
  readonly alignment: "matrix" | "keypoints" | "identity";
  /** Whether the scan is mirrored. */
  readonly isMirrored: boolean;
  /** Share of the morphology image that the H&E covers. */
  readonly coverage: number;
  /** Distance of each key point from its place, µm. */
  readonly residualsUm: readonly number[];
}

/**
 * 1-3: the H&E with every level that it stores, and its affine to `global`. Original: the second
 * half of `_1-2_process_slide.py`.
 */
export const alignHe = defineStage({
  id: "1-03",
  name: "align_he",
  version: 1,
  doc: "The H&E image and where it lies on the morphology.",
  inputs: {
    resolution: reportInput<ResolutionReport>("check_resolution"),
    morpho: imageInput("morpho"),
    he: heInput,
    alignment: heAlignmentInput,
  },
  outputs: { he: imageOutput("he"), report: reportOutput<AlignHeReport>("align_he") },
  params: {},
  budget: ({ morphologyPixels }) => ({ memoryBytes: 500e6, seconds: 2 + morphologyPixels / 4e7 }),
  async run({ resolution, morpho, he, alignment }, _params, ctx) {
    await using image = he;
    const { map, source, residualsPx } = alignment ?? registeredAlignment;
    const pixelUm = resolution.morphology.umPerPixel;
    checkPlausible(map, pixelUm);
    const coverage = coveredShare(image, map, morpho);
    checkCoverage(coverage, image, ctx.warn);
    if (isMirrored(map)) ctx.warn("the H&E is mirrored: kept as it is");
    const [a, b, c, d, e, f] = map.coefficients;
    await copyRgb(image, ctx.out.he.create, {
      transformations: new Map([["global", affineXY([[a, b, c], [d, e, f]])]]),
      threads: ctx.limits.threads,
      progress: ctx.progress,
      signal: ctx.signal,
    });
    return {
      report: {
        umPerPixel: umPerHePixel(map, pixelUm),
        alignment: source,
        isMirrored: isMirrored(map),
        coverage,
        residualsUm: residualsPx.map((px) => px * pixelUm),
      },
    };
  },
});

/** Share of the morphology image's area that lies under the H&E. */
function coveredShare(
  { levels: [{ width, height }] }: OmeTiff,
  map: HeToMorphology,
  morpho: ImagePyramid,
): number {
  const [, morphologyHeight, morphologyWidth] = morpho.levels[0].shape;
  const corners = ([[0, 0], [width, 0], [width, height], [0, height]] as const)
    .map(([x, y]) => applyAffine(map, x, y));
  const covered = clipToRectangle(corners, [0, morphologyWidth, 0, morphologyHeight]);
  return cornersArea(covered) / (morphologyWidth * morphologyHeight);
}

function checkCoverage(coverage: number, { path }: OmeTiff, warn: (message: string) => void): void {
  const percent = `${Math.round(coverage * 100)} %`;
  if (coverage < MIN_COVERAGE) {
    throw new SthelarError("CorruptData", {
      action: `Cannot lay the H&E "${path}" on the morphology`,
      found: `it covers ${percent} of it`,
      expected: `at least ${MIN_COVERAGE * 100} %`,
      remedy: "check that the alignment was made for this file in its full resolution",
      path,
    });
  }
  if (coverage < USUAL_COVERAGE) warn(`the H&E covers only ${percent} of the morphology`);
}
