import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { labelTables } from "@/study/2_08s_label_tables.ts";
import { sharesOfSlide } from "@/study/label_shares.ts";
import {
  type AnnotatedRow,
  buildAnnotatedSlide,
  buildMadeStudy,
  readMade,
} from "./annotated_slides.ts";

const LESS: readonly [string, string, string, string] = ["less10", "less10", "less10", "Less10"];
const HEART: readonly AnnotatedRow[] = [
  ["1", "T", "T", "normal_cell", "T_NK"],
  ["2", "T", "T", "normal_cell", "T_NK"],
  ["3", "Cardiomyocyte", "Odd, new one", "normal_cell", "Specialized"],
  ["4", ...LESS],
];
const SKIN: readonly AnnotatedRow[] = [
  ["1", "B", "B", "normal_cell", "B_Plasma"],
  ["2", ...LESS],
];

async function madeStudy() {
  const disk = new MemoryDisk();
  await buildAnnotatedSlide(disk, "", "heart_s0", { nuclei: HEART, cells: SKIN });
  await buildAnnotatedSlide(disk, "", "my_skin", {
    nuclei: SKIN,
    cells: HEART,
    truth: { "1": "T_NK" },
  });
  const study = await buildMadeStudy(disk, "", [labelTables]);
  return { disk, study };
}

Deno.test("labels_table has the published columns and leaves out rows with few transcripts", async () => {
  const { disk } = await madeStudy();
  assertEquals(
    await readMade(disk, "", "tables/labels_table_nuclei.csv"),
    "sample_id,tissue,label1,label2,label3,cell_count,final_label\n" +
      'heart_s0,heart,Cardiomyocyte,"Odd, new one",normal_cell,1,Specialized\n' +
      "heart_s0,heart,T,T,normal_cell,2,T_NK\n" +
      "my_skin,my,B,B,normal_cell,1,B_Plasma\n",
  );
});

Deno.test("label_dict_unique maps every combination, and less10 to Less10", async () => {
  const { disk, study } = await madeStudy();
  assertEquals(JSON.parse(await readMade(disk, "", "tables/label_dict_unique_nuclei.json")), {
    "B_B_normal_cell": "B_Plasma",
    "Cardiomyocyte_Odd, new one_normal_cell": "Specialized",
    "T_T_normal_cell": "T_NK",
    "less10_less10_less10": "Less10",
  });
  const report = await readMade(disk, "", "report.html");
  assertStringIncludes(report, "Labels of nuclei that the published dictionary lacks");
  assertStringIncludes(report, "Cardiomyocyte_Odd, new one_normal_cell");
  assert(!report.includes("<td>B_B_normal_cell</td>"));
  assertEquals(study.record.simulated, true);
});

Deno.test("final_label_percent_per_slide has the published layout and says which slides are simulated", async () => {
  const { disk } = await madeStudy();
  const [header, ...lines] = (await readMade(disk, "", "tables/final_label_percent_per_slide.csv"))
    .trimEnd().split("\n");
  assertEquals(
    header,
    "table,slide_id,n_gt10,n_source,B_Plasma,Blood_vessel,Epithelial,Fibroblast_Myofibroblast," +
      "Glioblastoma,Melanocyte,Myeloid,Specialized,Stem_like,T_NK,Unknown," +
      "largest_difference_from_published",
  );
  assertEquals(lines.map((line) => line.split(",").slice(0, 5).join()), [
    "cells,heart_s0,1,exact,100.0",
    "cells,my_skin,3,simulated,0.0",
    "nuclei,heart_s0,3,exact,0.0",
    "nuclei,my_skin,1,simulated,100.0",
  ]);
  const differenceOf = (line: string) => line.split(",").at(-1);
  assert(Number(differenceOf(lines[0])) > 90);
  assertEquals(differenceOf(lines[1]), "");
});

Deno.test("sharesOfSlide() compares real published slides only", () => {
  const counts = [{
    ...{ slide: "skin_s1", tissue: "skin", label1: "T", label2: "T", label3: "normal_cell" },
    ...{ finalLabel: "T_NK", cells: 5 },
  }];
  const of = (name: string, simulated: boolean) =>
    sharesOfSlide({ name, simulated }, "cells", counts).fromPublished;
  assertEquals([of("skin_s1", true), of("mine", false)], [undefined, undefined]);
  assert(of("skin_s1", false)! > 50);
});

Deno.test("every figure of labels is drawn for nuclei and cells, with its marks", async () => {
  const { disk } = await madeStudy();
  const names = (await disk.list("/out/study/made/figures")).filter((name) => name.endsWith("svg"));
  assertEquals(names.length, 12);
  for (const name of names) {
    assertStringIncludes(await readMade(disk, "", `figures/${name}`), ">simulated</text>");
  }
});

Deno.test("a label with two categories is warned of", async () => {
  const disk = new MemoryDisk();
  const nuclei: AnnotatedRow[] = [
    ["1", "T", "T", "normal_cell", "T_NK"],
    ["2", "T", "T", "normal_cell", "Unknown"],
    ["3", "T", "T", "normal_cell", "T_NK"],
  ];
  await buildAnnotatedSlide(disk, "", "heart_s0", { nuclei, cells: SKIN });
  const study = await buildMadeStudy(disk, "", [labelTables]);
  assertStringIncludes(study.record.steps["2-08s"].warnings.join(), "T_T_normal_cell");
  const dictionary = JSON.parse(await readMade(disk, "", "tables/label_dict_unique_nuclei.json"));
  assertEquals(dictionary.T_T_normal_cell, "T_NK");
});
