import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import { Random } from "@/core/random.ts";
import {
  clusterCompositionFigure,
  clusterEvidenceFigure,
  clusterSizesFigure,
  depthFigure,
  dotPlotFigure,
  labelMap,
  markerScoreFigure,
  truthConfusion,
  umapFigure,
} from "@/plots/chapter_2/mod.ts";
import { categoryColours, MISSING_COLOUR } from "@/plots/mod.ts";

const final = categoryColours("final_label");
const count = (text: string, part: string) => text.split(part).length - 1;
const placesOf = (n: number) => {
  const random = new Random("places");
  return {
    x: Float32Array.from({ length: n }, () => random.normal()),
    y: Float32Array.from({ length: n }, () => random.normal()),
  };
};
const cycle = (n: number, levels: readonly (string | undefined)[]) =>
  categorical(Array.from({ length: n }, (_, i) => levels[i % levels.length]));
const numbers = (n: number) => Array.from({ length: n }, (_, i) => String(i));
const panel = (title: string, column = cycle(60, ["a", "b"])) =>
  ({ kind: "categorical", title, column }) as const;
/** Where a text stands. */
const placeOf = (svg: string, text: string) => {
  const found = new RegExp(`<text x="([\\d.-]+)" y="([\\d.-]+)"[^>]*>${text}</text>`).exec(svg);
  assert(found !== null, `no text "${text}"`);
  return { x: Number(found[1]), y: Number(found[2]) };
};

Deno.test("umapFigure() names both axes in every panel, and has no ticks", async () => {
  const values = Float32Array.from({ length: 60 }, (_, i) => i);
  const panels = [panel("one"), panel("two"), {
    kind: "continuous" as const,
    title: "depth",
    values,
    label: "transcripts",
  }, panel("four")];
  const svg = await umapFigure({ ...placesOf(60), panels, notes: ["simulated"] }).svg();
  assertEquals(count(svg, ">UMAP1<"), 4);
  assertEquals(count(svg, ">UMAP2<"), 4);
  for (const text of ["one", "two", "depth", "four", "transcripts", "60 nuclei", "simulated"]) {
    assert(svg.includes(`>${text}<`), text);
  }
});

Deno.test("umapFigure() draws each point once in each panel, and lists each category once", async () => {
  const svg = await umapFigure({ ...placesOf(60), panels: [panel("one")] }).svg();
  assertEquals(count(svg, "<circle"), 60 + 2);
  assertEquals(count(svg, 'fill="rgb(31,119,180)"'), 30);
  assertEquals(count(svg, 'fill="rgb(255,127,14)"'), 30);
});

Deno.test("umapFigure() lists clusters by number, in scanpy's colours", async () => {
  const column = cycle(120, numbers(12));
  const svg = await umapFigure({ ...placesOf(120), panels: [panel("leiden", column)] }).svg();
  const order = numbers(12).map((cluster) => svg.indexOf(`>${cluster}<`));
  assertEquals(order, order.toSorted((a, b) => a - b));
  assertEquals(
    count(svg, 'fill="rgb(255,187,120)"'),
    10,
    "cluster 10 has scanpy's eleventh colour",
  );
});

