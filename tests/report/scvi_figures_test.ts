import { assert, assertEquals } from "@std/assert";
import {
  openScvi,
  scviAgreementBars,
  scviAgreementTable,
  scviCompositionFigure,
  scviLearningRateFigure,
  scviLossFigure,
  umapOfLatent,
} from "@/report/scvi_figures.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openCells } from "../stages/planted_cells.ts";
import { runAll } from "../stages/planted_slide.ts";

Deno.test("the figures of 2-06 show the cells that were trained on, in the store's colours", () =>
  withTempDir(async (folder) => {
    const slide = await openCells(folder, { few: 9 }, { epochs: 3 });
    await runAll(slide);
    const data = await openScvi(slide);
    assertEquals([data.umap.x.length, data.transcripts.length], [195, 195]);
    assert([...data.umap.x, ...data.umap.y].every(Number.isFinite));
    assertEquals(data.colours.get("T"), "#d62728");
    const umap = await umapOfLatent(data).svg();
    for (const text of ["label1 (by RNA)", "latent clusters", "195 cells", "Endothelial"]) {
      assert(umap.includes(`>${text}<`), text);
    }
    assert(!umap.includes("less10") && !umap.includes("missing"));
    assert((await scviLossFigure(data)!.svg()).includes("3 epochs, 195 cells, 36 genes"));
    assert((await scviLearningRateFigure(data)!.svg()).includes("5e-3, never lowered"));
    const bars = await scviAgreementBars(data)!.svg();
    for (const text of ["RNA, Leiden 0.2 (1)", "RNA, Leiden 0.6 (4)", "RNA, refined (4)"]) {
      assert(bars.includes(`>${text}<`), text);
    }
    assert((await scviCompositionFigure(data)!.svg()).includes("195 cells with a label"));
    const [one, ...others] = scviAgreementTable(data);
    assertEquals([one["compared with"], one.ARI, others.length], [
      ...["RNA, Leiden 0.2", "one cluster"],
      3,
    ]);
  }));

Deno.test("without labels and report the latent space is drawn by depth alone", () =>
  withTempDir(async (folder) => {
    const slide = await openCells(folder, { labels: "none" }, { epochs: 1 });
    await runAll(slide);
    const data = { ...await openScvi(slide), report: undefined, clusters: undefined };
    assertEquals(data.label1, undefined);
    const svg = await umapOfLatent(data).svg();
    assert(svg.includes(">depth<") && !svg.includes("label1"));
    assertEquals([scviLossFigure(data), scviAgreementBars(data)], [undefined, undefined]);
    assertEquals([scviCompositionFigure(data), scviAgreementTable(data)], [undefined, []]);
  }));
