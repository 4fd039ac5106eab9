import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError } from "@/core/errors.ts";
import { openXeniumBundle, readCellFeatureMatrix } from "@/formats/xenium/mod.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { automaticLabels } from "@/labels/automatic_labels.ts";
import { type ClusterEvidence, clusterEvidence } from "@/labels/cluster_evidence.ts";
import { labelAgreement } from "@/labels/label_agreement.ts";
import type { MarkerScore } from "@/labels/marker_scores.ts";
import { panelMarkers } from "@/labels/marker_types.ts";
import { finalLabelOf } from "@/labels/reference_types.ts";
import { testWithData } from "../test_data.ts";
import { PANEL_GENES, plantedClusters } from "./planted_clusters.ts";

const MACROPHAGE = ["CD163", "CD68", "MRC1", "CD14", "MS4A4A"];
const T_CELL = ["CD3E", "CD3D", "TRAC", "CD2", "IL7R"];
const MUSCLE = ["MYH11", "CNN1", "DES", "ACTA2"];

/** What shows which cells of a pancreas. */
const KNOWN_GENES: readonly (readonly [gene: string, finalLabel: string])[] = [
  ["AMY2A", "Epithelial"],
  ["KRT7", "Epithelial"],
  ["INS", "Specialized"],
  ["FBLN1", "Fibroblast_Myofibroblast"],
  ["PECAM1", "Blood_vessel"],
  ["MYH11", "Blood_vessel"],
  ["CD3E", "T_NK"],
  ["MS4A4A", "Myeloid"],
  ["KIT", "Myeloid"],
  ["MZB1", "B_Plasma"],
];

function score(label1: string, value: number, isState = false): MarkerScore {
  const finalLabel = finalLabelOf(label1);
  const expressed = ["A", "B"];
  return { label1, finalLabel, kind: label1, score: value, markers: 4, expressed, isState };
}

function evidence(
  markers: readonly MarkerScore[],
  tangram: Readonly<Record<string, number>> = {},
): ClusterEvidence {
  const shares = Object.entries(tangram)
    .map(([label1, share]) => ({ label1, finalLabel: finalLabelOf(label1), share }));
  const seen = shares.length === 0 ? {} : { tangram: shares };
  return { name: "0", cells: 9, markers, ...seen, topGenes: [] };
}

function ruled(markers: readonly MarkerScore[], tangram?: Readonly<Record<string, number>>) {
  const [{ label1, by, isDoubtful }] = automaticLabels([evidence(markers, tangram)]);
  return [label1, by, isDoubtful];
}

Deno.test("automaticLabels() takes what markers and Tangram agree on", () => {
  assertEquals(ruled([score("Mast", 0.7), score("T", 0.1)], { Mast: 0.8, T: 0.2 }), [
    ...["Mast", "both", false],
  ]);
});

Deno.test("automaticLabels() takes the surer one where markers and Tangram disagree", () => {
  const markers = [score("Mast", 0.8), score("T", 0.1)];
  assertEquals(ruled(markers, { T: 0.55, Mast: 0.1 }), ["Mast", "markers", false]);
  assertEquals(ruled([score("Mast", 0.38)], { T: 0.95 }), ["T", "tangram", false]);
  const close = ruled([score("Mast", 0.6)], { T: 0.65 });
  assertEquals(close, ["T", "tangram", true]);
});

Deno.test("automaticLabels() doubts a label where markers of another category fit about as well", () => {
  const shared = [score("DC", 0.69), score("Glioblastoma_tumor_cell_astrocyte_derived", 0.52)];
  assertEquals(ruled(shared, { DC: 0.15 }), ["DC", "both", true]);
  assertEquals(ruled([score("Mast", 0.42)], { T: 0.95 }), ["T", "tangram", true]);
  assertEquals(ruled([score("Pericyte", 0.84), score("Epithelial", 0.4)])[2], false);
});

Deno.test("automaticLabels() does without Tangram, and says Unknown where nothing convinces", () => {
  assertEquals(ruled([score("Endothelial", 0.6)]), ["Endothelial", "markers", false]);
  assertEquals(ruled([score("Endothelial", 0.3)], { T: 0.3 }), ["Unknown", "nobody", true]);
  assertEquals(ruled([]), ["Unknown", "nobody", true]);
  assertEquals(ruled([], { Unknown: 1 }), ["Unknown", "nobody", true]);
});

