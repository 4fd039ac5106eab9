/**
 * The analysis, step by step.
 * @module
 */
import type { AnyStage } from "@/core/stage.ts";
import { checkResolution } from "./1_01_check_resolution.ts";
import { processSlide } from "./1_02_process_slide.ts";
import { alignHe } from "./1_03_align_he.ts";
import { refCellTypes } from "./2_01_ref_cell_types.ts";
import { tangram } from "./2_02_tangram.ts";
import { clusterNuclei } from "./2_03a_cluster_nuclei.ts";
import { refineTangram } from "./2_03b_refine_tangram.ts";
import { addCells } from "./2_04_add_cells.ts";
import { clusterCells } from "./2_05a_cluster_cells.ts";
import { annotateCells } from "./2_05b_annotate_cells.ts";
import { scvi } from "./2_06_scvi.ts";
import { addAnnotations } from "./2_07_add_annotations.ts";
import { standardizeNuclei } from "./2_08_standardize_nuclei.ts";
import { standardizeCells } from "./2_09_standardize_cells.ts";
import { combinedLabels } from "./2_10_combined_labels.ts";
import { buildPatches } from "./3_01_build_patches.ts";
import { predictAndAlign } from "./3_03_predict_and_align.ts";
import { analyzeAlign } from "./3_04_analyze_align.ts";

/** Every stage, in the order of the chapters. */
export const stages: readonly AnyStage[] = [
  // Chapter 1: from a Xenium bundle to a SpatialData store
  checkResolution,
  processSlide,
  alignHe,
  // Chapter 2: what each nucleus and cell is
  refCellTypes,
  tangram,
  clusterNuclei,
  refineTangram,
  addCells,
  clusterCells,
  annotateCells,
  scvi,
  addAnnotations,
  standardizeNuclei,
  standardizeCells,
  combinedLabels,
  // Chapter 3: patches, and how well H&E and RNA fit
  buildPatches,
  predictAndAlign,
  analyzeAlign,
];