Deno.test("umapFigure() draws points without a category first, in grey, and counts them", async () => {
  const column = cycle(60, ["a", undefined, "b"]);
  const svg = await umapFigure({ ...placesOf(60), panels: [panel("label1", column)] }).svg();
  assert(svg.includes(">missing (20)<") && svg.includes(MISSING_COLOUR));
  const points = svg.match(/<circle [^>]*fill="rgb[^>]*>/g)!;
  assertEquals(points.length, 60);
  assert(points.slice(0, 20).every((circle) => circle.includes("rgb(217,217,217)")));
  assert(points.slice(20).every((circle) => !circle.includes("rgb(217,217,217)")));
});

Deno.test("umapFigure() does not draw one category over the other", async () => {
  const svg = await umapFigure({ ...placesOf(60), panels: [panel("one")] }).svg();
  const points = svg.match(/<circle [^>]*fill="rgb[^>]*>/g)!;
  const first = points.slice(0, 30).filter((circle) => circle.includes("31,119,180")).length;
  assert(first > 5 && first < 25, `${first} of the first 30 points are of one category`);
});

Deno.test("umapFigure() puts names on the data in bold with a halo, at the medians", async () => {
  const x = [0, 0, 0, 10, 10, 10], y = [0, 1, 2, 10, 10, 10];
  const column = categorical(["left", "left", "left", "right", "right", "right"]);
  const panels = [{ ...panel("leiden", column), labelsOnData: true }];
  const svg = await umapFigure({ x, y, panels }).svg();
  assertEquals(count(svg, 'font-weight="bold" fill="#000" stroke="white"'), 2);
  const [left, right] = [placeOf(svg, "left"), placeOf(svg, "right")];
  assert(left.x < right.x && left.y > right.y);
  assertEquals(count(svg, ">left<"), 1, "the legend has gone");
});

Deno.test("umapFigure() puts the name of two islands on the larger one, not between them", async () => {
  const x = [0, 0, 0, 0, 0, 0.1, 10, 10, 10, 10, 5];
  const y = [0, 0.1, 0, 0, 0.1, 0, 10, 10, 10, 10, 0];
  const column = categorical([...Array(10).fill("a"), "b"]);
  const apart = x.map((value, i) => column.codes[i] === 0 && i > 4 ? value + 1 : value);
  const panels = [{ ...panel("leiden", column), labelsOnData: true }];
  const svg = await umapFigure({ x: apart, y, panels }).svg();
  const name = placeOf(svg, "a");
  assert(name.x < 60 && name.y > 200, `${name.x}, ${name.y}`);
});

Deno.test("umapFigure() lists names in a legend that would cover the data", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `Cancer_cell_with_stem_like_properties${i}`);
  const panels = [{ ...panel("label1", cycle(60, names)), labelsOnData: true }];
  const svg = await umapFigure({ ...placesOf(60), panels }).svg();
  assert(!svg.includes('stroke="white"') && svg.includes(">properties19<"));
});

Deno.test("umapFigure() moves names apart that would lie on each other", async () => {
  const column = cycle(60, numbers(6));
  const same = new Float32Array(60);
  const panels = [{ ...panel("leiden", column), labelsOnData: true }];
  const svg = await umapFigure({ x: same, y: same, panels }).svg();
  const places = numbers(6).map((cluster) => placeOf(svg, cluster));
  for (const [i, a] of places.entries()) {
    for (const b of places.slice(i + 1)) {
      assert(Math.abs(a.x - b.x) > 7 || Math.abs(a.y - b.y) > 11);
    }
  }
});

Deno.test("umapFigure() draws many points as an image a panel, its size bounded", async () => {
  const column = cycle(6000, numbers(30));
  const options = { ...placesOf(6000), panels: [panel("a", column), panel("b", column)] };
  const svg = await umapFigure(options).svg();
  assertEquals(count(svg, "<image"), 2);
  assertEquals(count(svg, "<circle"), 60, "those of the legends");
  assertEquals(svg, await umapFigure(options).svg());
});

Deno.test("umapFigure() wraps its panels in rows of three, and long names in the legend", async () => {
  const long = "Glioblastoma_tumor_cell_astrocyte_derived";
  const panels = numbers(6).map((title) => panel(title, cycle(60, [long, "T"])));
  const { width, height } = await umapFigure({ ...placesOf(60), panels }).draw();
  const single = await umapFigure({ ...placesOf(60), panels: panels.slice(0, 1) }).draw();
  assert(width > 1.5 * single.width && width < 1200, `${width} px of ${single.width}`);
  assert(height > 1.5 * single.height, `${height} px of ${single.height}`);
  const svg = await umapFigure({ ...placesOf(60), panels }).svg();
  assert(svg.includes(">Glioblastoma_tumor_cell_<") && svg.includes(">astrocyte_derived<"));
});

