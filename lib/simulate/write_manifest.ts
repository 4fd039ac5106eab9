import type { Disk } from "@/core/disk.ts";
import {
  type BundleSummary,
  median,
  regionAreaUm2,
  segmentationShares,
  sumOfAreas,
} from "./bundle_summary.ts";
import type { Feature } from "./feature_list.ts";
import type { BundlePreset } from "./presets.ts";
import { PIXEL_UM, type SlidePlan, Z_STEP_UM } from "./slide_plan.ts";
import { PROTEIN_SUBPANEL } from "./write_panel.ts";
import { writeText } from "./write_text.ts";

/** Names of the focus images, relative to the bundle: one a channel, DAPI first. */
export function focusFiles(preset: BundlePreset): string[] {
  if (preset.images === "single-files") return ["morphology_focus.ome.tif"];
  return preset.channels.map((channel, i) => {
    const number = String(i).padStart(4, "0");
    const name = channel.toLowerCase().replaceAll("/", "_");
    return preset.images === "named-channels"
      ? `morphology_focus/ch${number}_${name}.ome.tif`
      : `morphology_focus/morphology_focus_${number}.ome.tif`;
  });
}

/**
 * Writes `experiment.xenium`.
 *
 * | keys | analysis |
 * |---|---|
 * | `major_version`, `minor_version`, `patch_version` | 1.3 on |
 * | `region_area`, `total_cell_area`, `num_transcripts`, … | not in 1.0 |
 * | `segmentation_stain` | 2.0 on |
 * | `panel_type`, `chemistry_version`, `segmented_cell_*_frac` | 3.0 on |
 * | `xenium_ranger`, `non_zero_matrix_entries` | segmented again |
 * | `num_protein_targets`, `protein_subpanel_ids` | 4.0 on |
 */
export async function writeManifest(
  disk: Disk,
  path: string,
  plan: SlidePlan,
  summary: BundleSummary,
): Promise<void> {
  const { preset } = plan;
  const manifest = {
    ...versionKeys(plan),
    ...runKeys(plan, summary),
    ...panelKeys(plan, summary),
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
    xenium_explorer_files: explorerFiles(plan),
    ...(preset.images === "single-files" ? {} : {
      segmentation_stain: preset.channels.length > 1 ? "Xenium Multi-Tissue Stain" : "",
    }),
    ...laterKeys(plan, summary),
    simulated: true,
  };
  await writeText(disk, path, JSON.stringify(manifest, null, 4));
}

function versionKeys({ preset: { manifestVersion } }: SlidePlan) {
  if (manifestVersion === undefined) return {};
  const [major, minor] = manifestVersion;
  return { major_version: major, minor_version: minor, patch_version: 0 };
}

function runKeys(plan: SlidePlan, { tally, sizes, transcriptCounts }: BundleSummary) {
  const { profile, preset } = plan;
  const cellArea = sumOfAreas(sizes.cellAreaUm2);
  return {
    run_name: `Simulated ${profile.id}`,
    run_start_time: "N/A",
    region_name: profile.id,
    preservation_method: "ffpe",
    num_cells: plan.cellCount,
    transcripts_per_cell: median(transcriptCounts),
    transcripts_per_100um: 100 * tally.goodGenesInCells / cellArea,
    ...(preset.manifestVersion === undefined ? {} : {
      region_area: regionAreaUm2(plan),
      total_cell_area: cellArea,
      num_transcripts: tally.genes,
      num_transcripts_high_quality: tally.goodGenes,
      fraction_transcripts_assigned: tally.goodGenesInCells / tally.goodGenes,
    }),
  };
}

function panelKeys({ profile }: SlidePlan, { tally }: BundleSummary) {
  const isGene = ({ type }: Feature) => type === "Gene Expression";
  return {
    cassette_name: profile.id,
    slide_id: "N/A",
    panel_design_id: "hMulti_v1",
    panel_name: "Xenium Human Multi-Tissue and Cancer Panel",
    panel_organism: "Human",
    panel_tissue_type: profile.tissue,
    panel_num_targets_predesigned: tally.features.filter(isGene).length,
    panel_num_targets_custom: 0,
  };
}

function images(plan: SlidePlan): Record<string, string> {
  const [first] = focusFiles(plan.preset);
  const isOld = plan.preset.images === "single-files";
  return {
    ...(plan.stackPlanes > 0 ? { morphology_filepath: "morphology.ome.tif" } : {}),
    ...(isOld ? { morphology_mip_filepath: "morphology_mip.ome.tif" } : {}),
    morphology_focus_filepath: first,
  };
}

function explorerFiles({ matrix }: SlidePlan): Record<string, string> {
  return {
    cells_zarr_filepath: "cells.zarr.zip",
    ...(matrix.includes("zarr")
      ? { cell_features_zarr_filepath: "cell_feature_matrix.zarr.zip" }
      : {}),
  };
}

function laterKeys(plan: SlidePlan, summary: BundleSummary): Record<string, unknown> {
  const { preset } = plan;
  if (preset.transcriptColumns < 13) return {};
  const isFourth = preset.images === "named-channels";
  return {
    panel_type: "predesigned",
    panel_predesigned_id: "hMulti_v1",
    chemistry_version: preset.chemistry,
    ...segmentationShares(plan, summary),
    ...(preset.ranger === undefined ? {} : {
      non_zero_matrix_entries: summary.matrixEntries,
      xenium_ranger: {
        run_id: "simulated",
        version: preset.ranger.version,
        command_line: preset.ranger.isImport
          ? "xeniumranger import-segmentation"
          : "xeniumranger resegment",
        original_analysis_uuid: "",
      },
    }),
    ...(isFourth
      ? {
        num_protein_targets: preset.proteins.length,
        protein_subpanel_ids: preset.proteins.length > 0 ? [PROTEIN_SUBPANEL] : [],
      }
      : {}),
  };
}
