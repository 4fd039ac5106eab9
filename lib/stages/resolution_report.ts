/** Sizes of pixels, µm, and where each was read. */
export interface ResolutionReport {
  /** The morphology image. */
  readonly morphology: {
    /** What is used. */
    readonly umPerPixel: number;
    /** In experiment.xenium. */
    readonly manifest: number | null;
    /** In the image's own metadata. */
    readonly image: number | null;
  };
  /** The H&E, if there is one. */
  readonly he: {
    /** What is used: the alignment's scale times the morphology's pixel size. */
    readonly umPerPixel: number;
    /** In the image's own metadata. */
    readonly image: number | null;
    /** Where the alignment comes from. */
    readonly alignment: "matrix" | "keypoints" | "identity";
  } | null;
}
