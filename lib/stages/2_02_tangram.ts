import { categorical } from "@/core/categorical.ts";
import { defineStage } from "@/core/stage.ts";
import { type AnnDataHandle, type Column, isTexts } from "@/formats/anndata/mod.ts";
import { atlasInput } from "@/formats/atlas/atlas_input.ts";
import { findCounts, findLabelKey, matchGenes, type SharedGenes } from "@/formats/atlas/mod.ts";
import { reportOutput, tableInput, tablePartOutput } from "@/formats/spatialdata/stage_elements.ts";
import { xeniumBundleInput } from "@/formats/xenium/bundle_input.ts";
import { readMatrixFeatures } from "@/formats/xenium/mod.ts";
import { tissueOf } from "@/labels/mod.ts";
import { estimateTangram, hardLabels } from "@/numerics/tangram/mod.ts";
import { mapBags } from "./map_bags.ts";
import { panelGenes } from "./panel_genes.ts";
import { readReference } from "./read_reference.ts";
import { type SimulatedTruth, truthInput } from "./simulated_truth.ts";
import { tangramAgreement } from "./tangram_agreement.ts";
import { takeGenes } from "./tangram_bags.ts";
import { tangramParams } from "./tangram_params.ts";
import type { TangramAgreement, TangramReport, TangramType } from "./tangram_report.ts";

export type { TangramReport } from "./tangram_report.ts";

const outputs = {
  scores: tablePartOutput("table_nuclei", "obsm/tangram_pred"),
  labels: tablePartOutput("table_nuclei", "obs/ct_tangram"),
  report: reportOutput<TangramReport>("tangram"),
};

const optionalBundle = { ...xeniumBundleInput(["matrix"]), optional: true } as const;

/**
 * 2-2: a score for each nucleus and type of the reference, and the type that each nucleus has most of,
 * by Tangram. Original: `_2-2_add_tangram_ref_annots.py`, sopa's `tangram_annotate`.
 */
export const tangram = defineStage({
  id: "2-02",
  name: "tangram",
  version: 2,
  doc: "Scores of the reference's types in each nucleus, and the type of each nucleus.",
  inputs: {
    reference: atlasInput,
    nuclei: tableInput("table_nuclei"),
    bundle: optionalBundle,
    truth: truthInput,
  },
  outputs,
  params: tangramParams,
  budget: ({ cells, transcripts }) => {
    const bags = Math.ceil(Math.max(1, cells) / 10_000);
    const sizes = { cells: 10_000, nuclei: Math.ceil(cells / bags), genes: 400, types: 40 };
    const { memoryBytes, secondsPerEpoch } = estimateTangram(sizes, 2);
    return {
      memoryBytes: memoryBytes + 8 * transcripts + 300 * cells,
      seconds: 5 + bags * 1000 * secondsPerEpoch,
    };
  },
  async run({ reference, nuclei, bundle, truth }, params, ctx) {
    using atlas = reference;
    const labelKey = findLabelKey(atlas, params.labelKey);
    const cellTypes = await atlas.column(labelKey);
    const { progress, signal } = ctx;
    const { matrix } = await findCounts(atlas, {
      ...(params.matrix === undefined ? {} : { name: params.matrix }),
      ...{ anyValues: params.anyValues, progress, signal },
    });
    const features = await nuclei.varNames();
    const panel = panelGenes(features, bundle && await readMatrixFeatures(bundle));
    const shared = matchGenes(matrix.genes, panel);
    for (const line of otherwiseMatched(shared)) ctx.inform(line);
    const sample = await readReference(matrix, shared.atlasColumns, cellTypes, params, ctx);
    const rowIds = await nuclei.obsNames();
    const counts = takeGenes(
      await nuclei.readX(),
      shared.panelPositions.map((position) => panel.columns[position]),
      { nuclei: rowIds, features },
    );
    const genes = Array.from(shared.panelPositions, (position) => panel.names[position]);
    const source = { ...sample, genes, typeCount: sample.names.length };
    const heldBytes = 8 * (counts.counts.data.length + sample.counts.data.length);
    const { scores, bags, estimate } = await mapBags(
      { reference: source, nuclei: counts, nucleusNames: rowIds, heldBytes },
      params,
      ctx,
    );
    const { columns, labels, constant } = labelled(scores, rowIds.length, sample.names);
    const types = Array.from(labels, (label) => sample.names[label]);
    const emptyNuclei = counts.totals.filter((total) => total === 0).length;
    if (emptyNuclei > 0) ctx.warn(`${emptyNuclei} nuclei without transcripts are labelled too`);
    return {
      scores: { rowIds, value: { index: rowIds, columns } },
      labels: { rowIds, value: categorical(types) },
      report: {
        reference: {
          name: atlas.path.slice(atlas.path.lastIndexOf("/") + 1),
          labelKey,
          matrix: matrix.name,
          cells: atlas.cellCount,
          mapped: sample.types.length,
          sampling: params.sampling,
        },
        mode: params.mode,
        provider: params.provider,
        genes: { panel: panel.names.length, shared: genes.length },
        types: typesOf([...columns.keys()], sample, labels),
        constantTypes: constant.map((type) => sample.names[type]),
        emptyNuclei,
        bags,
        estimate,
        agreement: truth === undefined
          ? null
          : await agreementOf(types, nuclei, counts.totals, truth, ctx.slide.id),
      },
    };
  },
});