Deno.test("automaticLabels() passes over the larger sum of a category that nothing shows clearly", () => {
  const markers = [score("Cardiomyocyte", 0.6), score("T", 0.35)];
  assertEquals(ruled(markers, { T: 0.48 }), ["Cardiomyocyte", "markers", true]);
});

Deno.test("automaticLabels() names a dividing cluster by its type, and by its state without one", () => {
  const dividing = score("Stem_like_cell", 0.8, true);
  assertEquals(ruled([dividing, score("T", 0.5)])[0], "T");
  assertEquals(ruled([dividing, score("T", 0.2)])[0], "Stem_like_cell");
});

Deno.test("automaticLabels() takes Tangram's word for the label within a category", () => {
  const markers = [score("Monocyte/Macrophage", 0.5), score("DC", 0.45)];
  assertEquals(ruled(markers, { DC: 0.6, "Monocyte/Macrophage": 0.3 })[0], "DC");
});

Deno.test("every type of the panel is found by its category, whatever the clusters' sizes", async () => {
  const types = panelMarkers(PANEL_GENES).filter(({ type, markers }) =>
    markers.length >= 4 && !type.isState
  );
  assert(types.length > 25);
  const { clustering, sources } = plantedClusters(types.map(({ markers }, i) => ({
    genes: markers.map((gene) => PANEL_GENES[gene]),
    cells: i % 3 === 0 ? 200 : 20,
  })));
  const labels = automaticLabels(await clusterEvidence(clustering, sources));
  const wrong = labels.filter(({ finalLabel }, i) =>
    finalLabel !== finalLabelOf(types[i].type.label1)
  ).map(({ label1 }, i) => `${types[i].type.kind}: ${label1}`);
  assertEquals(wrong, []);
});

Deno.test("a type that fills most clusters is still found", async () => {
  const plants = [MUSCLE, MUSCLE, MUSCLE, T_CELL, MACROPHAGE].map((genes) => ({
    genes,
    cells: 50,
  }));
  const { clustering, sources } = plantedClusters(plants);
  const labels = automaticLabels(await clusterEvidence(clustering, sources));
  assertEquals(labels.map(({ finalLabel }) => finalLabel), [
    ...["Blood_vessel", "Blood_vessel", "Blood_vessel", "T_NK", "Myeloid"],
  ]);
});

Deno.test("clusters without own genes are Unknown, and so are an empty and an only one", async () => {
  const noise = { genes: [], cells: 60 };
  const several = plantedClusters([noise, noise, noise, { genes: T_CELL, cells: 60 }]);
  const clustering = { ...several.clustering, count: 5 };
  const labels = automaticLabels(await clusterEvidence(clustering, several.sources));
  assertEquals(labels.map(({ label1 }) => label1), [
    ...["Unknown", "Unknown", "Unknown", "T", "Unknown"],
  ]);
  const alone = plantedClusters([noise]);
  const [only] = automaticLabels(await clusterEvidence(alone.clustering, alone.sources));
  assertEquals([only.label1, only.cells], ["Unknown", 60]);
});

Deno.test("one cluster alone is known by its genes against an even share of the panel", async () => {
  const { clustering, sources } = plantedClusters([{ genes: T_CELL, cells: 50 }]);
  const [only] = automaticLabels(await clusterEvidence(clustering, sources));
  assertEquals(only.label1, "T");
});

