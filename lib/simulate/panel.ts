import type { BundlePreset } from "./presets.ts";
import { MULTI_TISSUE_PANEL, type Panel } from "./simulation_tables.ts";

const DEPRECATED_CODEWORDS = 12;
const GENOMIC_CONTROLS = 20;

/** The panel of a format: the multi-tissue panel, with the controls that the version knows. */
export function panelOf({ deprecatedCodewords, genomicControls }: BundlePreset): Panel {
  return {
    ...MULTI_TISSUE_PANEL,
    deprecatedCodewords: deprecatedCodewords
      ? numbered(DEPRECATED_CODEWORDS, (i) => `DeprecatedCodeword_0${300 + 7 * i}`)
      : [],
    genomicControls: genomicControls
      ? numbered(GENOMIC_CONTROLS, (i) => `Intergenic_Region_${10032 + 31 * i}`)
      : [],
  };
}

function numbered(count: number, name: (i: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => name(i));
}
