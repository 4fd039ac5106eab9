import { type BaselineOptions, BaselineSegmenter, baselineTypes } from "@/vision/baseline/mod.ts";
import type { RasterSize } from "@/vision/raster/mod.ts";

/** What is predicted of one patch. */
export interface PatchPrediction {
  /** Labels, 0 outside, gaps allowed, (width, width). */
  readonly instances: Int32Array;
  /** Class of each pixel, 0 for background, (width, width); missing where the source does not tell. */
  readonly classes?: Uint8Array;
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
