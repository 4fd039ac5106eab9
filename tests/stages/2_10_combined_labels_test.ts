import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import type { DenseArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  type AnnData,
  type DataFrame,
  readAnnDataZarr,
  type UnsDict,
} from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { CombinedReport } from "@/stages/2_10_combined_labels.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import {
  openPairs,
  type PlantedPairs,
  type PlantedTables,
  sparse,
  TYPES,
  typesOf,
} from "./planted_combined.ts";
import { runAll } from "./planted_slide.ts";

interface Combined {
  readonly folder: string;
  readonly slide: Slide;
  readonly table: AnnData;
  readonly report: CombinedReport;
  readonly warnings: readonly string[];
}

async function build(
  folder: string,
  planted: PlantedPairs,
  params: Record<string, unknown> = {},
): Promise<Combined> {
  const slide = await openPairs(folder, planted, params);
  const warnings = await runAll(slide);
  return {
    ...{ folder, slide, warnings },
    table: await readAnnDataZarr(localDisk, slide.resolve("tables/table_combined")),
    report: await slide.open(reportInput<CombinedReport>("combined_labels")),
  };
}

/** Combines planted cells and looks at the result. */
const combined = (
  planted: PlantedPairs,
  look: (found: Combined) => Promise<void> | void,
  params: Record<string, unknown> = {},
) =>
() => withTempDir(async (folder) => look(await build(folder, planted, params)));

/** What combining is refused for. */
async function refusal(planted: PlantedPairs, params = {}): Promise<SthelarError> {
  return await withTempDir((folder) =>
    assertRejects(() => build(folder, planted, params), SthelarError)
  );
}

const column = (table: AnnData, name: string) => table.obs.columns.get(name) as Categorical;
const textsOf = ({ codes, levels }: Categorical) =>
  Array.from(codes, (code) => levels[code] as string | undefined);
const editCells = (edit: (table: AnnData) => AnnData) => (tables: PlantedTables) => ({
  ...tables,
  cells: edit(tables.cells),
});
const editNuclei = (edit: (table: AnnData) => AnnData) => (tables: PlantedTables) => ({
  ...tables,
  nuclei: edit(tables.nuclei),
});
const withIds = (table: AnnData, ids: readonly string[]): AnnData => ({
  ...table,
  obs: { ...table.obs, columns: new Map(table.obs.columns).set("cell_id", ids) },
});

Deno.test(
  "2-10 writes table_combined under the published names, combined cells first, sorted by id",
  combined({ tangram: true }, ({ table, report }) => {
    const graph = report.graph;
    assertEquals([...table.obs.columns.keys()], [
      ...["region", "slide", "cell_id", "area", "ct_tangram", "transcript_counts"],
      ...["transcript_cat", "final_label_nuclei", "final_label_cells", "label1_nuclei"],
      ...["label1_cells", `${graph}_leiden_res0.4`, `${graph}_leiden_res0.6`],
      "final_label_combined",
    ]);
    assertEquals(Object.keys(table.layers), []);
    assertEquals(Object.keys(table.obsm).sort(), ["X_pca", "X_umap", "spatial", "tangram_pred"]);
    const few = typesOf({}).flatMap((type, row) => type < 0 ? [row] : []);
    const kept = typesOf({}).flatMap((type, row) => type < 0 ? [] : [row]);
    const ids = [...kept, ...few].map((row) => `c${String(row).padStart(4, "0")}`);
    assertEquals(table.obs.columns.get("cell_id"), ids);
    assertEquals(table.obs.index, ids);
    assertEquals(textsOf(column(table, "region"))[0], "cell_boundaries");
    const places = table.obsm.spatial as DenseArray;
    assertEquals(Number(places.data[0]), kept[0]);
    const scores = table.obsm.tangram_pred as DataFrame;
    assertEquals(Number((scores.columns.get("Mast cell") as Float64Array)[0]), kept[0]);
    assertEquals([report.rows, report.kept], [200, 195]);
  }),
);

