import { assert, assertEquals } from "@std/assert";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { tangram, type TangramReport } from "@/stages/2_02_tangram.ts";
import { annotateCells } from "@/stages/2_05b_annotate_cells.ts";
import type { LabelledCluster, LabelReport } from "@/stages/label_report.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { testDataRoot, testWithData } from "../test_data.ts";

/** Genes of the panel that the field knows cells of a pancreas by, and what those cells are called. */
const KNOWN: Readonly<Record<string, { genes: readonly string[]; labels: readonly string[] }>> = {
  acinar: { genes: ["AMY2A", "GATM", "AQP8", "ANPEP"], labels: ["Epithelial"] },
  ductal: { genes: ["CFTR", "EHF", "TM4SF4", "KRT7"], labels: ["Epithelial"] },
  stromal: {
    genes: ["PDGFRB", "PDGFRA", "C7", "FBLN1", "FBN1"],
    labels: ["Fibroblast", "Myofibroblast"],
  },
  endothelial: { genes: ["PECAM1", "CD93", "CLEC14A", "ADGRL4"], labels: ["Endothelial"] },
  islet: { genes: ["GCG", "INS", "SST", "SCGN", "CHGA"], labels: ["Endocrine"] },
  immune: { genes: ["PTPRC", "CXCR4"], labels: ["T", "Monocyte/Macrophage"] },
};
const LYMPH_NODE = `${testDataRoot}/sc_lymphnode/lymph_ref.h5ad`;

async function build(
  folder: string,
  bundle: string,
  sources: Readonly<Record<string, string>> = {},
): Promise<{ slide: Slide; warnings: Record<string, readonly string[]> }> {
  const slide = await Slide.open("pancreatic_roi", {
    ...{ pipeline, out: `${folder}/out`, data: folder },
    sources: { bundle: await Deno.realPath(bundle), ...sources },
    params: { "2-02": { epochs: 30 } },
    limits: { memoryBytes: 3e9, threads: 2 },
  });
  const warnings: Record<string, readonly string[]> = {};
  const wanted = slide.plan.filter(({ stage, action }) =>
    action !== "skip" && (stage.id === "1-02" || /^2-0[1-5]/.test(stage.id))
  );
  for (const { stage } of wanted) warnings[stage.id] = (await slide.run(stage)).warnings;
  return { slide, warnings };
}

const reportOf = (slide: Slide, name: string) => slide.open(reportInput<LabelReport>(name));

/** The cluster at whose head a kind's genes are: the most of them among its first fifteen. */
function clusterOf(kind: string, clusters: readonly LabelledCluster[]): LabelledCluster {
  const found = clusters.map(({ genes }) => {
    const names = genes.map(({ gene }) => gene);
    return KNOWN[kind].genes.filter((gene) => names.includes(gene)).length;
  });
  const most = Math.max(...found);
  assert(most >= Math.min(3, KNOWN[kind].genes.length), `${kind}: ${most} of ${KNOWN[kind].genes}`);
  return clusters[found.indexOf(most)];
}

testWithData(
  "xenium_pancreas_roiA",
  "clusters of a real pancreas have the known markers, and their labels without a reference",
  (bundle) =>
    withTempDir(async (folder) => {
      const { slide, warnings } = await build(folder, bundle);
      assertEquals(slide.planned(tangram).action, "skip");
      assertEquals(Object.values(warnings).flat(), []);
      for (const name of ["refine_tangram", "annotate_cells"]) {
        const { by, clusters, agreement } = await reportOf(slide, name);
        assertEquals([by, agreement], ["rule", null]);
        const named = Object.entries(KNOWN).map(([kind, { labels }]) => {
          const cluster = clusterOf(kind, clusters);
          assert(labels.includes(cluster.label1), `${name}: ${kind} is ${cluster.label1}`);
          return cluster.name;
        });
        assertEquals(new Set(named).size, named.length, `${name}: ${named}`);
        assert(clusters.every(({ tangram }) => tangram.length === 0));
      }
      await decideAsTheRule(folder, bundle, slide);
    }),
);

/** Decisions about nuclei and cells in one file, as the drafts are, give the labels of the drafts. */
async function decideAsTheRule(folder: string, bundle: string, ruled: Slide): Promise<void> {
  const names = ["refine_tangram", "annotate_cells"];
  const before = await Promise.all(names.map((name) => reportOf(ruled, name)));
  const [nuclei, cells] = before.map(({ draft }) => JSON.parse(draft));
  const decisions = `${folder}/decisions/pancreatic_roi`;
  await Deno.mkdir(decisions, { recursive: true });
  await Deno.writeTextFile(`${decisions}/clusters.json`, JSON.stringify({ ...nuclei, ...cells }));
  const { slide, warnings } = await build(folder, bundle);
  assertEquals(warnings[annotateCells.id], []);
  for (const [i, name] of names.entries()) {
    const { by, clusters } = await reportOf(slide, name);
    const labels = (list: readonly LabelledCluster[]) =>
      list.map(({ name, label1, cells }) => [name, label1, cells]);
    assertEquals([by, labels(clusters)], ["person", labels(before[i].clusters)]);
  }
}

testWithData(
  "sc_lymphnode",
  "a reference of another tissue does not outvote the markers of a pancreas' own cells",
  () =>
    withTempDir(async (folder) => {
      const bundle = `${testDataRoot}/xenium_pancreas_roiA`;
      const { slide } = await build(folder, bundle, { reference: await Deno.realPath(LYMPH_NODE) });
      const { types } = await slide.open(reportInput<TangramReport>("tangram"));
      assertEquals(types.length, 11);
      const { clusters } = await reportOf(slide, "annotate_cells");
      for (const kind of ["acinar", "ductal", "endothelial", "islet"]) {
        const { label1, tangram } = clusterOf(kind, clusters);
        assert(KNOWN[kind].labels.includes(label1), `${kind} is ${label1}`);
        assert(tangram.length > 0);
      }
    }),
);
