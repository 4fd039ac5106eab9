export {
  HOVER_CONSTANTS,
  type HoverConstants,
  type HoverMaps,
  type Magnification,
} from "./hover_maps.ts";
export { HoverPostProcessor } from "./hover_post_processor.ts";
export { type MajorityTypes, majorityTypes } from "./majority_types.ts";
export { type NucleusRecord, nucleusRecords } from "./nucleus_records.ts";
export { scaleToUnit } from "./scale_to_unit.ts";
export { typeInstanceMaps, typesOfLabels } from "./type_instance_maps.ts";
