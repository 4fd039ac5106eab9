import { assert, assertEquals, assertMatch } from "@std/assert";
import { openClusters, umapOfDepth, umapOfLabels } from "@/report/cluster_figures.ts";
import { withPlanted } from "../stages/planted_folder.ts";

Deno.test(
  "figures of clusters show what was clustered: less10 is no label there",
  withPlanted({}, async (planted) => {
    const { slide } = await planted.build();
    const data = await openClusters(slide, "nuclei");
    assertEquals(data.labels.label1.levels, ["B", "Endothelial", "Mast", "T"]);
    assertEquals(data.labels.finalLabel.levels, ["B_Plasma", "Blood_vessel", "Myeloid", "T_NK"]);
    for (const { codes } of Object.values(data.labels)) {
      assertEquals([codes.length, codes.includes(-1)], [195, false]);
    }
    assertEquals(data.transcriptCat, undefined);
    const svg = await umapOfLabels(data).svg();
    assert(svg.includes(">195 nuclei<") && !svg.includes("less10") && !svg.includes("missing"));
  }),
);

Deno.test(
  "the figure of depth says how much of it labels and clusters explain",
  withPlanted({}, async (planted) => {
    const { slide } = await planted.build();
    const data = await openClusters(slide, "nuclei");
    assertMatch(
      await umapOfDepth(data).svg(),
      /195 nuclei; of the variance of ln\(1 \+ transcripts\), labels explain [\d.]+ % and clusters [\d.]+ %/,
    );
    const equal = { ...data, transcripts: data.transcripts.map(() => 20) };
    assert((await umapOfDepth(equal).svg()).includes("labels explain - and clusters -"));
  }),
);
