import { SthelarError } from "@/core/errors.ts";
import type { DataFrame, RecordField, Records, UnsDict, UnsValue } from "./model.ts";

/** Genes of one group, ordered by score; arrays follow this order. */
export interface RankedColumns {
  /** Which group. */
  readonly group: number;
  /** Places of the genes in the list of names. */
  readonly genes: Int32Array;
  readonly scores: Float64Array;
  readonly log2FoldChanges: Float64Array;
  readonly pValues: Float64Array;
  readonly adjustedPValues: Float64Array;
  /** Share of the group's cells that express the gene. */
  readonly shares: Float64Array;
  /** The same of all other cells. */
  readonly sharesOthers: Float64Array;
}

/** Where ranked genes come from. */
export interface RankedOrigin {
  /** Column of `obs` with the groups. */
  readonly groupby: string;
  /** Name of each group by number (default the number). */
  readonly groups?: readonly string[];
  /** Layer of the values (default those of `X`). */
  readonly layer?: string;
  /** Whether `pts` and `pts_rest`, the shares of cells, are kept too (default yes). */
  readonly shares?: boolean;
}

/**
 * What scanpy 1.11's `tl.rank_genes_groups(method="wilcoxon")` leaves in `uns`, for its `get`, `pl` and
 * `filter` functions: records with a field for each group, and the parameters.
 *
 * @param ranked Groups of the same genes; those that are not ranked are left out.
 * @param geneNames Name of each gene.
 * @throws {SthelarError} `InvalidArgument` for no groups, groups without a name or of the same name, or a
 * gene without a name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rankGenesUns } from "@/formats/anndata/rank_genes_groups.ts";
 *
 * const one = Float64Array.of(1);
 * const columns = { scores: one, log2FoldChanges: one, pValues: one, adjustedPValues: one };
 * const group = { group: 0, genes: Int32Array.of(0), ...columns, shares: one, sharesOthers: one };
 * const uns = rankGenesUns({ groups: [group] }, ["CD3E"], { groupby: "leiden" });
 * assertEquals([...uns.keys()].slice(0, 3), ["params", "names", "scores"]);
 * ```
 */
export function rankGenesUns(
  { groups }: { readonly groups: readonly RankedColumns[] },
  geneNames: readonly string[],
  origin: RankedOrigin,
): UnsDict {
  const named = nameGroups(groups, geneNames, origin);
  const records = (fieldOf: (group: RankedColumns) => RecordField): Records => ({
    kind: "records",
    fields: new Map([...named].map(([name, group]) => [name, fieldOf(group)])),
  });
  const float32 = (values: Float64Array) => field("float32", Float32Array.from(values));
  const entries: [string, UnsValue][] = [
    ["params", paramsOf(origin)],
    ["names", records(({ genes }) => field("string", Array.from(genes, (g) => geneNames[g])))],
    ["scores", records(({ scores }) => float32(scores))],
    ["pvals", records(({ pValues }) => field("float64", pValues))],
    ["pvals_adj", records(({ adjustedPValues }) => field("float64", adjustedPValues))],
    ["logfoldchanges", records(({ log2FoldChanges }) => float32(log2FoldChanges))],
  ];
  if (origin.shares ?? true) {
    entries.push(
      ["pts", frameOf(named, geneNames, ({ shares }) => shares)],
      ["pts_rest", frameOf(named, geneNames, ({ sharesOthers }) => sharesOthers)],
    );
  }
  return new Map(entries);
}

function paramsOf({ groupby, layer }: RankedOrigin): UnsDict {
  return new Map<string, UnsValue>([
    ["groupby", groupby],
    ["reference", "rest"],
    ["method", "wilcoxon"],
    ["use_raw", false],
    ["layer", layer ?? null],
    ["corr_method", "benjamini-hochberg"],
  ]);
}

function field(dtype: RecordField["dtype"], data: RecordField["data"]): RecordField {
  return { dtype, data, shape: [data.length] };
}

/** A column for each group, genes in the order of their names. */
function frameOf(
  named: ReadonlyMap<string, RankedColumns>,
  geneNames: readonly string[],
  valuesOf: (group: RankedColumns) => Float64Array,
): DataFrame {
  const columns = new Map([...named].map(([name, group]) => {
    const byGene = new Float64Array(geneNames.length);
    valuesOf(group).forEach((value, rank) => byGene[group.genes[rank]] = value);
    return [name, byGene];
  }));
  return { index: geneNames, columns };
}

function nameGroups(
  groups: readonly RankedColumns[],
  geneNames: readonly string[],
  { groupby, groups: names }: RankedOrigin,
): Map<string, RankedColumns> {
  const invalid = (found: string, expected: string) =>
    new SthelarError("InvalidArgument", {
      action: `Cannot keep the ranked genes of "${groupby}"`,
      found,
      expected,
    });
  if (groups.length === 0) throw invalid("no group", "one or more");
  const named = new Map<string, RankedColumns>();
  for (const columns of groups) {
    const { group, genes } = columns;
    const name = names === undefined ? String(group) : names[group];
    if (name === undefined) throw invalid(`no name for group ${group}`, "a name for each group");
    if (named.has(name)) throw invalid(`two groups named "${name}"`, "a name for each group");
    const isOwn = genes.length === geneNames.length && genes.every((gene) => gene in geneNames);
    if (!isOwn) {
      throw invalid(
        `${genes.length} genes in group ${group} for ${geneNames.length} names`,
        "the names of all genes",
      );
    }
    named.set(name, columns);
  }
  return named;
}