Deno.test(
  "X holds weighted components of combined cells, and features of the nuclei that were left out",
  combined({}, ({ table, report }) => {
    const X = table.X as SparseMatrix;
    const [nucleus, cytoplasm] = report.blocks.map(({ components }) => components);
    assertEquals(X.shape, [200, nucleus + cytoplasm + 39]);
    assertEquals(table.var.index[0], "PC_nuc_1");
    assertEquals(table.var.index[nucleus], "PC_cyto_1");
    assertEquals(table.var.index[nucleus + cytoplasm], "G0");
    const block = textsOf(table.var.columns.get("block") as Categorical);
    assertEquals(block.filter((name) => name === "feature").length, 39);
    const widths = Array.from(
      { length: 200 },
      (_, row) => Number(X.indptr[row + 1]) - Number(X.indptr[row]),
    );
    assert(widths.slice(0, 195).every((width) => width === nucleus + cytoplasm));
    for (let k = Number(X.indptr[195]); k < X.data.length; k++) {
      assert(Number(X.indices[k]) >= nucleus + cytoplasm && Number.isInteger(Number(X.data[k])));
    }
    const first = [0, nucleus].map((place) => {
      const values = Array.from(
        { length: 195 },
        (_, row) => Number(X.data[row * (nucleus + cytoplasm) + place]),
      );
      const mean = values.reduce((sum, value) => sum + value, 0) / 195;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 194;
    });
    for (const variance of first) assertAlmostEquals(variance, 1, 1e-4);
  }),
);

Deno.test(
  "rows of few transcripts are Less10, without places, clusters or components",
  combined({}, ({ table, report }) => {
    const clusters = column(table, report.clustering);
    const pca = table.obsm.X_pca as DenseArray;
    for (let row = 195; row < 200; row++) {
      for (const name of ["combined", "nuclei", "cells"]) {
        assertEquals(textsOf(column(table, `final_label_${name}`))[row], "Less10");
      }
      assertEquals(textsOf(column(table, "label1_nuclei"))[row], "less10");
      assertEquals(clusters.codes[row], -1);
      assert(Number.isNaN(Number(pca.data[row * pca.shape[1]])));
    }
  }),
);

Deno.test(
  "2-10 finds planted types and calls them as their cells are called",
  combined({ truth: true }, ({ table, report, warnings }) => {
    const labels = textsOf(column(table, "final_label_combined"));
    const kept = typesOf({}).filter((type) => type >= 0);
    assertEquals(labels.slice(0, 195), kept.map((type) => TYPES[type][1]));
    assertEquals(report.by, "rule");
    assert(report.clusters.every(({ flags }) => flags.length === 0));
    assertEquals(report.agreement!.all.combined.accuracy, 1);
    assertEquals(report.agreement!.withNucleus.combined.cells, 195);
    const own = report.clusters[0].genes.map(({ gene }) => Number(gene.slice(1)));
    assertEquals(own.length, 7);
    assertEquals(new Set(own.slice(0, 6).map((gene) => Math.floor(gene / 6))).size, 1);
    assert(report.cytoplasm.clipped.transcripts > 0);
    assertEquals(report.genes.onlyNuclei, ["NegControl0", "NegControl1", "NegControl2"]);
    assertEquals(warnings.filter((text) => !text.includes("neighbours")), []);
  }),
);

Deno.test(
  "colours stand in the order of the categories, and by name",
  combined({}, ({ table }) => {
    for (const name of ["combined", "cells", "nuclei"]) {
      const { levels } = column(table, `final_label_${name}`);
      const byName = table.uns.get(`final_label_${name}_colors_by_name`) as UnsDict;
      const colours = [...table.uns.get(`final_label_${name}_colors`) as string[]];
      assertEquals(colours, levels.map((level) => byName.get(level) as string));
    }
  }),
);

