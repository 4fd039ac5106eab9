import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { checkStageRecord } from "@/pipeline/check_manifest.ts";
import { encodeJson, parseJson, type StageRecord } from "@/pipeline/manifest.ts";
import type { StudyFolder } from "./study_folder.ts";

/** A slide of a study, as `study.json` keeps it. */
export interface SlideRecord {
  /** `heart_s0` */
  readonly name: string;
  /** `heart` */
  readonly tissue: string;
  /** Whether its bundle comes from the simulator. */
  readonly simulated: boolean;
  /** Whether a rule, not a person, gave its labels. */
  readonly automatic: boolean;
}

/** The one mutable file of a study: which slides it has, and which artefacts count. */
export interface StudyRecord {
  /** Version of this file's layout. */
  readonly format: 1;
  /** The study's name. */
  readonly study: string;
  /** Whether any of its slides is simulated. */
  readonly simulated: boolean;
  /** Whether a rule gave the labels of any of its slides. */
  readonly automatic: boolean;
  /** Its slides, in order. */
  readonly slides: readonly SlideRecord[];
  /** Parameters that the user gave, by step and name: they hold until others are given. */
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The current artefact of each step. */
  readonly steps: Readonly<Record<string, StageRecord>>;
}

/** What is known of a study that nothing was done for yet. */
export function emptyStudy(study: string): StudyRecord {
  return {
    format: 1,
    study,
    simulated: false,
    automatic: false,
    slides: [],
    params: {},
    steps: {},
  };
}

/**
 * Reads `study.json`; where there is none the study is empty.
 *
 * @throws {SthelarError} `CorruptData` if it is none, `UnsupportedVersion` if it is a newer one.
 */
export async function readStudyRecord(disk: Disk, folder: StudyFolder): Promise<StudyRecord> {
  const path = folder.manifest;
  const bytes = await disk.read(path);
  if (bytes === undefined) return emptyStudy(folder.name);
  const record = parseJson(bytes, path) as Partial<StudyRecord> | null;
  if (record?.format !== 1) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read "${path}"`,
      found: `format ${record?.format}`,
      expected: "format 1",
      remedy: "use the version of this program that wrote it, or remove the study's folder",
      path,
    });
  }
  const { slides, params, steps } = record;
  if (!Array.isArray(slides) || slides.some((slide) => typeof slide?.name !== "string")) {
    throw corrupt(path, "no list of slides");
  }
  if (!isObject(params) || !Object.values(params).every(isObject)) {
    throw corrupt(path, "no parameters by step");
  }
  if (!isObject(steps)) throw corrupt(path, "no steps");
  for (const step of Object.values(steps)) checkStageRecord(step, path);
  return record as StudyRecord;
}

/** Replaces `study.json` by one rename: a reader sees the old one or the new one. */
export async function writeStudyRecord(
  disk: Disk,
  { manifest }: StudyFolder,
  record: StudyRecord,
): Promise<void> {
  await disk.write(`${manifest}.next`, encodeJson(record));
  await disk.rename(`${manifest}.next`, manifest);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function corrupt(path: string, found: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read "${path}"`,
    found,
    expected: "what a study keeps of its slides and steps",
    remedy: "remove the file and name the slides again: finished steps are kept",
    path,
  });
}