Deno.test("umapFigure() draws no point, a single one, and skips places that are not finite", async () => {
  const none = await umapFigure({ x: [], y: [], panels: [panel("none", categorical([]))] }).svg();
  assert(none.includes("0 nuclei") && !none.includes("NaN"));
  const one = await umapFigure({ x: [3], y: [3], panels: [panel("one", categorical(["0"]))] })
    .svg();
  assertEquals(count(one, "<circle"), 2);
  const lost = { x: [NaN, 1, 2], y: [0, 1, NaN], panels: [panel("lost", cycle(3, ["a"]))] };
  const svg = await umapFigure(lost).svg();
  assertEquals(count(svg, "<circle"), 2);
  assert(!svg.includes("NaN"));
});

Deno.test("umapFigure() of a category without a colour is an error that names it", async () => {
  const panels = [{ ...panel("final_label", categorical(["Martian"])), colours: final }];
  const error = await assertRejects(
    () => umapFigure({ x: [0], y: [0], panels }).svg(),
    SthelarError,
  );
  assert(error.message.includes("Martian"));
});

Deno.test("depthFigure() shows label, seven bins and the logarithm of the transcripts", async () => {
  const transcriptCounts = Int32Array.from({ length: 700 }, (_, i) => 11 + i);
  const label1 = cycle(700, ["T/NK", "B"]);
  const svg = await depthFigure({ ...placesOf(700), label1, transcriptCounts, unit: "cells" })
    .svg();
  for (const title of ["label1", "transcript_cat", "transcript_counts_log", "700 cells"]) {
    assert(svg.includes(`>${title}<`), title);
  }
  for (const bin of numbers(7)) assert(svg.includes(`>${bin}</text>`), `bin ${bin}`);
  assert(!svg.includes(">missing"));
});

const expression = {
  genes: ["CD3E", "MS4A1", "MYH7"],
  mean: [2, 0, 0.1, 0.1, 3, 0.1],
  share: [0.9, 0, 0.1, 0.1, 1, 0.1],
};

Deno.test("dotPlotFigure() draws a dot for each gene in each cluster that expresses it", async () => {
  const markers = [["CD3E"], ["MS4A1", "MYH7"]];
  const svg = await dotPlotFigure({ clusters: ["0", "1"], expression, markers }).svg();
  const legend = 4;
  assertEquals(count(svg, "<circle"), 5 + legend, "MS4A1 is not expressed in cluster 0");
  for (const gene of expression.genes) assertEquals(count(svg, `>${gene}<`), 1);
  assert(svg.includes("expressing, %") && svg.includes("mean, each gene 0–1"));
});

Deno.test("dotPlotFigure(): the area of a dot is the share", async () => {
  const values = { genes: ["A"], mean: [1, 1], share: [1, 0.25] };
  const svg = await dotPlotFigure({ clusters: ["0", "1"], expression: values, markers: [["A"]] })
    .svg();
  const radii = [...svg.matchAll(/<circle [^>]*r="([\d.]+)"/g)].map(([, r]) => Number(r));
  assertEquals(radii[0] ** 2, 4 * radii[1] ** 2);
});

Deno.test("dotPlotFigure() wraps 105 genes, repeats the clusters' names and stays narrow", async () => {
  const clusters = numbers(15);
  const genes = Array.from({ length: 105 }, (_, i) => `GENE${i}`);
  const flat = Array.from({ length: 105 * 15 }, (_, i) => (i % 7) / 7);
  const markers = clusters.map((_, i) => genes.slice(7 * i, 7 * i + 7));
  const figure = dotPlotFigure({
    clusters,
    expression: { genes, mean: flat, share: flat },
    markers,
  });
  const { width } = await figure.draw();
  assert(width < 1100, `${width} px`);
  const svg = await figure.svg();
  for (const gene of genes) assertEquals(count(svg, `>${gene}<`), 1);
  assertEquals(count(svg, ">14<"), 3, "two blocks of rows and a bracket");
});

Deno.test("dotPlotFigure() without standardising has one scale for all genes", async () => {
  const options = { clusters: ["0", "1"], expression, markers: [["CD3E"], ["MS4A1"]] };
  const svg = await dotPlotFigure({ ...options, standardise: false }).svg();
  assert(svg.includes("mean log-normalised expression") && svg.includes(">3<"));
});