Deno.test(
  "combined labels are right where some cells are called wrongly by themselves",
  combined({
    truth: true,
    cellLabel: (category, row) => row % 5 === 0 ? "Epithelial" : category,
    nucleusLabel: (category, row) => row % 3 === 0 ? "Less10" : category,
  }, ({ report: { agreement } }) => {
    const { cells, nuclei, combined } = agreement!.all;
    assertEquals(combined.accuracy, 1);
    assert(cells.accuracy < 0.85 && nuclei.accuracy < 0.7);
    assertEquals(agreement!.withNucleus.nuclei.accuracy, 1);
  }),
);

Deno.test(
  "clusters are flagged for unknown cells, for nuclei of another category, and for many that differ",
  combined({
    cellLabel: (category) => category === "Myeloid" ? "Unknown" : category,
    nucleusLabel: (category, row) =>
      category === "T_NK"
        ? row % 2 === 0 ? "B_Plasma" : "T_NK"
        : category === "B_Plasma"
        ? "Less10"
        : category,
  }, ({ report }) => {
    const flagsOf = (label: string) =>
      report.clusters.find(({ finalLabel }) => finalLabel === label)!.flags;
    assertEquals(flagsOf("Unknown"), ["unknown", "nucleiDiffer", "disagreement"]);
    assert(flagsOf("T_NK").includes("disagreement"));
    assertEquals(flagsOf("Blood_vessel"), []);
    const cluster = report.clusters.find(({ finalLabel }) => finalLabel === "B_Plasma")!;
    assertEquals([cluster.disagreement, cluster.disagreementOfAll], [0, 1]);
    assertEquals(cluster.flags, ["nucleiDiffer"]);
  }),
);

Deno.test(
  "numbers of components that are given are kept, and those that are not there are reported",
  combined(
    {},
    ({ report, warnings, table }) => {
      assertEquals(report.blocks.map(({ components, by }) => [components, by]), [
        [4, "given"],
        [35, "given"],
      ]);
      assertEquals(report.graph, "pca_n10_pcs6");
      assertEquals((table.obsm.X_pca as DenseArray).shape, [200, 38]);
      assert(
        warnings.some((text) => text.includes("35 principal components of cytoplasm, not 60")),
      );
      assertEquals(report.clustering, "pca_n10_pcs6_leiden_res0.2");
    },
    {
      ...{ nucleusComponents: 4, cytoplasmComponents: 60, principalComponents: 6 },
      ...{ resolutions: "0.2,1", resolution: 0.2 },
    },
  ),
);

Deno.test("a resolution that was not clustered is refused with those that were", async () => {
  const error = await refusal({}, { resolution: 0.5 });
  assertEquals(error.tag, "InvalidArgument");
  assert(error.message.includes("0.4, 0.6"), error.message);
});

Deno.test("ids that are there twice, or missing, are refused by table and name", async () => {
  const twice = await refusal({
    edit: editCells((table) =>
      withIds(table, table.obs.index.map((id, i) => i === 9 ? table.obs.index[3] : id))
    ),
  });
  assertEquals([twice.tag, twice.path], ["IdMismatch", "tables/table_cells"]);
  assert(/cell_id "c\d+" \(1 in all\) in several rows/.test(twice.message), twice.message);
  const missing = await refusal({
    edit: editNuclei((table) => withIds(table, table.obs.index.map((id, i) => i === 7 ? "" : id))),
  });
  assertEquals([missing.tag, missing.path], ["IdMismatch", "tables/table_nuclei"]);
  assert(missing.message.includes("no cell_id in 1 rows, first row 7"), missing.message);
  const none = await refusal({
    edit: editNuclei((table) => ({
      ...table,
      obs: {
        ...table.obs,
        columns: new Map(table.obs.columns).set("cell_id", new Int32Array(table.obs.index.length)),
      },
    })),
  });
  assertEquals(none.tag, "CorruptData");
});

