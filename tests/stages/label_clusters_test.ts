import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Records, UnsDict } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import {
  CLUSTERED,
  column,
  FINER,
  isPlanned,
  named,
  PARAMS,
  part,
  reportOf,
  SUBTYPE,
  withPlanted,
} from "./planted_folder.ts";
import { PLANTED } from "./planted_slide.ts";

Deno.test(
  "2-03b labels planted clusters by rule, and says so and why",
  withPlanted({}, async (planted) => {
    const { slide, warnings } = await planted.build();
    assertEquals(warnings, []);
    const types = { T: "T", B: "B", Endothelial: "Endothelial", Mast: "Mast" };
    const normal = Object.fromEntries(Object.keys(types).map((type) => [type, "normal_cell"]));
    const few = { undefined: "less10" };
    assertEquals(await named(planted, slide, "label1"), { ...types, ...few });
    assertEquals(await named(planted, slide, "label2"), { ...types, ...few });
    assertEquals(await named(planted, slide, "label3"), { ...normal, ...few });
    assertEquals((await named(planted, slide, "refine_res")).undefined, undefined);
    assertEquals(await column(slide, "refine_res"), await column(slide, CLUSTERED));
    const { by, clustering, clusters, expression, setAside } = await reportOf(slide);
    assertEquals([by, clustering, setAside], ["rule", CLUSTERED, undefined]);
    assertEquals(
      clusters.map(({ name, cells, label1, finalLabel }) => [name, cells, label1, finalLabel]),
      [
        ["0", 60, "T", "T_NK"],
        ["1", 50, "B", "B_Plasma"],
        ["2", 45, "Endothelial", "Blood_vessel"],
        ["3", 40, "Mast", "Myeloid"],
      ],
    );
    for (const { label1, genes, rule, tangram, fits } of clusters) {
      const own = PLANTED[label1];
      assertEquals(new Set(genes.slice(0, own.length).map(({ gene }) => gene)), new Set(own));
      assertEquals([rule?.by, rule?.isDoubtful, rule?.best?.label1], ["both", false, label1]);
      assertEquals([tangram[0].label1, tangram[0].share, fits[0].label1], [label1, 1, label1]);
    }
    assertEquals([expression.mean.length, expression.mean[0].length], [4, expression.genes.length]);
  }),
);

Deno.test(
  "2-03b writes colours and ranked genes of refined clusters where scanpy looks for them",
  withPlanted({}, async (planted) => {
    const { slide } = await planted.build();
    for (const name of ["label1", "label2", "label3"]) {
      const { levels } = await part<Categorical>(slide, `obs/${name}`);
      const colours = await part<string[]>(slide, `uns/${name}_colors`);
      assertEquals(colours.length, levels.length);
      assert(colours.every((colour) => /^#[0-9a-f]{6}$/i.test(colour)), `${colours}`);
      assertEquals(colours[levels.indexOf("less10")], "#8f8f8f");
    }
    const ranked = await part<UnsDict>(slide, "uns/rank_genes_refine_res");
    const { fields } = ranked.get("names") as Records;
    assertEquals([...fields.keys()], ["0", "1", "2", "3"]);
    assert(PLANTED.B.includes(String(fields.get("1")!.data[0])));
    assertEquals((ranked.get("params") as UnsDict).get("groupby"), "refine_res");
  }),
);

Deno.test(
  "2-03b labels by markers alone where there is no reference",
  withPlanted({}, async (planted) => {
    const { slide, warnings } = await planted.build({ tangram: false });
    assertEquals([isPlanned(slide)["2-02"], warnings], ["skip", []]);
    const { clusters } = await reportOf(slide);
    assertEquals(clusters.map(({ label1 }) => label1), ["T", "B", "Endothelial", "Mast"]);
    for (const { rule, tangram } of clusters) {
      assertEquals([rule?.by, rule?.best?.tangram, tangram], ["markers", 0, []]);
    }
  }),
);

Deno.test(
  "2-03b labels a slide of one cluster, without ranked genes",
  withPlanted({ sizes: [0, 80] }, async (planted) => {
    const { slide } = await planted.build({ params: { "2-03a": { resolutions: "0.01" } } });
    const { clusters } = await reportOf(slide);
    assertEquals(clusters.map(({ cells, label1, genes }) => [cells, label1, genes]), [
      [80, "B", []],
    ]);
    assertEquals(await part<UnsDict>(slide, "uns/rank_genes_refine_res"), new Map());
    assertEquals(await named(planted, slide, "label1"), { B: "B", undefined: "less10" });
  }),
);

Deno.test(
  "2-03b labels the resolution that it is told, and refuses one that was not clustered",
  withPlanted(SUBTYPE, async (planted) => {
    const at = (resolution: number) => ({ params: { ...PARAMS, "2-03b": { resolution } } });
    const { slide } = await planted.build(at(1));
    assertEquals((await reportOf(slide)).clustering, FINER);
    const error = await assertRejects(() => planted.build(at(0.6)), SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    for (const words of ["resolution 0.6", "resolution 0.4, 1", "`resolutions`"]) {
      assertStringIncludes(error.message, words);
    }
    const stages = await localDisk.list(slide.folder.stages);
    assertEquals(stages.filter((name) => /2-03b/.test(name)).length, 1);
  }),
);

Deno.test(
  "2-03b calls no nucleus less10 where all were clustered",
  withPlanted({ empty: 0 }, async (planted) => {
    const { slide } = await planted.build();
    const { levels, codes } = await part<Categorical>(slide, "obs/label1");
    assertEquals([levels.includes("less10"), codes.includes(-1)], [false, false]);
    assertEquals((await part<string[]>(slide, "uns/label1_colors")).length, levels.length);
  }),
);
