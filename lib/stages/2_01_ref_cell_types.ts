import { SthelarError } from "@/core/errors.ts";
import { booleanParam, optionalTextParam } from "@/core/params.ts";
import { defineStage } from "@/core/stage.ts";
import { atlasInput } from "@/formats/atlas/atlas_input.ts";
import {
  type Atlas,
  describeCheck,
  findCounts,
  findLabelKey,
  type FoundCounts,
  matchGenes,
} from "@/formats/atlas/mod.ts";
import { reportOutput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { xeniumBundleInput } from "@/formats/xenium/bundle_input.ts";
import { readMatrixFeatures } from "@/formats/xenium/mod.ts";
import { tissueOf } from "@/labels/mod.ts";
import { panelGenes } from "./panel_genes.ts";
import {
  type GeneOverlap,
  geneOverlap,
  type RefCellTypesReport,
  type ReferenceType,
  typeTable,
} from "./reference_report.ts";

export type { RefCellTypesReport } from "./reference_report.ts";

/** Below this share of the panel a reference is of little use. */
const FEW_GENES = 0.5;

const params = {
  labelKey: optionalTextParam(
    "Column of the reference that holds the types; found by its name unless told",
  ),
  matrix: optionalTextParam(
    "Matrix of the reference that holds counts; found by its values unless told",
  ),
  anyValues: booleanParam(
    false,
    "Take values that are no counts, as the original does without looking",
  ),
};

const optionalBundle = { ...xeniumBundleInput(["matrix"]), optional: true } as const;

/**
 * 2-1: what the single-cell reference holds: its types, whether its values are counts, and which of
 * its genes are in the panel. Original: the notebook 2-1.
 */
export const refCellTypes = defineStage({
  id: "2-01",
  name: "ref_cell_types",
  version: 1,
  doc: "Types, counts and genes of the single-cell reference.",
  inputs: { reference: atlasInput, nuclei: tableInput("table_nuclei"), bundle: optionalBundle },
  outputs: { report: reportOutput<RefCellTypesReport>("ref_cell_types") },
  params,
  budget: () => ({ memoryBytes: 600e6, seconds: 10 }),
  async run({ reference, nuclei, bundle }, { labelKey, matrix, anyValues }, ctx) {
    using atlas = reference;
    const name = atlas.path.slice(atlas.path.lastIndexOf("/") + 1);
    const key = findLabelKey(atlas, labelKey);
    const labels = await atlas.column(key);
    const types = typeTable(labels, tissueOf(ctx.slide.id));
    if (types.length === 0) throw noTypes(atlas, key);
    const found = await findCounts(atlas, {
      ...(matrix === undefined ? {} : { name: matrix }),
      anyValues,
      progress: ctx.progress,
      signal: ctx.signal,
    });
    const features = bundle && await readMatrixFeatures(bundle);
    const panel = panelGenes(await nuclei.varNames(), features);
    const genes = geneOverlap(matchGenes(found.matrix.genes, panel), panel);
    const unlabelledCells = labels.codes.reduce((count, code) => count + (code < 0 ? 1 : 0), 0);
    for (const warning of typeWarnings(types, unlabelledCells)) ctx.warn(warning);
    for (const warning of countWarnings(found)) ctx.warn(warning);
    for (const warning of geneWarnings(genes)) ctx.warn(warning);
    ctx.note("reference", name);
    ctx.note("referenceTypes", types.length);
    ctx.note("sharedGenes", genes.panel - genes.onlyInPanel.length);
    return {
      report: {
        atlas: { name, format: atlas.format, cells: atlas.cellCount },
        labelKey: key,
        matrix: { name: found.matrix.name, layout: found.matrix.layout },
        counts: found.check,
        types,
        unlabelledCells,
        genes,
      },
    };
  },
});

function typeWarnings(types: readonly ReferenceType[], unlabelled: number): string[] {
  const unmapped = types.filter(({ by }) => by === "none");
  const single = types.filter(({ cells }) => cells === 1);
  return [
    ...(unlabelled > 0 ? [`${unlabelled} cells of the reference have no type: left out`] : []),
    ...(unmapped.length > 0
      ? [
        `${unmapped.length} types are in no list of labels and count as Unknown: ${
          listed(unmapped.map(({ name }) => name))
        }`,
      ]
      : []),
    ...(single.length > 0
      ? [`${single.length} types have a single cell: ${listed(single.map(({ name }) => name))}`]
      : []),
  ];
}

function countWarnings({ matrix, check, passedOver }: FoundCounts): string[] {
  const others = passedOver.map((other) => `${other.matrix} holds ${describeCheck(other)}`);
  return [
    ...(others.length > 0 ? [`${others.join("; ")}: ${matrix.name} is taken`] : []),
    ...(check.kind === "counts" ? [] : [`${matrix.name} holds no counts: ${describeCheck(check)}`]),
  ];
}

function geneWarnings({ panel, shared, onlyInPanel, duplicates }: GeneOverlap): string[] {
  const found = panel - onlyInPanel.length;
  return [
    ...(shared.case > 0 ? [`${shared.case} genes match in other letters alone`] : []),
    ...(shared.id > 0 ? [`${shared.id} genes match by their Ensembl id`] : []),
    ...(duplicates.length > 0
      ? [
        `the reference has ${duplicates.length} genes more than once, the first is taken: ${
          listed(duplicates)
        }`,
      ]
      : []),
    ...(found < FEW_GENES * panel ? [`only ${found} of ${panel} genes are in the reference`] : []),
  ];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(", ");
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}

function noTypes(atlas: Atlas, key: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot tell the cell types of "${atlas.path}"`,
    found: `no value in the column "${key}"`,
    remedy: "name another column with --param 2-01.labelKey=NAME",
    path: atlas.path,
  });
}