Deno.test(
  "cells without nucleus and nuclei without cell are left out, and named",
  combined(
    {
      edit: editCells((table) =>
        withIds(table, table.obs.index.map((id) => id === "c0011" ? "z-alone" : id))
      ),
    },
    ({ report, table, warnings }) => {
      assertEquals(report.cellsWithoutNucleus, { count: 1, first: ["z-alone"] });
      assertEquals(report.nucleiWithoutCell, { count: 1, first: ["c0011"] });
      assertEquals([report.rows, report.kept], [200, 194]);
      assert(warnings.some((text) => text.includes("z-alone")), `${warnings}`);
      const row = table.obs.index.indexOf("c0011");
      assertEquals(textsOf(column(table, "final_label_combined"))[row], "Less10");
    },
  ),
);

Deno.test("tables without a common gene are refused with the first names of both", async () => {
  const renamed = (table: AnnData): AnnData => ({
    ...table,
    var: { ...table.var, index: table.var.index.map((name) => `other-${name}`) },
  });
  const error = await refusal({ edit: editCells(renamed) });
  assertEquals(error.tag, "IdMismatch");
  assert(error.message.includes('"G0"') && error.message.includes('"other-G0"'), error.message);
});

Deno.test(
  "features of one table only do not count, and are listed",
  combined(
    {
      edit: editCells((table) => ({
        ...table,
        var: { ...table.var, index: table.var.index.map((name) => name === "G30" ? "NEW" : name) },
      })),
    },
    ({ report }) => {
      assertEquals(report.genes.common, 35);
      assertEquals(report.genes.onlyCells, ["NEW"]);
      assert(report.genes.onlyNuclei.includes("G30"));
    },
  ),
);

Deno.test(
  "nuclei without transcripts are combined, and said to lie together",
  combined({ inNucleus: 0.02 }, ({ report, warnings }) => {
    assert(report.emptyNuclei > 5);
    const said = warnings.some((text) => text.startsWith(`${report.emptyNuclei} nuclei have no`));
    assert(said, `${warnings}`);
    assertEquals(report.kept, 195);
  }),
);

Deno.test("cells that are all nucleus have no cytoplasm to combine, and are refused", async () => {
  const cellsAsNuclei = ({ nuclei, cells }: PlantedTables): PlantedTables => {
    const none = cells.obs.index.map(() => cells.var.index.map(() => 0));
    return { nuclei, cells: { ...cells, X: sparse(none) } };
  };
  const error = await refusal({ edit: cellsAsNuclei });
  assertEquals(error.tag, "InvalidArgument");
  assert(error.message.includes("in cytoplasm"), error.message);
});

Deno.test("cells of which hardly one has enough transcripts are refused with the way out", async () => {
  const error = await refusal({ sizes: [2], few: 20 });
  assertEquals(error.tag, "InvalidArgument");
  assert(error.message.includes("lower minTranscripts"), error.message);
});

Deno.test(
  "fewer cells than components and neighbours are combined as well as can be",
  combined({ sizes: [4, 3], few: 1 }, ({ report, table, warnings }) => {
    assertEquals(report.neighbours, 6);
    assert((table.obsm.X_pca as DenseArray).shape[1] <= 6);
    assert(warnings.some((text) => text.includes("7 rows: 6 neighbours")), `${warnings}`);
  }),
);

Deno.test(
  "cells of one kind are one cluster, which has no genes and one label",
  combined({ sizes: [90], few: 3 }, ({ report, table, warnings }) => {
    assertEquals(report.clusters.length, 1);
    assertEquals(report.clusters[0].genes, []);
    assert(warnings.some((text) => text.includes("one cluster")), `${warnings}`);
    assertEquals(new Set(textsOf(column(table, "final_label_combined")).slice(0, 90)).size, 1);
  }, { resolutions: "0.001" }),
);

Deno.test("equal inputs give equal tables", async () => {
  const found: AnnData[] = [];
  for (let i = 0; i < 2; i++) {
    await combined({}, ({ table }) => {
      found.push(table);
    })();
  }
  assertEquals(found[0].obsm, found[1].obsm);
  assertEquals(found[0].obs, found[1].obs);
});
