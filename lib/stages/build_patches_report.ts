import type { PatchOutcome } from "@/formats/patches/mod.ts";
import type { LeftOut } from "@/geometry/mod.ts";

/** A polygon that was invalid. */
export interface PatchPolygonFault {
  /** The cell's id in `nucleus_boundaries`. */
  readonly id: string;
  /** Which of its polygons. */
  readonly shape: "nucleus" | "cell";
  /** What was wrong. */
  readonly reason: string;
}

/** What stage 3-01 found. */
export interface BuildPatchesReport {
  /** What was cut into patches. */
  readonly image: {
    readonly level: number;
    /** Px of that level. */
    readonly width: number;
    readonly height: number;
    /** Micrometres a pixel of that level. */
    readonly umPerPixel: number;
  };
  /** The grid. */
  readonly grid: {
    /** Px. */
    readonly patchWidth: number;
    /** Px. */
    readonly overlap: number;
    readonly columns: number;
    readonly rows: number;
    readonly count: number;
  };
  /** Patches of the grid by what became of them. */
  readonly patches: Readonly<Record<PatchOutcome, number>>;
  /** Which pixels a polygon covers. */
  readonly sampling: "centre" | "parity";
  /** Nuclei. */
  readonly nuclei: {
    /** Of the slide. */
    readonly total: number;
    /** In at least one kept patch. */
    readonly inPatches: number;
    /** Of all kept patches: one that lies in two counts twice. */
    readonly instances: number;
    /** Instances that the edge of their patch cuts. */
    readonly cutInstances: number;
    /** Share whose middle lies on the H&E. */
    readonly onImage: number;
  };
  /** Candidates of patches that are not in their masks, by reason. */
  readonly leftOut: LeftOut;
  /** Number of a cell in the masks: that of its id and 1, or its row in `nucleus_boundaries` and 1. */
  readonly cellNumbers: "id" | "row";
  /** Nuclei without a polygon of their cell. */
  readonly withoutCell: readonly string[];
  /** Cells without a nucleus, which are in no mask. */
  readonly cellsWithoutNucleus: number;
  /** Polygons that were invalid and no longer are. */
  readonly repaired: readonly PatchPolygonFault[];
  /** Polygons that stay invalid: such a cell is in no mask. */
  readonly invalid: readonly PatchPolygonFault[];
}
