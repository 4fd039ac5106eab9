import { assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import {
  knnAccuracy,
  latentComposition,
  scviAgreement,
  truthAgreement,
} from "@/stages/scvi_agreement.ts";

const points = (...data: number[]) => ({ data: Float32Array.from(data), shape: [data.length, 1] });
const near = (neighbours: number, ...data: number[]) =>
  nearestNeighbours(points(...data), { neighbours, random: new Random(1) });

Deno.test("knnAccuracy() lets points without label neither vote nor count", async () => {
  const nearest = await near(3, 0, 1, 2, 10, 11, 12);
  assertEquals(knnAccuracy(nearest, Int32Array.of(0, -1, 0, 1, 0, -1)), 0.5);
  assertEquals(knnAccuracy(nearest, Int32Array.of(-1, -1, -1, -1, -1, -1)), null);
  assertEquals(knnAccuracy(nearest, Int32Array.of(0, -1, -1, 1, -1, -1)), null);
});

Deno.test("knnAccuracy() goes by the nearest of equally frequent labels", async () => {
  const nearest = await near(3, 0, 1, 3, 100, 200, 300);
  assertEquals(knnAccuracy(nearest, Int32Array.of(0, 0, 1, -1, -1, -1)), 0.6667);
});

Deno.test("scviAgreement() compares labelled cells alone, and no single cluster", async () => {
  const nearest = await near(2, 0, 1, 10, 11, 20);
  const clusters = { clusters: Int32Array.of(0, 0, 1, 1, 2), count: 3, nearest };
  const same = scviAgreement("a", clusters, Int32Array.of(5, 5, 3, 3, -1));
  assertEquals(same, { name: "a", cells: 4, labels: 2, ari: 1, nmi: 1, knnAccuracy: 1 });
  const one = scviAgreement("b", clusters, Int32Array.of(0, 0, 0, -1, -1));
  assertEquals([one.ari, one.nmi, one.labels], [null, null, 1]);
  const none = scviAgreement("c", clusters, new Int32Array(5).fill(-1));
  assertEquals([none.cells, none.labels, none.ari, none.knnAccuracy], [0, 0, null, null]);
});

Deno.test("truthAgreement() gives each cluster the category of most of its cells", () => {
  const clusters = Int32Array.of(0, 0, 0, 1, 1, -1), truth = Int32Array.of(2, 2, 3, 3, -1, 3);
  const found = truthAgreement("a", clusters, truth);
  assertEquals([found.name, found.accuracy], ["a", 0.75]);
  const unknown = truthAgreement("b", clusters, new Int32Array(6).fill(-1));
  assertEquals([unknown.ari, unknown.accuracy], [null, 0]);
});

Deno.test("latentComposition() leaves out labels of no cell", async () => {
  const nearest = await near(2, 0, 1, 2);
  const column = { codes: Int32Array.of(2, -1, 0), levels: ["B", "none", "T"], ordered: false };
  assertEquals(latentComposition({ clusters: Int32Array.of(1, 0, 1), count: 2, nearest }, column), {
    labels: ["B", "T"],
    counts: [[0, 0], [1, 1]],
  });
});
