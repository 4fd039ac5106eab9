import { type Categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { ParamValues } from "@/core/params.ts";
import type { Returned, StageContext } from "@/core/stage.ts";
import { rankGenesUns } from "@/formats/anndata/rank_genes_groups.ts";
import {
  reportOutput,
  tablePartOutput,
  tableUnsOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import {
  automaticResolution,
  type Clustering,
  type LabelAgreement,
  labelAgreement,
  LESS10,
  NOT_CLUSTERED,
  type RefinedCluster,
  tissueOf,
} from "@/labels/mod.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";
import { rankGenes } from "@/numerics/rank_genes/mod.ts";
import { categoryColours, colourOf, freeColours } from "@/plots/colours.ts";
import { chooseLabels, type ChosenLabels, type GivenDecisions } from "./choose_labels.ts";
import type { ClusteredTable } from "./clustering_input.ts";
import type { ClusteringReport } from "./clustering_report.ts";
import { describeClusters } from "./describe_clusters.ts";
import { keptGraph, keptRows, spreadColumn } from "./kept_rows.ts";
import type { LabelReport } from "./label_report.ts";
import type { labellingParams } from "./labelling_params.ts";
import type { SimulatedTruth } from "./simulated_truth.ts";

/** What labelling adds to a table, under the published names. */
export function labelOutputs(table: string, report: string) {
  return {
    refined: tablePartOutput(table, "obs/refine_res"),
    label1: tablePartOutput(table, "obs/label1"),
    label2: tablePartOutput(table, "obs/label2"),
    label3: tablePartOutput(table, "obs/label3"),
    label1Colours: tableUnsOutput(table, "label1_colors"),
    label2Colours: tableUnsOutput(table, "label2_colors"),
    label3Colours: tableUnsOutput(table, "label3_colors"),
    markers: tableUnsOutput(table, "rank_genes_refine_res"),
    report: reportOutput<LabelReport>(report),
  };
}

type Outputs = ReturnType<typeof labelOutputs>;

/** A clustered table, and what else speaks for labels. */
export interface TableToLabel {
  /** What its rows are. */
  readonly unit: "nuclei" | "cells";
  /** Its clusters. */
  readonly clustered: ClusteredTable;
  /** Names of its rows. */
  readonly rowIds: readonly string[];
  /** Their ids in the bundle, which outlive a new build. */
  readonly bundleIds: readonly string[];
  /** Names of its columns. */
  readonly features: readonly string[];
  /** Transcripts of each row. */
  readonly totals: ArrayLike<number>;
  /** Type that Tangram gave each row. */
  readonly tangramTypes: readonly (string | undefined)[] | undefined;
  /** What a person decided about it. */
  readonly decisions: GivenDecisions | undefined;
  /** What a simulated slide is. */
  readonly truth: SimulatedTruth | undefined;
}

/**
 * Labels the clusters of a table, and every row by its cluster; rows that were not clustered are
 * called so.
 *
 * @throws {SthelarError} `InvalidArgument` for a resolution that was not clustered, or for decisions that
 *   cannot be carried out.
 */
export async function labelTable(
  table: TableToLabel,
  { resolution }: ParamValues<typeof labellingParams>,
  ctx: StageContext<Outputs>,
): Promise<Returned<Outputs>> {
  const { unit, clustered, rowIds, features } = table;
  const { rows, clusterings } = await keptRows(clustered);
  const take = <T>(values: ArrayLike<T>) => Array.from(rows, (row) => values[row]);
  const ids = take(table.bundleIds), totals = take(table.totals);
  const known = {
    unit,
    logNorm: takeRows(await clustered.logNorm(), rows),
    ...{ genes: features, tissue: tissueOf(ctx.slide.id), ids, clusterings },
    ...(table.tangramTypes === undefined ? {} : { tangramTypes: take(table.tangramTypes) }),
    connectivities: async () => keptGraph(await clustered.connectivities(), rows),
  };
  const key = clusteringName(clustered.report, resolution);
  const chosen = await chooseLabels(known, key, table.decisions, ctx);
  const refined = refinedClustering(chosen);
  const { signal, progress } = ctx;
  const ranked = refined.count < 2
    ? undefined
    : await rankGenes(known.logNorm, refined.codes, refined.count, { signal, progress });
  const described = await describeClusters({ ...known, chosen, refined, ranked, totals }, ctx);
  const column = (of: (cluster: RefinedCluster) => string) =>
    spreadColumn(
      categoricalOfCodes(refined.codes, chosen.clusters.map(of)),
      rows,
      rowIds.length,
    );
  const part = (value: Categorical) => ({ rowIds, value });
  const [label1, label2, label3] = (["label1", "label2", "label3"] as const).map((label) =>
    part(withNotClustered(column((cluster) => cluster[label])))
  );
  ctx.note(`${unit}Labels`, chosen.by === "rule" ? "automatic" : "decided");
  const groups = chosen.clusters.map(({ name }) => name);
  return {
    ...{ refined: part(column(({ name }) => name)), label1, label2, label3 },
    label1Colours: labelColours(label1.value),
    label2Colours: labelColours(label2.value),
    label3Colours: labelColours(label3.value),
    markers: ranked === undefined || ranked.groups.length === 0
      ? new Map()
      : rankGenesUns(ranked, features, { groupby: "refine_res", groups, layer: "log_norm" }),
    report: {
      ...described,
      agreement: agreementOf(label1.value, rows, ids, totals, table.truth),
    },
  };
}

/** The name of the clustering that the rule labels. */
function clusteringName({ clusterings }: ClusteringReport, resolution: number | undefined): string {
  const wanted = resolution ??
    automaticResolution(clusterings.map((clustering) => clustering.resolution));
  const found = clusterings.find((clustering) => clustering.resolution === wanted);
  if (found !== undefined) return found.name;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot label the clusters of resolution ${wanted}`,
    found: `clusterings of resolution ${clusterings.map((c) => c.resolution).join(", ")}`,
    remedy: "name one of these, or add it to `resolutions` of the stage that clusters",
  });
}

/** Refined clusters by number, in the order in which they are described. */
function refinedClustering({ refined, clusters }: ChosenLabels): Clustering {
  const numberOf = new Map(clusters.map(({ name }, number) => [name, number]));
  const numbers = refined.levels.map((level) => numberOf.get(level)!);
  const codes = refined.codes.map((code) => numbers[code]);
  return { key: "refine_res", codes, count: clusters.length };
}

/** Rows without label are called so, as in the published tables. */
function withNotClustered({ codes, levels }: Categorical): Categorical {
  const texts = [...levels, NOT_CLUSTERED];
  return categoricalOfCodes(codes.map((code) => code < 0 ? levels.length : code), texts);
}

/** Colours in the order of the categories, as scanpy looks for them; grey for rows without label. */
export function labelColours({ levels }: Categorical): string[] {
  const colours = new Map(freeColours(levels.filter((level) => level !== NOT_CLUSTERED)));
  colours.set(NOT_CLUSTERED, colourOf(categoryColours("final_label"), LESS10));
  return levels.map((level) => colourOf(colours, level));
}

function agreementOf(
  { codes, levels }: Categorical,
  rows: Int32Array,
  ids: readonly string[],
  totals: readonly number[],
  truth: SimulatedTruth | undefined,
): LabelAgreement | null {
  if (truth === undefined) return null;
  const labels = Array.from(rows, (row) => levels[codes[row]]);
  return labelAgreement(labels, ids, totals, truth);
}