Deno.test("clusterEvidence() gives means and shares of the cluster and of all other cells", async () => {
  const plants = [{ genes: T_CELL, cells: 30 }, { genes: MUSCLE, cells: 90 }];
  const { clustering, sources } = plantedClusters(plants);
  const types = Array.from(clustering.codes, (code, cell) => {
    if (cell === 0) return undefined;
    return code === 0 ? cell % 2 === 0 ? "CD4 T cell" : "CD8 T cell" : "Smooth muscle cell";
  });
  const [first] = await clusterEvidence(clustering, { ...sources, tangramTypes: types });
  assertEquals(first.tangram, [{ label1: "T", finalLabel: "T_NK", share: 1 }]);
  const shown = first.topGenes.find(({ gene }) => gene === "CD3E")!;
  const column = sources.genes.indexOf("CD3E");
  const { data, indices, indptr } = sources.logNorm;
  const sums = [0, 0], counts = [0, 0];
  clustering.codes.forEach((code, cell) => {
    for (let k = Number(indptr[cell]); k < Number(indptr[cell + 1]); k++) {
      if (Number(indices[k]) !== column) continue;
      sums[code] += data[k];
      counts[code]++;
    }
  });
  assertAlmostEquals(shown.mean, sums[0] / 30, 1e-9);
  assertAlmostEquals(shown.meanOthers, sums[1] / 90, 1e-9);
  assertAlmostEquals(shown.share, counts[0] / 30, 1e-9);
  assertAlmostEquals(shown.shareOthers, counts[1] / 90, 1e-9);
});

Deno.test("clusterEvidence() refuses codes out of range and another matrix, and stops at a signal", async () => {
  const { clustering, sources } = plantedClusters([{ genes: T_CELL, cells: 5 }]);
  const invalid = (error: unknown) => isSthelarError(error, "InvalidArgument");
  const out = { ...clustering, codes: clustering.codes.map(() => 1) };
  assert(invalid(await assertRejects(() => clusterEvidence(out, sources))));
  const genes = sources.genes.slice(1);
  assert(invalid(await assertRejects(() => clusterEvidence(clustering, { ...sources, genes }))));
  const signal = AbortSignal.abort();
  const stopped = await assertRejects(() => clusterEvidence(clustering, sources, { signal }));
  assert(isSthelarError(stopped, "Aborted"));
});

Deno.test("labelAgreement() leaves out sparse cells and those of another slide", () => {
  const truth = {
    rowOf: new Map([["a", 0], ["b", 1], ["c", 2], ["d", 3]]),
    finalLabel: ["T_NK", "T_NK", "Myeloid", "Myeloid"],
    referenceType: ["", "", "", ""],
  };
  const found = labelAgreement(
    ["T", "NK", "B", "Mast", "Mast", "Mast"],
    ["a", "b", "c", "d", "x", "a"],
    [11, 12, 13, 10, 99, 10],
    truth,
  );
  assertEquals(found, {
    cells: 3,
    accuracy: 0.6667,
    balancedAccuracy: 0.5,
    recall: { Myeloid: 0, T_NK: 1 },
    categories: ["B_Plasma", "Myeloid", "T_NK"],
    confusion: [[0, 0, 0], [1, 0, 0], [0, 0, 2]],
    commonest: 0.6667,
  });
});

testWithData(
  "xenium_pancreas_roiA",
  "10x's own clusters of a real pancreas get the labels that their markers show",
  async (path) => {
    const { matrix, cellIds, features } = await readCellFeatureMatrix(await openXeniumBundle(path));
    const csv = await Deno.readTextFile(`${path}/clusters_graphclust.csv`);
    const clusterOf = new Map(
      csv.trim().split("\n").slice(1).map((line) => line.split(",") as [string, string]),
    );
    const codes = Int32Array.from(cellIds, (id) => Number(clusterOf.get(id) ?? 0));
    const clustering = { key: "graphclust", codes, count: Math.max(...codes) + 1 };
    const logNorm = log1p(normaliseTotal(matrix));
    const sources = { logNorm, genes: features.names, tissue: "pancreatic" };
    const labels = automaticLabels(await clusterEvidence(clustering, sources));
    const showing = (gene: string) => {
      const clusters = labels.filter(({ topGenes }) => topGenes.some((top) => top.gene === gene));
      return [...new Set(clusters.map(({ finalLabel }) => finalLabel))].join(" ");
    };
    assertEquals(
      Object.fromEntries(KNOWN_GENES.map(([gene]) => [gene, showing(gene)])),
      Object.fromEntries(KNOWN_GENES),
    );
    const kindOf = (cluster: number) => labels[cluster].best?.kind;
    assertEquals([2, 3, 1].map(kindOf), [
      ...["pancreatic ductal cell", "pancreatic acinar cell", "myofibroblast"],
    ]);
    const named = labels.filter(({ label1 }) => label1 !== "Unknown");
    assert(named.reduce((sum, { cells }) => sum + cells, 0) > 0.95 * codes.length);
  },
);
