import { SthelarError } from "@/core/errors.ts";
import type { Input } from "@/core/stage.ts";
import { type AnnDataHandle, type Column, isCategorical, isTexts } from "@/formats/anndata/mod.ts";
import type { DuckDb } from "@/formats/parquet/mod.ts";
import {
  parseTransformations,
  readShapes,
  type Shapes,
  type Transformations,
} from "@/formats/spatialdata/mod.ts";
import { type BoundaryOptions, readBoundaries, type XeniumBundle } from "@/formats/xenium/mod.ts";
import { openGroup } from "@/formats/zarr/mod.ts";
import { matchCellsByPolygon } from "./match_cells_by_polygon.ts";

const NUCLEI = "shapes/nucleus_boundaries";

/** The nuclei of the store; their polygons are read when they are asked for. */
export interface NucleusShapes {
  /** Where they lie, by coordinate system. */
  readonly transformations: Transformations;
  /** Reads them. */
  read(): Promise<Shapes>;
}

/** The nuclei that stage 1-02 wrote. */
export const nucleusShapesInput: Input<NucleusShapes> = {
  kind: "nodes",
  names: [NUCLEI],
  doc: NUCLEI,
  async open({ resolve, disk }) {
    const path = resolve(NUCLEI);
    const { attributes } = await openGroup(disk, path);
    return {
      transformations: parseTransformations(attributes.coordinateTransformations, path),
      read: () => readShapes(disk, path),
    };
  },
};

/** Whose nucleus each nucleus is. */
export interface NucleusOwners {
  /** What told it. */
  readonly joinedBy: "xenium_cell_id" | "polygon";
  /** Id of each nucleus in the store. */
  readonly ids: readonly string[];
  /** 10x's id of its cell, `undefined` where the bundle has no such polygon. */
  readonly xeniumIds: readonly (string | undefined)[];
  /** Rows whose polygon is there several times. */
  readonly ambiguous: Int32Array;
}

/** Owners as the table of nuclei names them; `undefined` if it does not. */
export async function ownersByTable(nuclei: AnnDataHandle): Promise<NucleusOwners | undefined> {
  const names = nuclei.columnNames("obs");
  if (!names.includes("xenium_cell_id")) return undefined;
  const xeniumIds = textsOf(await nuclei.column("obs", "xenium_cell_id"));
  const ids = names.includes("cell_id")
    ? textsOf(await nuclei.column("obs", "cell_id"))
    : await nuclei.obsNames();
  if (ids === undefined || xeniumIds === undefined) return undefined;
  return { joinedBy: "xenium_cell_id", ids, xeniumIds, ambiguous: new Int32Array() };
}

/** Owners by equal polygons of nuclei in the store and in the bundle. */
export async function ownersByPolygon(
  nuclei: NucleusShapes,
  bundle: XeniumBundle,
  db: DuckDb,
  options: BoundaryOptions,
): Promise<NucleusOwners> {
  const { ids, geometries } = await nuclei.read();
  if (geometries.kind !== "polygons") {
    throw new SthelarError("CorruptData", {
      action: "Cannot join nuclei with cells",
      found: `${geometries.kind} in "${NUCLEI}"`,
      expected: "polygons",
      path: NUCLEI,
    });
  }
  const { cellIds, polygons } = await readBoundaries(bundle, db, "nucleus", options);
  const { rowOf, ambiguous } = matchCellsByPolygon(geometries.polygons, polygons);
  return {
    joinedBy: "polygon",
    ids: Array.from<string | bigint, string>(ids, String),
    xeniumIds: Array.from(rowOf, (row) => row < 0 ? undefined : cellIds[row]),
    ambiguous,
  };
}

function textsOf(column: Column): readonly string[] | undefined {
  if (isTexts(column)) return column;
  return isCategorical(column)
    ? Array.from(column.codes, (code) => column.levels[code] ?? "")
    : undefined;
}

/** Rows of the matrix that are in memory at a time. */
const ROWS_A_BLOCK = 50_000;

/** Transcripts of all features in each nucleus, as its table counts them. */
export async function transcriptsOfNuclei(nuclei: AnnDataHandle): Promise<Float64Array> {
  const [count] = nuclei.shape;
  const totals = new Float64Array(count);
  for (let from = 0; from < count; from += ROWS_A_BLOCK) {
    const { data, indptr } = await nuclei.csrRows(from, Math.min(count, from + ROWS_A_BLOCK));
    for (let row = 0; row + 1 < indptr.length; row++) {
      for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
        totals[from + row] += Number(data[k]);
      }
    }
  }
  return totals;
}
