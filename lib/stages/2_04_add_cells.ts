import { booleanParam, choiceParam, type ParamValues } from "@/core/params.ts";
import { defineStage, type StageContext } from "@/core/stage.ts";
import { type DuckDb, openDuckDb } from "@/formats/parquet/mod.ts";
import {
  reportOutput,
  shapesOutput,
  tableInput,
  tableOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import { xeniumBundleInput } from "@/formats/xenium/bundle_input.ts";
import {
  type BundleRole,
  checkIds,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  readZLevels,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { type AddCellsReport, addCellsReport, firstIds, listIds } from "./add_cells_report.ts";
import {
  type CellsSource,
  cellsTable,
  type CellsTableParts,
  chooseFeatures,
  countColumns,
} from "./cells_table.ts";
import { joinCells } from "./join_cells.ts";
import {
  nucleusShapesInput,
  ownersByPolygon,
  ownersByTable,
  transcriptsOfNuclei,
} from "./nuclei_of_cells.ts";
import { takePolygons, takeValues } from "./take_cells.ts";

export type { AddCellsReport } from "./add_cells_report.ts";

const REGION = "cell_boundaries";
const ROLES: readonly BundleRole[] = ["cells", "cellBoundaries", "nucleusBoundaries", "matrix"];
/** Share of cells without nucleus above which something is likely wrong: 4 % are usual at most. */
const USUAL_SHARE = 0.1;

const params = {
  features: choiceParam(["genes", "all"], "Features of 10x's matrix that become columns"),
  invalidPolygons: choiceParam(
    ["error", "drop"],
    "What becomes of cells with fewer than three distinct vertices",
  ),
  parity: booleanParam(
    false,
    "As published: joined by equal polygons of nuclei, rows of the table in 10x's order and numbered",
  ),
};

type Params = ParamValues<typeof params>;

const outputs = {
  cells: shapesOutput(REGION),
  table: tableOutput("table_cells", {
    region: REGION,
    regionKey: "region",
    instanceKey: "cell_id",
  }),
  report: reportOutput<AddCellsReport>("add_cells"),
};

type Context = StageContext<typeof outputs>;

/**
 * 2-4: the polygons of 10x's cells and 10x's counts in them, under the ids of their nuclei; cells
 * without nucleus are left out. Original: `_2-4_add_cells.py`.
 *
 * | | here | with `parity`, as published |
 * |---|---|---|
 * | a nucleus finds its cell by | `xenium_cell_id` | its polygon, equal in the bundle |
 * | rows of `table_cells` | in the order of the nuclei, named by `cell_id` | in 10x's order, named by row number |
 *
 * A table of nuclei without `xenium_cell_id`, as in published stores, is joined by polygons as well.
 * Region is `cell_boundaries` from the start (published: `cell_labels`, mended in 2-7), counts are whole
 * numbers (published: float32), and `xenium_cell_id` is one column more.
 */
export const addCells = defineStage({
  id: "2-04",
  name: "add_cells",
  version: 1,
  doc: "Polygons of cells, and 10x's counts of genes in them.",
  inputs: {
    bundle: xeniumBundleInput(ROLES, ["cellsZarr"]),
    nuclei: tableInput("table_nuclei"),
    nucleusShapes: nucleusShapesInput,
  },
  outputs,
  params,
  budget: ({ cells, transcripts }) => ({
    memoryBytes: 600e6 + cells * 3000 + transcripts * 12,
    seconds: 2 + cells / 30e3 + transcripts / 10e6,
  }),
  async run({ bundle, nuclei, nucleusShapes }, params, ctx) {
    using db = await openDuckDb({
      memoryBytes: Math.min(1e9, ctx.limits.memoryBytes / 4),
      threads: ctx.limits.threads,
      tempFolder: ctx.scratch,
      signal: ctx.signal,
    });
    await checkIds(bundle, db, { roles: [...ROLES, "cellsZarr"] });
    const invalid = { invalid: params.invalidPolygons };
    const owners = (params.parity ? undefined : await ownersByTable(nuclei)) ??
      await ownersByPolygon(nucleusShapes, bundle, db, invalid);
    const boundaries = await readBoundaries(bundle, db, "cell", invalid);
    const source = await readSource(bundle, db, params);
    const join = joinCells(owners.xeniumIds, source.cells.cellIds, boundaries.cellIds);
    const nucleusTotals = await transcriptsOfNuclei(nuclei);
    const report = addCellsReport({ owners, boundaries, source, join, nucleusTotals });
    tell(report, source.matrix.proteinScaleUnknown && params.features === "all", ctx);
    const ids = Array.from(join.nuclei, (nucleus) => owners.ids[nucleus]);
    return {
      cells: {
        ids,
        geometries: takePolygons(boundaries.polygons, join.polygons),
        transformations: nucleusShapes.transformations,
      },
      table: cellsTable({ ...source, ...rowsOf(join.cells, ids, params.parity), region: REGION }),
      report,
    };
  },
});

async function readSource(bundle: XeniumBundle, db: DuckDb, params: Params): Promise<CellsSource> {
  const cells = await readCells(bundle, db);
  const matrix = await readCellFeatureMatrix(bundle);
  return {
    cells,
    matrix,
    counts: countColumns(cells, matrix),
    zLevels: await readZLevels(bundle, cells.cellIds.length),
    features: chooseFeatures(matrix.features, params.features),
  };
}

/** Rows of the table of cells, their ids in the store and their names. */
function rowsOf(
  cells: Int32Array,
  ids: readonly string[],
  parity: boolean,
): Pick<CellsTableParts, "rows" | "ids" | "rowNames"> {
  if (!parity) return { rows: cells, ids, rowNames: ids };
  const order = Int32Array.from(cells.keys()).sort((a, b) => cells[a] - cells[b]);
  const rows = takeValues(cells, order);
  return {
    rows,
    ids: Array.from(order, (i) => ids[i]),
    rowNames: Array.from(rows, String),
  };
}

/** Tells what a user should know before going on. */
function tell(report: AddCellsReport, proteinScaleUnknown: boolean, ctx: Context): void {
  const { cells, nuclei, cellsWithoutNucleus: lost } = report;
  if (lost.count > 0) {
    const text = `cells without nucleus, left out: ${lost.count} of ${cells.total}`;
    const say = lost.count > USUAL_SHARE * cells.total ? ctx.warn : ctx.inform;
    say(`${text} (${firstIds(lost)})`);
  }
  const lists = [
    ["nuclei that are no cell of the bundle", report.nucleiWithoutCell, ` of ${nuclei}`],
    ["nuclei whose cell has no polygon, left out", report.nucleiWithoutPolygon, ` of ${nuclei}`],
    ["nuclei with a polygon that is there again, paired in order", report.ambiguousNuclei, ""],
    ["names that several genes have, numbered", listIds(report.repeatedGenes), ""],
  ] as const;
  for (const [what, list, total] of lists) {
    if (list.count > 0) ctx.warn(`${what}: ${list.count}${total} (${firstIds(list)})`);
  }
  if (report.differingCounts > 0) {
    ctx.warn(
      `cells with another transcript_counts than their genes sum to: ${report.differingCounts}`,
    );
  }
  if (proteinScaleUnknown) {
    ctx.warn("proteins compare within this slide only: no scale in the file");
  }
}
