/**
 * Steps over several built slides: tables, figures and models of a data set. Slides are only read.
 * @module
 */
export { buildStudy, type BuildStudyOptions, type StudyResultSummary } from "./build_study.ts";
export { pipelineOfSteps, readContent, type StepContent } from "./step_stage.ts";
export { type SavedFigure, savedFigure, savedTable } from "./saved_files.ts";
export { type RunStepOptions, type StepParams, Study, type StudyOptions } from "./study.ts";
export type { PlannedStep } from "./plan_step.ts";
export { type StudyFolder, studyFolder } from "./study_folder.ts";
export type { StudyRecord } from "./study_record.ts";
export { studySteps } from "./study_steps.ts";
export {
  type AnyStudyStep,
  defineStudyStep,
  type ReportSection,
  type SlideInputs,
  type StudyContext,
  type StudyFiles,
  type StudyResult,
  type StudySlide,
  type StudyStep,
} from "./study_step.ts";
export { repairView, writeView } from "./study_view.ts";
