import type { Disk } from "@/core/disk.ts";
import type { CountTally } from "./count_tally.ts";
import type { Feature } from "./feature_list.ts";
import { PIXEL_UM, type SlidePlan } from "./slide_plan.ts";
import type { CellSizes } from "./write_cell_tables.ts";

/** Sums that the manifest and the metrics tell. */
export interface BundleSummary {
  readonly tally: CountTally;
  readonly sizes: CellSizes;
  /** Genes of good quality, cell by cell. */
  readonly transcriptCounts: Int32Array;
}

const Z_STEP_UM = 3;

/** Names of the morphology images, relative to the bundle: one a channel, DAPI first. */
export function morphologyFiles({ preset }: SlidePlan): string[] {
  if (preset.images === "single-files") return ["morphology_focus.ome.tif"];
  return preset.channels.map((channel, i) => {
    const number = String(i).padStart(4, "0");
    const name = channel.toLowerCase().replaceAll("/", "_");
    return preset.images === "named-channels"
      ? `morphology_focus/ch${number}_${name}.ome.tif`
      : `morphology_focus/morphology_focus_${number}.ome.tif`;
  });
}

/** Writes `experiment.xenium`. */
export async function writeManifest(
  disk: Disk,
  path: string,
  plan: SlidePlan,
  summary: BundleSummary,
): Promise<void> {
  const { preset, profile } = plan;
  const { tally } = summary;
  const areaUm2 = plan.width * plan.height * PIXEL_UM * PIXEL_UM;
  const cellArea = sum(summary.sizes.cellAreaUm2);
  const isOldest = preset.manifestVersion === undefined;
  const manifest = {
    ...(preset.manifestVersion === undefined ? {} : {
      major_version: preset.manifestVersion[0],
      minor_version: preset.manifestVersion[1],
      patch_version: 0,
    }),
    run_name: `Simulated ${profile.id}`,
    run_start_time: "N/A",
    region_name: profile.id,
    preservation_method: "ffpe",
    num_cells: plan.cellCount,
    transcripts_per_cell: median(summary.transcriptCounts),
    transcripts_per_100um: 100 * tally.goodGenesInCells / cellArea,
    ...(isOldest ? {} : {
      region_area: areaUm2,
      total_cell_area: cellArea,
      num_transcripts: tally.genes,
      num_transcripts_high_quality: tally.goodGenes,
      fraction_transcripts_assigned: tally.goodGenesInCells / tally.goodGenes,
    }),
    cassette_name: profile.id,
    slide_id: "N/A",
    panel_design_id: "hMulti_v1",
    panel_name: "Xenium Human Multi-Tissue and Cancer Panel",
    panel_organism: "Human",
    panel_tissue_type: profile.tissue,
    panel_num_targets_predesigned: tally.features.filter(isGene).length,
    panel_num_targets_custom: 0,
    pixel_size: PIXEL_UM,
    z_step_size: Z_STEP_UM,
    instrument_sn: "SIMULATED",
    instrument_sw_version: "SIMULATED",
    analysis_sw_version: preset.analysisVersion,
    experiment_uuid: "",
    cassette_uuid: "",
    roi_uuid: "",
    well_uuid: "",
    images: images(plan),
    xenium_explorer_files: { cells_zarr_filepath: "cells.zarr.zip" },
    segmentation_stain: preset.channels.length > 1 ? "Xenium Multi-Tissue Stain" : "",
    simulated: true,
  };
  await writeText(disk, path, JSON.stringify(manifest, null, 4));
}

function images(plan: SlidePlan): Record<string, string> {
  const [first] = morphologyFiles(plan);
  const isOld = plan.preset.images === "single-files";
  return {
    ...(isOld ? { morphology_mip_filepath: "morphology_mip.ome.tif" } : {}),
    morphology_focus_filepath: first,
  };
}

/** Writes `gene_panel.json`. */
export async function writeGenePanel(
  disk: Disk,
  path: string,
  features: readonly Feature[],
): Promise<void> {
  const descriptors: Readonly<Record<string, string>> = {
    predesigned_gene: "gene",
    negative_control_probe: "negative_control_probe",
    negative_control_codeword: "negative_control_codeword",
    unassigned_codeword: "unassigned_codeword",
  };
  const identity = { design_id: "hMulti_v1", name: "Xenium Human Multi-Tissue and Cancer Panel" };
  const panel = {
    metadata: { schema: "gene_panel", simulated: true },
    payload: {
      panel: { identity, type: { descriptor: "predesigned" } },
      targets: features.map(({ name, category }, codeword) => ({
        type: { descriptor: descriptors[category], data: { name, id: name } },
        source: { category: "simulated", identity },
        codewords: [codeword],
      })),
    },
  };
  await writeText(disk, path, JSON.stringify(panel));
}

/** Writes `metrics_summary.csv`. */
export async function writeMetrics(
  disk: Disk,
  path: string,
  plan: SlidePlan,
  { tally, sizes, transcriptCounts }: BundleSummary,
): Promise<void> {
  const cellArea = sum(sizes.cellAreaUm2);
  const empty = transcriptCounts.reduce((n, count) => n + (count === 0 ? 1 : 0), 0);
  const metrics: Readonly<Record<string, string | number>> = {
    run_name: `Simulated ${plan.profile.id}`,
    region_name: plan.profile.id,
    panel_name: "Xenium Human Multi-Tissue and Cancer Panel",
    region_area: plan.width * plan.height * PIXEL_UM * PIXEL_UM,
    total_cell_area: cellArea,
    total_high_quality_decoded_transcripts: tally.goodGenes,
    fraction_transcripts_decoded_q20: tally.goodGenes / tally.genes,
    nuclear_transcripts_per_100um2: 100 * tally.goodGenesInNuclei / sum(sizes.nucleusAreaUm2),
    decoded_transcripts_per_100um2: 100 * tally.goodGenesInCells / cellArea,
    num_cells_detected: plan.cellCount,
    fraction_empty_cells: empty / plan.cellCount,
    fraction_transcripts_assigned: tally.goodGenesInCells / tally.goodGenes,
    median_transcripts_per_cell: median(transcriptCounts),
  };
  const rows = [Object.keys(metrics), Object.values(metrics)].map((row) => row.join(","));
  await writeText(disk, path, `${rows.join("\n")}\n`);
}

/** Writes a text file. */
export async function writeText(disk: Disk, path: string, text: string): Promise<void> {
  await disk.write(path, new TextEncoder().encode(text));
}

function isGene({ type }: Feature): boolean {
  return type === "Gene Expression";
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => Number.isNaN(value) ? all : all + value, 0);
}

function median(values: Int32Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
