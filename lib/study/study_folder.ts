import { type SlideFolder, slideFolder } from "@/pipeline/slide_folder.ts";

/** Where everything of one study lies; its artefacts are committed as those of a slide. */
export interface StudyFolder extends SlideFolder {
  /** The study's name. */
  readonly name: string;
  /** `report.html` */
  readonly report: string;
}

/** The folders of a study that a person looks into. */
export const VIEW_FOLDERS = ["tables", "figures", "models"] as const;

/** The folder of all studies among the results: no slide can have this name in a study. */
export const STUDIES = "study";

/**
 * The folders of a study.
 *
 * @param out Absolute path of the folder of all results.
 * @param name The study's name: letters, digits, `_` and `-`.
 * @throws {SthelarError} `InvalidArgument` for a name that can't be a folder's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { studyFolder } from "@/study/study_folder.ts";
 *
 * assertEquals(studyFolder("/out", "lungs").manifest, "/out/study/lungs/study.json");
 * ```
 */
export function studyFolder(out: string, name: string): StudyFolder {
  const folder = slideFolder(`${out}/${STUDIES}`, name);
  return {
    ...folder,
    name,
    stages: `${folder.root}/steps`,
    manifest: `${folder.root}/study.json`,
    report: `${folder.root}/report.html`,
  };
}
