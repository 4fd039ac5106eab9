import { assert, assertEquals } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import {
  type Clustering,
  combinedEvidence,
  type CombinedLabels,
  combinedOverrides,
  draftCombinedDecisions,
  formatCombinedDecisions,
  parseCombinedDecisions,
  proposeOverrides,
} from "@/labels/mod.ts";

function labels(cells: readonly string[], nuclei: readonly (string | undefined)[]): CombinedLabels {
  const [a, b] = [categorical(cells), categorical(nuclei)];
  return { cells: a, nuclei: b, cellLabel1: a, nucleusLabel1: b };
}

const evidence = (
  cells: readonly string[],
  nuclei: readonly (string | undefined)[],
  flagAbove?: number,
) => combinedEvidence(new Int32Array(cells.length), 1, labels(cells, nuclei), flagAbove)[0];

const of = (parts: Readonly<Record<string, number>>) =>
  Object.entries(parts).flatMap(([label, count]) => Array<string>(count).fill(label));

Deno.test("combinedEvidence() finds the published numbers of a cluster of unknown cells (skin_s1, 10)", () => {
  // 31 cells, 83.9 % Unknown; all nuclei unknown, none of the cell's category.
  const cells = of({ Unknown: 26, Epithelial: 5 });
  const { cellLabels, disagreement, disagreementOfAll, flags } = evidence(
    cells,
    of({ Less10: 31 }),
  );
  assertEquals([cellLabels[0].label, cellLabels[0].share.toFixed(3)], ["Unknown", "0.839"]);
  assertEquals([disagreement, disagreementOfAll], [0, 1]);
  assertEquals(flags, ["unknown", "nucleiDiffer"]);
});

Deno.test("combinedEvidence() skips unknown nuclei where there are others (skin_s1, 1)", () => {
  const { nucleusLabels, flags } = evidence(
    of({ Blood_vessel: 10 }),
    of({ Less10: 9, Blood_vessel: 1 }),
  );
  assertEquals(nucleusLabels.map(({ label }) => label), ["Less10", "Blood_vessel"]);
  assertEquals(flags, []);
});

Deno.test("combinedEvidence() flags disagreement above the limit, not at it", () => {
  const cells = of({ T_NK: 10 });
  assertEquals(evidence(cells, of({ Myeloid: 4, T_NK: 6 })).flags, []);
  assertEquals(evidence(cells, of({ Myeloid: 5, T_NK: 5 }), 0.45).flags[0], "nucleiDiffer");
  assert(evidence(cells, of({ Myeloid: 5, T_NK: 5 })).flags.includes("disagreement"));
});

Deno.test("combinedEvidence() takes a missing label for Less10, and keeps empty clusters", () => {
  const missing = evidence(of({ T_NK: 2 }), [undefined, "T_NK"]);
  assertEquals(missing.disagreementOfAll, 0.5);
  assertEquals(missing.nucleusLabels.map(({ label }) => label), ["Less10", "T_NK"]);
  const [, empty] = combinedEvidence(Int32Array.of(0, 2), 3, labels(["B", "B"], ["B", "B"]));
  assertEquals([empty.cells, empty.cellLabels, empty.flags], [0, [], []]);
});

Deno.test("combinedEvidence() adds up: shares of a cluster's cells, cells of all clusters", () => {
  const clusters = Int32Array.from({ length: 100 }, (_, i) => i % 3 - 1);
  const texts = Array.from({ length: 100 }, (_, i) => "ABC"[i % 7 % 3]);
  const found = combinedEvidence(clusters, 2, labels(texts, texts.toReversed()));
  assertEquals(found.reduce((sum, { cells }) => sum + cells, 0), 66);
  for (const { cellCounts, cells } of found) {
    assertEquals(cellCounts.reduce((sum, count) => sum + count, 0), cells);
  }
});

const ids = Array.from({ length: 90 }, (_, i) => `cell-${i}`);
const clustering = (codes: readonly number[], key = "leiden"): Clustering => ({
  ...{ key, codes: Int32Array.from(codes), count: Math.max(...codes) + 1 },
});
const thirds = clustering(ids.map((_, i) => Math.floor(i / 30)));

Deno.test("a draft is read back as it was written, and applies to its clustering alone", () => {
  const genes = [{ topGenes: ["A", "B"], evidence: { cells: 30 } }];
  const draft = draftCombinedDecisions(thirds, ids, genes, new Map([["2", "Unknown"]]));
  const read = parseCombinedDecisions(formatCombinedDecisions(draft), "x.json");
  assertEquals(read, draft);
  const found = combinedOverrides([thirds], read, { ids, path: "x.json" });
  assert(found.kind === "applied");
  assertEquals([...found.overrides], [[2, "Unknown"]]);
  const swapped = clustering(ids.map((_, i) => 2 - Math.floor(i / 30)));
  const other = combinedOverrides([swapped], read, { ids, path: "x.json" });
  assert(other.kind === "otherClustering" && other.reason.includes("its stamp is"));
  const renamed = combinedOverrides([{ ...thirds, key: "b" }], read, { ids, path: "x.json" });
  assert(renamed.kind === "otherClustering" && renamed.reason.includes("and there are b"));
});

Deno.test("proposeOverrides() finds overridden clusters again when they are renumbered or divided", () => {
  const draft = draftCombinedDecisions(thirds, ids, [], new Map([["0", "Myeloid"]]));
  const divided = clustering(ids.map((_, i) => i < 15 ? 3 : i < 30 ? 2 : i < 60 ? 0 : 1), "finer");
  const proposal = proposeOverrides(draft, divided, ids);
  assertEquals([...proposal.overrides], [["2", "Myeloid"], ["3", "Myeloid"]]);
  assertEquals(proposal.clustering.key, "finer");
  const found = combinedOverrides([divided], proposal, { ids, path: "x.json" });
  assertEquals(found.kind, "applied");
});

Deno.test("the example of the repository is a file of combined decisions", async () => {
  const path = "data/decisions/examples/heart_s0/combined.json";
  const { overrides, members } = parseCombinedDecisions(await Deno.readTextFile(path), path);
  assert(overrides.size > 0 && members.size > 1);
});
