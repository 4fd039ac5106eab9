export {
  registerMasks,
  type RegistrationReport,
  type RegistrationShift,
  type ShiftScore,
} from "./register_masks.ts";
export type { SlideMask } from "./mask_levels.ts";
export { SlideMasks, type SlideMasksSpec } from "./slide_masks.ts";
