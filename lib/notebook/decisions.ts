import { fileURLToPath } from "node:url";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import {
  type ClusterDecisions,
  type CombinedDecisions,
  formatClusterDecisions,
  formatCombinedDecisions,
  parseClusterDecisions,
  parseCombinedDecisions,
  type TableDecisions,
} from "@/labels/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { CombinedReport } from "@/stages/combined_report.ts";
import { COMBINED_DECISIONS_FILE, DECISIONS_FILE } from "@/stages/decisions_input.ts";
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
  options: SaveOptions,
): Promise<string> {
  const path = `${decisionsFolder(slide, options)}/${DECISIONS_FILE}`;
  const before = await localDisk.read(path);
  const kept = before === undefined
    ? {}
    : parseClusterDecisions(new TextDecoder().decode(before), path);
  return await replace(path, formatClusterDecisions({ ...kept, ...decisions }));
}

/**
 * The decisions about combined clusters that there are, to be changed: their overrides, or none.
 *
 * @throws {SthelarError} `NotFound` if nuclei and cells were not combined yet.
 */
export async function draftCombined(slide: Slide): Promise<CombinedDecisions> {
  const { draft } = await slide.open(reportInput<CombinedReport>("combined_labels"));
  return parseCombinedDecisions(draft, "draft of combined clusters");
}

/**
 * Writes a slide's decisions about combined clusters.
 *
 * @returns The file: `data/decisions/<slide>/combined.json` if it is to count, else beside the results.
 */
export async function saveCombined(
  slide: Slide,
  decisions: CombinedDecisions,
  options: SaveOptions,
): Promise<string> {
  const path = `${decisionsFolder(slide, options)}/${COMBINED_DECISIONS_FILE}`;
  return await replace(path, formatCombinedDecisions(decisions));
}

function decisionsFolder(slide: Slide, { apply, data = DATA }: SaveOptions): string {
  return apply
    ? slide.sources.decisions ?? `${data}/decisions/${slide.folder.slide}`
    : `${slide.folder.root}/decisions`;
}

async function replace(path: string, text: string): Promise<string> {
  await localDisk.write(`${path}.next`, new TextEncoder().encode(text));
  await localDisk.rename(`${path}.next`, path);
  return path;
}