Deno.test("dotPlotFigure() of a gene without values is an error that names it", async () => {
  const figure = dotPlotFigure({ clusters: ["0"], expression, markers: [["XIST"]] });
  const error = await assertRejects(() => figure.svg(), SthelarError);
  assert(error.message.includes("XIST"));
});

Deno.test("clusterCompositionFigure() gives shares of each cluster, its size and its label", async () => {
  const clusters = categorical(["0", "0", "0", "0", "10", "2", undefined]);
  const labels = categorical(["T_NK", "T_NK", "T_NK", "Myeloid", "Myeloid", undefined, "T_NK"]);
  const chosen = new Map([["0", "T/NK"], ["2", "Mast"]]);
  const svg = await clusterCompositionFigure({ clusters, labels, colours: final, chosen }).svg();
  assert(svg.includes(">75<") && svg.includes(">25<"));
  assert(svg.includes(">4 (66.7 %)<") && svg.includes("6 nuclei"));
  const rows = ["0 · T/NK", "2 · Mast", "10"].map((text) => svg.indexOf(`>${text}<`));
  assert(rows[0] > 0 && rows[0] < rows[1] && rows[1] < rows[2]);
  assertEquals(count(svg, ">no label<"), 1);
});

Deno.test("clusterCompositionFigure() sums labels up that are too many to tell apart", async () => {
  const labels = cycle(300, Array.from({ length: 30 }, (_, i) => `type ${i}`));
  const svg = await clusterCompositionFigure({ clusters: cycle(300, ["0"]), labels }).svg();
  assert(svg.includes(">11 rarer labels<"));
  assertEquals(count(svg, ">type "), 19);
});

Deno.test("clusterCompositionFigure() writes dark numbers on light labels, light ones on dark", async () => {
  const clusters = cycle(2, ["0", "1"]);
  const labels = categorical(["Myeloid", "Blood_vessel"]);
  const svg = await clusterCompositionFigure({ clusters, labels, colours: final }).svg();
  assertEquals(count(svg, 'fill="#1a1a1a">100<'), 1);
  assertEquals(count(svg, 'fill="white">100<'), 1);
});

Deno.test("clusterCompositionFigure() draws an empty cluster as an empty bar", async () => {
  const clusters = { codes: Int32Array.of(0, 0), levels: ["0", "1"], ordered: false };
  const svg = await clusterCompositionFigure({ clusters, labels: categorical(["T", "T"]) }).svg();
  assert(svg.includes(">0 (0 %)<") && !svg.includes("NaN"));
});

Deno.test("clusterSizesFigure() lists clusters by number with their shares", async () => {
  const svg = await clusterSizesFigure({ clusters: cycle(22, numbers(11)), unit: "cells" }).svg();
  assert(svg.includes("22 cells, 11 clusters"));
  assertEquals(count(svg, ">2 (9.1 %)<"), 11);
  assert(svg.indexOf(">9<") < svg.indexOf(">10<"));
});

const evidence = {
  cluster: "1",
  clusters: categorical(["0", "1", "1", "1", undefined]),
  umap: placesOf(5),
  slide: { x: [0, 50, 100, 150, 200], y: [0, 50, 0, 50, 0] },
  markers: Array.from({ length: 12 }, (_, i) => ({
    gene: `GENE${i}`,
    score: 20 - i,
    shareIn: 0.9,
    shareOut: 0.05,
  })),
  labels: categorical(["T_NK", "T_NK", "Myeloid", "Myeloid", "T_NK"]),
  labelColours: final,
  transcripts: [100, 20, 30, 80, 1000],
};

Deno.test("clusterEvidenceFigure() says size, depth, ten markers and the labels of one cluster", async () => {
  const svg = await clusterEvidenceFigure({ ...evidence, notes: ["automatic"] }).svg();
  assert(svg.includes(">Cluster 1<") && svg.includes(">automatic<"));
  assert(svg.includes("3 nuclei (75.0 %), median 30 transcripts (all: 55)"));
  assert(svg.includes(">GENE9<") && !svg.includes(">GENE10<"));
  assert(svg.includes(">20.0<") && svg.includes(">90 / 5<"));
  assert(svg.indexOf(">Myeloid<") < svg.indexOf(">T_NK<"));
  assert(svg.includes(">66.7 %<") && svg.includes("µm<"));
});