/** Lines about genes whose names are not the same on both sides. */
function otherwiseMatched({ kinds }: SharedGenes): string[] {
  const lines = {
    case: "have the same name in other letters",
    id: "are matched by their Ensembl id",
  };
  return (["case", "id"] as const).flatMap((kind) => {
    const count = kinds.filter((other) => other === kind).length;
    return count === 0 ? [] : [`${count} of ${kinds.length} shared genes ${lines[kind]}`];
  });
}

type Sample = Awaited<ReturnType<typeof readReference>>;

interface Labelled {
  /** Scores by the names of their columns. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Type of each nucleus. */
  readonly labels: Int32Array;
  /** Types whose column is constant. */
  readonly constant: readonly number[];
}

function labelled(scores: Float32Array, nuclei: number, names: readonly string[]): Labelled {
  const { labels, constant } = hardLabels(scores, nuclei, names.length);
  const columns = new Map<string, Column>();
  names.forEach((name, type) => {
    const column = Float32Array.from({ length: nuclei }, (_, n) => scores[n * names.length + type]);
    columns.set(columnName(name, columns), column);
  });
  return { columns, labels, constant };
}

/** A name that stores accept: a slash would be a folder. */
function columnName(type: string, taken: ReadonlyMap<string, Column>): string {
  const plain = type.replaceAll("/", "_");
  return taken.has(plain) ? `${plain}_${taken.size}` : plain;
}

function typesOf(columns: readonly string[], sample: Sample, labels: Int32Array): TangramType[] {
  const count = (values: Int32Array) => {
    const counts = new Int32Array(columns.length);
    for (const type of values) counts[type]++;
    return counts;
  };
  const [mapped, nuclei] = [sample.types, labels].map(count);
  return sample.names.map((name, type) => ({
    name,
    column: columns[type],
    cells: sample.sizes[type],
    mapped: mapped[type],
    nuclei: nuclei[type],
  }));
}

async function agreementOf(
  types: readonly string[],
  nuclei: AnnDataHandle,
  totals: Float64Array,
  truth: SimulatedTruth,
  slide: string,
): Promise<TangramAgreement | null> {
  if (!nuclei.columnNames("obs").includes("xenium_cell_id")) return null;
  const ids = await nuclei.column("obs", "xenium_cell_id");
  return isTexts(ids) ? tangramAgreement(types, ids, totals, truth, tissueOf(slide)) : null;
}
