/**
 * Simulates whole slides with known truth, in the formats of 10x's Xenium instrument.
 * @module
 */
export { type BundlePreset, type PresetName, PRESETS } from "./presets.ts";
export { SIMULATED_FILES, type SimulatedSlide, simulateSlide } from "./simulate_slide.ts";
export {
  type CellType,
  type Compartment,
  COMPARTMENTS,
  type SlideProfile,
  slideProfile,
  type TissueDesign,
} from "./simulation_tables.ts";
export {
  type AlignmentMatrix,
  MATRIX_FORMATS,
  type MatrixFormat,
  PIXEL_UM,
  planSlide,
  type SimulationOptions,
  type SlidePlan,
  TABLE_FORMATS,
  type TableFormats,
} from "./slide_plan.ts";
