import type { Disk } from "@/core/disk.ts";
import {
  type BundleSummary,
  median,
  regionAreaUm2,
  segmentationShares,
  sumOfAreas,
} from "./bundle_summary.ts";
import type { SlidePlan } from "./slide_plan.ts";
import { writeText } from "./write_text.ts";

/** Writes `metrics_summary.csv`: names, and one row of values. */
export async function writeMetrics(
  disk: Disk,
  path: string,
  plan: SlidePlan,
  summary: BundleSummary,
): Promise<void> {
  const { tally, sizes, transcriptCounts } = summary;
  const cellArea = sumOfAreas(sizes.cellAreaUm2);
  const empty = transcriptCounts.reduce((n, count) => n + (count === 0 ? 1 : 0), 0);
  const metrics: Readonly<Record<string, string | number>> = {
    run_name: `Simulated ${plan.profile.id}`,
    region_name: plan.profile.id,
    panel_name: "Xenium Human Multi-Tissue and Cancer Panel",
    region_area: regionAreaUm2(plan),
    total_cell_area: cellArea,
    total_high_quality_decoded_transcripts: tally.goodGenes,
    fraction_transcripts_decoded_q20: tally.goodGenes / tally.genes,
    nuclear_transcripts_per_100um2: 100 * tally.goodGenesInNuclei /
      sumOfAreas(sizes.nucleusAreaUm2),
    decoded_transcripts_per_100um2: 100 * tally.goodGenesInCells / cellArea,
    num_cells_detected: plan.cellCount,
    fraction_empty_cells: empty / plan.cellCount,
    fraction_transcripts_assigned: tally.goodGenesInCells / tally.goodGenes,
    median_transcripts_per_cell: median(transcriptCounts),
    ...(plan.preset.transcriptColumns === 13 ? segmentationMetrics(plan, summary) : {}),
  };
  const rows = [Object.keys(metrics), Object.values(metrics)].map((row) => row.join(","));
  await writeText(disk, path, `${rows.join("\n")}\n`);
}

/** What 3.0 added; what only other runs measure is empty. */
function segmentationMetrics(plan: SlidePlan, summary: BundleSummary) {
  const shares = segmentationShares(plan, summary);
  const counted = (["boundary", "interior", "nuc_expansion"] as const).map((way) => [
    `segmented_cell_${way}_count`,
    Math.round(shares[`segmented_cell_${way}_frac`] * plan.cellCount),
  ]);
  const { imported_cell_frac: imported, ...segmented } = shares;
  return {
    cells_per_100um2: 100 * plan.cellCount / regionAreaUm2(plan),
    adjusted_negative_control_probe_rate: "",
    stain_definition: plan.preset.channels.length > 1 ? "xenium_cell_segmentation_stains_v1" : "",
    ...segmented,
    ...Object.fromEntries(counted),
    segmented_cell_imported_frac: imported,
    segmented_cell_imported_count: Math.round(imported * plan.cellCount),
  };
}
