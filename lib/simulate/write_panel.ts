import type { Disk } from "@/core/disk.ts";
import type { Feature } from "./feature_list.ts";
import { writeText } from "./write_text.ts";

/** What `gene_panel.json` calls a feature that is no gene: its category. */
const DESCRIPTORS: Readonly<Record<string, string>> = { predesigned_gene: "gene" };
const IDENTITY = {
  design_id: "hMulti_v1",
  name: "Xenium Human Multi-Tissue and Cancer Panel",
} as const;

/** Writes `gene_panel.json`: which codewords mean what. */
export async function writeGenePanel(
  disk: Disk,
  path: string,
  features: readonly Feature[],
): Promise<void> {
  const panel = {
    metadata: { schema: "gene_panel", simulated: true },
    payload: {
      panel: { identity: IDENTITY, type: { descriptor: "predesigned" } },
      targets: features.map(({ name, category }, codeword) => ({
        type: { descriptor: DESCRIPTORS[category] ?? category, data: { name, id: name } },
        source: { category: "simulated", identity: IDENTITY },
        codewords: [codeword],
      })),
    },
  };
  await writeText(disk, path, JSON.stringify(panel));
}

/** Writes `protein_panel.json`: the antibodies, by subpanel. */
export async function writeProteinPanel(
  disk: Disk,
  path: string,
  proteins: readonly string[],
): Promise<void> {
  const panel = {
    metadata: { schema: "protein_panel", simulated: true },
    payload: {
      panel: { identity: { design_id: PROTEIN_SUBPANEL }, type: { descriptor: "predesigned" } },
      targets: proteins.map((name) => ({
        type: { descriptor: "protein", data: { name, id: name } },
      })),
    },
  };
  await writeText(disk, path, JSON.stringify(panel));
}

/** Name of the antibodies' subpanel. */
export const PROTEIN_SUBPANEL = "hImmune_protein_v1";
