import {
  BASELINE_CLASSES,
  type BaselineOptions,
  BaselineSegmenter,
  baselineTypes,
} from "@/vision/baseline/mod.ts";
import type { RasterSize } from "@/vision/raster/mod.ts";

/** What is predicted of one patch. */
export interface PatchPrediction {
  /** Labels, 0 outside, gaps allowed, (width, width). */
  readonly instances: Int32Array;
  /** Class of each pixel, 0 for background, (width, width); missing where the source does not tell. */
  readonly classes?: Uint8Array;
  /** 1 where it sees a nucleus at all, (width, width); by default where there is a label. */
  readonly binary?: Uint8Array;
}

/** Who predicts: plain values, so that workers can be told. */
export type PredictorSpec =
  | {
    readonly kind: "baseline";
    /** Of the patches. */
    readonly umPerPx: number;
    /** Of the slide: `baselineThreshold`. */
    readonly threshold: number;
    readonly options?: BaselineOptions;
  }
  | {
    readonly kind: "published";
    /** An HDF5 file of instance maps. */
    readonly path: string;
    /** Whose maps are wanted. */
    readonly slide: string;
  };

/** What is known of a predictor before it predicts. */
export interface PredictorInfo {
  readonly name: PredictorSpec["kind"];
  /** Background first; `undefined` where the source does not tell classes. */
  readonly classes: readonly string[] | undefined;
}

/**
 * What is known of a predictor.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { predictorInfo } from "@/vision/predict/mod.ts";
 *
 * const { classes } = predictorInfo({ kind: "baseline", umPerPx: 0.25, threshold: 0.1 });
 * assertEquals(classes?.[0], "Background");
 * ```
 */
export function predictorInfo({ kind }: PredictorSpec): PredictorInfo {
  return { name: kind, classes: kind === "baseline" ? BASELINE_CLASSES : undefined };
}

/** Predicts patches from their pictures. */
export type PicturePredictor = (rgb: Uint8Array) => PatchPrediction;

/** The baseline for patches of this size. */
export function baselinePredictor(
  { umPerPx, threshold, options }: Extract<PredictorSpec, { kind: "baseline" }>,
  size: RasterSize,
): PicturePredictor {
  const segmenter = new BaselineSegmenter(size, umPerPx, options);
  return (rgb) => {
    const instances = new Int32Array(size.width * size.height);
    segmenter.segment(rgb, threshold, instances);
    const classes = baselineTypes(instances, size, segmenter.stain, threshold, umPerPx);
    return { instances, classes };
  };
}
