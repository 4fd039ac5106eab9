import type { Categorical } from "@/core/categorical.ts";
import type { Returned, StageContext } from "@/core/stage.ts";
import type { AnnDataHandle } from "@/formats/anndata/mod.ts";
import {
  reportOutput,
  tableInput,
  tablePartOutput,
  tableUnsOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import {
  categoryAgreement,
  type CountedCombination,
  finalLabels,
  type LabelAgreement,
  type LabelColumns,
  type LabelledUnit,
  LESS10,
} from "@/labels/mod.ts";
import { categoryColours, colourOf } from "@/plots/colours.ts";
import { categoryInput } from "@/formats/spatialdata/table_part_input.ts";
import { bundleIdsOf } from "./label_inputs.ts";
import { type SimulatedTruth, truthInput } from "./simulated_truth.ts";

/** What a stage that standardizes labels found. */
export interface StandardizeReport {
  /** What the rows are. */
  readonly unit: LabelledUnit;
  /** Rows of the table. */
  readonly rows: number;
  /** Rows that were not clustered: `Less10`. */
  readonly less10: number;
  /** Categories in the published order. */
  readonly categories: readonly {
    readonly finalLabel: string;
    /** Rows. */
    readonly count: number;
    /** Share of the rows that were clustered; of `Less10`, none. */
    readonly share: number | null;
  }[];
  /** Combinations of labels, by label1, then most frequent first. */
  readonly combinations: readonly CountedCombination[];
  /** Agreement with the truth of a simulated slide. */
  readonly agreement: LabelAgreement | null;
}

/** What standardizing adds to a table. */
export function standardizeOutputs(table: string, report: string) {
  return {
    finalLabel: tablePartOutput(table, "obs/final_label"),
    colours: tableUnsOutput(table, "final_label_colors"),
    coloursByName: tableUnsOutput(table, "final_label_colors_by_name"),
    report: reportOutput<StandardizeReport>(report),
  };
}

/** What standardizing needs of a table. */
export function standardizeInputs(name: string) {
  return {
    table: tableInput(name),
    label1: categoryInput(name, "label1"),
    label2: categoryInput(name, "label2"),
    label3: categoryInput(name, "label3"),
    truth: truthInput,
  };
}

type Outputs = ReturnType<typeof standardizeOutputs>;

/** Combinations that are named in a message. */
const SHOWN = 5;

/** A table with labels. */
export interface TableToStandardize extends LabelColumns {
  /** The table. */
  readonly table: AnnDataHandle;
  /** What a simulated slide is. */
  readonly truth: SimulatedTruth | undefined;
}

/**
 * Gives every row of a table the category of its labels, with the published colours.
 *
 * @throws {SthelarError} `InvalidArgument` naming every `label1` that is unknown.
 */
export async function standardizeTable(
  { table, truth, ...columns }: TableToStandardize,
  unit: LabelledUnit,
  ctx: Pick<StageContext<Outputs>, "inform">,
): Promise<Returned<Outputs>> {
  const { column, combinations } = finalLabels(columns, unit);
  const fresh = combinations.filter(({ how }) => how === "label1");
  if (fresh.length > 0) {
    const named = fresh.slice(0, SHOWN).map(({ label1, label2, label3, finalLabel }) =>
      `${[label1, label2, label3].join(" / ")} -> ${finalLabel}`
    );
    ctx.inform(
      `combinations of labels that are not published, and get the category of their label1: ` +
        `${fresh.length} of ${combinations.length}, as ${named.join(", ")}`,
    );
  }
  const colours = categoryColours("final_label");
  return {
    finalLabel: { rowIds: await table.obsNames(), value: column },
    colours: column.levels.map((level) => colourOf(colours, level)),
    coloursByName: new Map(colours),
    report: {
      unit,
      ...countsOf(column, [...colours.keys()]),
      combinations,
      agreement: truth === undefined ? null : await agreementOf(table, column, truth),
    },
  };
}

function countsOf(
  { codes, levels }: Categorical,
  order: readonly string[],
): Pick<StandardizeReport, "rows" | "less10" | "categories"> {
  const counts = new Array<number>(levels.length).fill(0);
  for (const code of codes) counts[code]++;
  const countOf = (level: string) => counts[levels.indexOf(level)] ?? 0;
  const less10 = countOf(LESS10);
  const clustered = Math.max(1, codes.length - less10);
  return {
    rows: codes.length,
    less10,
    categories: order.filter((level) => countOf(level) > 0).map((finalLabel) => ({
      finalLabel,
      count: countOf(finalLabel),
      share: finalLabel === LESS10 ? null : Math.round(1e4 * countOf(finalLabel) / clustered) / 1e4,
    })),
  };
}

async function agreementOf(
  table: AnnDataHandle,
  { codes, levels }: Categorical,
  truth: SimulatedTruth,
): Promise<LabelAgreement> {
  const given = levels.map((level) => level === LESS10 ? undefined : level);
  return categoryAgreement(
    Array.from(codes, (code) => given[code]),
    await bundleIdsOf(table),
    truth,
  );
}
