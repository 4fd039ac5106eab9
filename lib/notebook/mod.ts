/**
 * Notebooks: display of tables and progress, and running, checking and clearing `.ipynb` files
 * without Python.
 * @module
 */
export type { CellError } from "./cell_outputs.ts";
export { checkNotebooks, type NotebookProblem } from "./check_notebooks.ts";
export { clearNotebook } from "./clear_notebook.ts";
export {
  type DisplayProgress,
  displayProgress,
  type DisplayProgressOptions,
} from "./display_progress.ts";
export {
  draftCombined,
  draftDecisions,
  saveCombined,
  saveDecisions,
  type SaveOptions,
} from "./decisions.ts";
export { inNotebook } from "./in_notebook.ts";
export { openSlide, type OpenSlideOptions, run } from "./open_slide.ts";
export { openStudy, type OpenStudyOptions, runStep } from "./open_study.ts";
export {
  type CellOutput,
  formatNotebook,
  type Notebook,
  type NotebookCell,
  parseNotebook,
} from "./notebook_file.ts";
export {
  type CellFailure,
  type NotebookRun,
  runNotebook,
  type RunNotebookOptions,
} from "./run_notebook.ts";
export { type DisplayTable, table, type TableOptions, type TableValue } from "./table.ts";
