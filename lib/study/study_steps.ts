import { allSlidesScvi } from "./2_06s_all_slides_scvi.ts";
import { labelTables } from "./2_08s_label_tables.ts";
import { compareAnnotations } from "./2_10s_compare_annotations.ts";
import { compareAlignment } from "./3_04s_compare_alignment.ts";
import type { AnyStudyStep } from "./study_step.ts";

/** Every step over several slides, in the order in which they run: the one that takes long is last. */
export const studySteps: readonly AnyStudyStep[] = [
  labelTables,
  compareAnnotations,
  compareAlignment,
  allSlidesScvi,
];
