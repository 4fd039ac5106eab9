import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { constantCategorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { parseParams } from "@/core/params.ts";
import { type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import { silentProgress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import { type Column, openAnnDataZarr, writeAnnDataZarr } from "@/formats/anndata/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { identity, writeShapes } from "@/formats/spatialdata/mod.ts";
import { readCellFeatureMatrix, writeCellFeatureMatrix } from "@/formats/xenium/mod.ts";
import type { XeniumBundle } from "@/formats/xenium/mod.ts";
import { addCells } from "@/stages/2_04_add_cells.ts";
import { listIds } from "@/stages/add_cells_report.ts";
import { chooseFeatures } from "@/stages/cells_table.ts";
import { joinCells } from "@/stages/join_cells.ts";
import { matchCellsByPolygon } from "@/stages/match_cells_by_polygon.ts";
import { nucleusShapesInput } from "@/stages/nuclei_of_cells.ts";
import { takePolygons } from "@/stages/take_cells.ts";
import { type Changes, squares, withBundle } from "../formats/xenium/synthetic_bundle.ts";

const square = (x: number) => [x, 0, x + 1, 0, x + 1, 1, x, 1, x, 0];
/** The nuclei of the synthetic bundle; the second has two parts. */
const NUCLEI = packPolygons([[[square(0)]], [[square(5)], [square(6)]]]);
/** The same as the published stores have it: two parts drawn as one ring. */
const CROSSED = packPolygons([[[square(0)]], [[[...square(5), ...square(6).slice(0, -2), 5, 0]]]]);

interface Given {
  /** 10x's ids; a store of others has none. */
  readonly xeniumIds?: readonly string[];
  readonly nuclei?: MultiPolygons;
  readonly params?: Record<string, unknown>;
}

/** Runs the stage on a bundle and a store of these nuclei. */
async function run(bundle: XeniumBundle, given: Given = {}) {
  const { xeniumIds, nuclei = NUCLEI, params = {} } = given;
  const disk = new MemoryDisk();
  const ids = Array.from({ length: nuclei.geometryStart.length - 1 }, (_, i) => `nucleus${i}`);
  const indptr = Int32Array.from({ length: ids.length + 1 }, (_, row) => row);
  const columns = new Map<string, Column>([
    ["region", constantCategorical("nucleus_boundaries", ids.length)],
    ["cell_id", ids],
  ]);
  if (xeniumIds !== undefined) columns.set("xenium_cell_id", xeniumIds);
  await writeAnnDataZarr(disk, "/a.zarr/tables/table_nuclei", {
    X: {
      format: "csr",
      shape: [ids.length, 1],
      data: Int32Array.from(ids, (_, i) => 4 + i),
      indices: new Int32Array(ids.length),
      indptr,
    },
    obs: { index: ids, columns },
    var: { index: ["CD3E"], columns: new Map() },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  });
  await writeShapes(disk, "/a.zarr", "nucleus_boundaries", {
    ids,
    geometries: nuclei,
    transformations: new Map([["global", identity]]),
  });
  const said: string[] = [], warnings: string[] = [];
  const location = { disk, resolve: (name: string) => `/a.zarr/${name}` };
  const result = await addCells.run(
    {
      bundle,
      nuclei: await openAnnDataZarr(disk, "/a.zarr/tables/table_nuclei"),
      nucleusShapes: await nucleusShapesInput.open(location),
    },
    parseParams("2-04", addCells.params, params),
    {
      out: {},
      slide: { id: "tonsil_s0", simulated: false },
      random: new Random(1),
      progress: silentProgress,
      signal: new AbortController().signal,
      limits: { memoryBytes: 1e9, threads: 1 },
      scratch: "",
      checkpoints: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
      inform: (message) => said.push(message),
      warn: (message) => warnings.push(message),
      note: () => {},
    },
  );
  return { ...result, said, warnings };
}

const IDS = ["aaaaaaaa-1", "aaaaaaab-1"];

Deno.test("2-04 leaves cells without nucleus out, counts and lists them", () =>
  withBundle({}, async (bundle) => {
    const { table, cells, report, said, warnings } = await run(bundle, { xeniumIds: IDS });
    assertEquals(cells.ids, ["nucleus0", "nucleus1"]);
    assertEquals(table.obs.index, ["nucleus0", "nucleus1"]);
    assertEquals(table.obs.columns.get("xenium_cell_id"), IDS);
    assertEquals(table.obs.columns.get("transcript_counts"), Int32Array.of(2, 0));
    assert("indptr" in table.X!);
    assertEquals([table.var.index, [...table.X.data]], [["CD3E", "ACTB"], [2]]);
    assertEquals(report.cellsWithoutNucleus, { count: 1, ids: ["aaaaaaac-1"] });
    assertEquals(report.cells, { total: 3, added: 2 });
    assertEquals(report.otherFeatures, { "Negative Control Probe": 1, "Protein Expression": 1 });
    assertEquals(report.multinucleateCells, 1);
    assertEquals(report.medianTranscripts, { cell: 1, cellWithoutNucleus: 6, nucleus: 4.5 });
    assertEquals(said, []);
    assertEquals(warnings, ["cells without nucleus, left out: 1 of 3 (aaaaaaac-1)"]);
  }));

for (const [what, nuclei] of [["parts", NUCLEI], ["one crossed ring", CROSSED]] as const) {
  Deno.test(`2-04 joins by polygons where the store knows no ids of 10x, nuclei as ${what}`, () =>
    withBundle({}, async (bundle) => {
      const { table, report } = await run(bundle, { nuclei });
      assertEquals(report.joinedBy, "polygon");
      assertEquals(table.obs.columns.get("xenium_cell_id"), IDS);
      assertEquals(report.ambiguousNuclei.count, 0);
    }));
}

Deno.test("2-04 tells of nuclei that are no cell of the bundle", () =>
  withBundle({}, async (bundle) => {
    const nuclei = packPolygons([[[square(0)]], [[square(30)]]]);
    for (const given of [{ nuclei }, { xeniumIds: ["aaaaaaaa-1", "pppppppp-1"] }]) {
      const { table, report, warnings } = await run(bundle, given);
      assertEquals(table.obs.index, ["nucleus0"]);
      assertEquals(report.nucleiWithoutCell, { count: 1, ids: ["nucleus1"] });
      assertEquals(warnings.at(-1), "nuclei that are no cell of the bundle: 1 of 2 (nucleus1)");
    }
  }));

Deno.test("2-04 pairs nuclei with equal polygons in order, and tells of them", () =>
  withBundle({
    "nucleus_boundaries.parquet": squares([["aaaaaaaa-1", 1, 0, 1], ["aaaaaaab-1", 2, 0, 1]]),
  }, async (bundle) => {
    const nuclei = packPolygons([[[square(0)]], [[square(0)]]]);
    const { table, report, warnings } = await run(bundle, { nuclei });
    assertEquals(table.obs.columns.get("xenium_cell_id"), IDS);
    assertEquals(report.ambiguousNuclei.ids, ["nucleus0", "nucleus1"]);
    assertStringIncludes(warnings.at(-1)!, "paired in order: 2 (nucleus0, nucleus1)");
  }));

Deno.test("2-04 drops cells without a valid polygon if asked to, and lists them", () =>
  withBundle({
    "cell_boundaries.parquet": squares([["aaaaaaaa-1", 1, 0, 2], ["aaaaaaab-1", 2, 5, 0]]),
  }, async (bundle) => {
    const error = await assertRejects(() => run(bundle, { xeniumIds: IDS }), SthelarError);
    assertEquals(error.tag, "CorruptData");
    assertStringIncludes(error.message, "aaaaaaab-1");
    const given = { xeniumIds: IDS, params: { invalidPolygons: "drop" } };
    const { table, cells, report } = await run(bundle, given);
    assertEquals([table.obs.index, cells.ids], [["nucleus0"], ["nucleus0"]]);
    assertEquals(report.nucleiWithoutPolygon.ids, ["nucleus1"]);
    assertEquals(report.droppedPolygons[0].cellId, "aaaaaaab-1");
  }));

Deno.test("2-04 with all features divides proteins by the file's factor", () =>
  withBundle({
    "nucleus_boundaries.parquet": squares([["aaaaaaac-1", 1, 0, 1], ["aaaaaaaa-1", 2, 5, 1]]),
  }, async (bundle) => {
    const given = { xeniumIds: ["aaaaaaac-1", "aaaaaaaa-1"], params: { features: "all" } };
    const { table, report } = await run(bundle, given);
    assert("indptr" in table.X!);
    assertEquals(table.var.index, ["CD3E", "ACTB", "NegControlProbe_00001", "CD45"]);
    assertEquals([...table.X.data], [1, 5, 3, 2, 1]);
    assertEquals([...table.X.indices], [0, 1, 3, 0, 2]);
    assertEquals([report.genes, report.otherFeatures], [4, {}]);
  }));

const REFUSED: Readonly<Record<string, { changes: Changes; tag: string; says: string }>> = {
  "a matrix of other cells": {
    changes: { "cell_feature_matrix.h5": "matrix_other_cells.h5" },
    tag: "IdMismatch",
    says: "2 unknown ids in cell_feature_matrix.h5 (oooooooo-1, pppppppp-1)",
  },
  "a matrix in another order": {
    changes: { "cell_feature_matrix.h5": "matrix_other_order.h5" },
    tag: "IdMismatch",
    says: "another order in cell_feature_matrix.h5",
  },
  "a matrix that contradicts itself": {
    changes: { "cell_feature_matrix.h5": "matrix_contradictory.h5" },
    tag: "CorruptData",
    says: "cell_feature_matrix.h5",
  },
  "a matrix cut short": {
    changes: { "cell_feature_matrix.h5": new Uint8Array(700) },
    tag: "CorruptData",
    says: "cell_feature_matrix.h5",
  },
  "no matrix": {
    changes: { "cell_feature_matrix.h5": null },
    tag: "NotFound",
    says: "cell_feature_matrix.h5",
  },
  "no table of cells": {
    changes: { "cells.parquet": null },
    tag: "NotFound",
    says: "cells.parquet",
  },
  "a table of cells with an id twice": {
    changes: {
      "cells.parquet": `select 'aaaaaaaa-1' cell_id, 1.0::double x_centroid, 1.0::double y_centroid
        from range(3)`,
    },
    tag: "IdMismatch",
    says: "cell",
  },
  "cells without polygons file": {
    changes: { "cell_boundaries.parquet": null },
    tag: "NotFound",
    says: "cell_boundaries.parquet",
  },
};
for (const [what, { changes, tag, says }] of Object.entries(REFUSED)) {
  Deno.test(`2-04 refuses ${what}`, () =>
    withBundle(changes, async (bundle) => {
      const error = await assertRejects(() => run(bundle, { xeniumIds: IDS }), SthelarError);
      assertEquals(error.tag, tag, error.message);
      assertStringIncludes(error.message, says);
    }));
}

Deno.test("2-04 refuses the bundle of another slide, and nuclei that share a cell", () =>
  withBundle({}, async (bundle) => {
    const other = { xeniumIds: ["bbbbbbbb-1", "bbbbbbbc-1"] };
    const error = await assertRejects(() => run(bundle, other), SthelarError);
    assertEquals(error.tag, "IdMismatch");
    assertStringIncludes(error.message, "none of 2 nuclei (bbbbbbbb-1, bbbbbbbc-1, …)");
    assertStringIncludes(error.message, "name the bundle that the slide was made from");
    const shared = assertThrows(() => joinCells(["a", "a"], ["a", "b"], ["a"]), SthelarError);
    assertStringIncludes(shared.message, "1 cells that several nuclei claim: a");
  }));

Deno.test("2-04 tells of counts that are not the matrix's, and numbers repeated genes", () =>
  withBundle({}, async (bundle, db, folder) => {
    const { features, ...matrix } = await readCellFeatureMatrix(bundle);
    await writeCellFeatureMatrix(localDisk, `${folder}/cell_feature_matrix.h5`, {
      ...matrix,
      features: { ...features, names: ["CD3E", "CD3E", ...features.names.slice(2)] },
    });
    await db.copyToParquet(
      `select * replace (transcript_counts + 1 as transcript_counts)
       from read_parquet('${folder}/cells.parquet')`,
      `${folder}/more.parquet`,
    );
    await Deno.rename(`${folder}/more.parquet`, `${folder}/cells.parquet`);
    const { table, report, warnings } = await run(bundle, { xeniumIds: IDS });
    assertEquals(table.var.index, ["CD3E", "CD3E-1"]);
    assertEquals(report.repeatedGenes, ["CD3E"]);
    assertEquals(report.differingCounts, 3);
    assertEquals(warnings.slice(1), [
      "names that several genes have, numbered: 1 (CD3E)",
      "cells with another transcript_counts than their genes sum to: 3",
    ]);
  }));

Deno.test("chooseFeatures() refuses a matrix without genes, and numbers around taken names", () => {
  const features = (names: readonly string[], types: readonly string[]) => ({
    ...{ names, types, ids: names, genomes: undefined },
  });
  const gene = "Gene Expression";
  assertThrows(
    () => chooseFeatures(features(["a", "b"], ["Blank Codeword", "x"]), "genes"),
    SthelarError,
    "2 features: Blank Codeword, x",
  );
  const names = ["a", "a", "a-1", "a"];
  const chosen = chooseFeatures(features(names, names.map(() => gene)), "genes");
  assertEquals(chosen.names, ["a", "a-2", "a-1", "a-3"]);
});

Deno.test("listIds() lists all of fewer than 10,000, else the first hundred", () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
  assertEquals(listIds(ids), { count: 10_000, ids: ids.slice(0, 100) });
  assertEquals(listIds(ids.slice(1)).ids.length, 9_999);
});

Deno.test("matchCellsByPolygon() finds the permutation of many polygons, and nothing else", () => {
  const random = new Random(3);
  const polygons = packPolygons(
    Array.from({ length: 3000 }, () => {
      const ring = Array.from({ length: 8 }, () => Math.fround(random.uniform() * 50));
      return [[[...ring, ring[0], ring[1]]]];
    }),
  );
  const order = random.shuffle(Int32Array.from({ length: 3000 }, (_, i) => i)).subarray(0, 2000);
  const { rowOf, ambiguous } = matchCellsByPolygon(takePolygons(polygons, order), polygons);
  assertEquals(rowOf, order);
  assertEquals(ambiguous.length, 0);
  const moved = { ...polygons, xy: polygons.xy.map((v, i) => i === 2 ? v + 1e-6 : v) };
  assertEquals(matchCellsByPolygon(moved, polygons).rowOf.indexOf(-1), 0);
});

Deno.test("takePolygons() takes geometries with parts and holes in any order", () => {
  const hole = [5.2, 0.2, 5.4, 0.2, 5.4, 0.4, 5.2, 0.2];
  const geometries = [[[square(0)]], [[square(5), hole], [square(6)]], [[square(9)]]];
  const taken = takePolygons(packPolygons(geometries), Int32Array.of(2, 1, 1));
  assertEquals(taken, packPolygons([geometries[2], geometries[1], geometries[1]]));
});