Deno.test("clusterEvidenceFigure() marks the cluster's rows over all others, twice", async () => {
  const svg = await clusterEvidenceFigure(evidence).svg();
  const points = svg.match(/<circle [^>]*fill="rgb[^>]*>/g)!.map((circle) =>
    circle.includes("rgb(214,39,40)")
  );
  assertEquals(points, [false, false, true, true, true, false, false, true, true, true]);
});

Deno.test("clusterEvidenceFigure() draws an empty cluster, and refuses one that is not there", async () => {
  const clusters = { codes: new Int32Array(5), levels: ["0", "1"], ordered: false };
  const svg = await clusterEvidenceFigure({ ...evidence, clusters, markers: [] }).svg();
  assert(svg.includes("0 nuclei (0 %)") && svg.includes("no markers") && !svg.includes("NaN"));
  assertThrows(() => clusterEvidenceFigure({ ...evidence, cluster: "7" }), SthelarError, '"7"');
});

Deno.test("markerScoreFigure() frames the label of each cluster and names it", async () => {
  const chosen = new Map([["0", "T"], ["1", "B"]]);
  const scores = [0.8, 0.05, -0.2, 0.61];
  const options = { clusters: ["0", "1"], labels: ["T", "B"], scores, chosen };
  const svg = await markerScoreFigure({ ...options, notes: ["automatic"] }).svg();
  assert(svg.includes(">0 · T<") && svg.includes(">1 · B<"));
  assert(svg.includes(">.80<") && svg.includes(">.61<"));
  assert(!svg.includes(">.05<") && !svg.includes(">-"));
  const framed = /<g[^>]*stroke="#d62728"[^>]*>(.*?)<\/g>/s.exec(svg)![1];
  assertEquals(count(framed, "<rect"), 2);
});

Deno.test("labelMap() fills polygons where there are few, and says what they are", async () => {
  const square = (x: number, y: number) => [[[x, y, x + 8, y, x + 8, y + 8, x, y + 8, x, y]]];
  const polygons = packPolygons([square(0, 0), square(20, 0), square(0, 40)]);
  const labels = categorical(["T_NK", undefined, "T_NK"]);
  const options = { x: [4, 24, 4], y: [4, 4, 44], labels, colours: final, unit: "cells" };
  const svg = await labelMap({ ...options, polygons }).svg();
  assert(svg.includes(">Cells by category<") && svg.includes(">T_NK (2, 66.7 %)<"));
  const path = /<path d="([^"]*)" fill="#ff0f0f"/.exec(svg)![1];
  assertEquals(count(path, "M"), 2);
  assertEquals(count(path, "L"), 6);
  assert(svg.includes(`fill="${MISSING_COLOUR}" fill-rule`) && />\d+ µm</.test(svg));
});

Deno.test("labelMap() draws points where polygons have too many vertices", async () => {
  const ring = Array.from({ length: 130_002 }, (_, i) => i % 7);
  const polygons = packPolygons([[[ring]]]);
  const labels = categorical(["0"]);
  const svg = await labelMap({ x: [0], y: [0], labels, polygons }).svg();
  assert(svg.includes("<circle"));
});

Deno.test("truthConfusion() fits labels without colours, of cells", async () => {
  const truth = categorical(["Mast", "T/NK"]);
  const options = { truth, predicted: truth, colours: new Map<string, string>(), unit: "cells" };
  const svg = await truthConfusion(options).svg();
  assert(svg.includes("accuracy 100.0 %, macro F1 1.00, 2 cells"));
});

Deno.test("equal figures of clusters give equal bytes", async () => {
  const draw = async () => [
    await clusterEvidenceFigure(evidence).svg(),
    await umapFigure({ ...placesOf(60), panels: [panel("one")] }).svg(),
  ];
  assertEquals(await draw(), await draw());
  const png = () => clusterEvidenceFigure(evidence).png({ scale: 1 });
  assertEquals(await png(), await png());
});
