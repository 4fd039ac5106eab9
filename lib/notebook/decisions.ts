import { fileURLToPath } from "node:url";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import {
  type ClusterDecisions,
  formatClusterDecisions,
  parseClusterDecisions,
  type TableDecisions,
} from "@/labels/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { DECISIONS_FILE } from "@/stages/decisions_input.ts";
import type { LabelReport } from "@/stages/label_report.ts";

const REPORTS = { nuclei: "refine_tangram", cells: "annotate_cells" } as const;
const DATA = fileURLToPath(new URL("../../data", import.meta.url));

/**
 * The labels that clusters have now as decisions to change: those of the rule, or a person's.
 *
 * @throws {SthelarError} `NotFound` if the clusters were not labelled yet.
 */
export async function draftDecisions(
  slide: Slide,
  unit: "nuclei" | "cells",
): Promise<TableDecisions> {
  const { draft } = await slide.open(reportInput<LabelReport>(REPORTS[unit]));
  return parseClusterDecisions(draft, `draft of ${unit}`)[unit]!;
}

/** Where decisions go. */
export interface SaveOptions {
  /** Whether they count from the next run on; otherwise they are only kept to be looked at. */
  readonly apply: boolean;
  /** Folder of what users bring (default the project's `data`). */
  readonly data?: string;
}

/**
 * Writes a slide's decisions file. What it says of the other table stays.
 *
 * @returns The file: `data/decisions/<slide>/clusters.json` if it is to count, else beside the results.
 */
export async function saveDecisions(
  slide: Slide,
  decisions: ClusterDecisions,
  { apply, data = DATA }: SaveOptions,
): Promise<string> {
  const folder = apply
    ? slide.sources.decisions ?? `${data}/decisions/${slide.folder.slide}`
    : `${slide.folder.root}/decisions`;
  const path = `${folder}/${DECISIONS_FILE}`;
  const before = await localDisk.read(path);
  const kept = before === undefined
    ? {}
    : parseClusterDecisions(new TextDecoder().decode(before), path);
  const text = formatClusterDecisions({ ...kept, ...decisions });
  await localDisk.write(`${path}.next`, new TextEncoder().encode(text));
  await localDisk.rename(`${path}.next`, path);
  return path;
}
