import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { isCategorical, readElement } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { parseCombinedDecisions } from "@/labels/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { CombinedReport } from "@/stages/2_10_combined_labels.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openPairs, type PlantedPairs } from "./planted_combined.ts";
import { runAll } from "./planted_slide.ts";

/** Mast cells are unknown: their cluster is flagged. */
const PLANTED: PlantedPairs = {
  cellLabel: (category) => category === "Myeloid" ? "Unknown" : category,
};

const reportOf = (slide: Slide) => slide.open(reportInput<CombinedReport>("combined_labels"));

async function labelsOf(slide: Slide): Promise<Map<string, number>> {
  const path = slide.resolve("tables/table_combined/obs/final_label_combined");
  const column = await readElement(localDisk, path);
  assert(isCategorical(column));
  const counts = new Map<string, number>();
  for (const code of column.codes) {
    counts.set(column.levels[code], (counts.get(column.levels[code]) ?? 0) + 1);
  }
  return counts;
}

/** A planted slide that is opened again and again as its decisions change. */
class Planted {
  constructor(readonly folder: string) {}

  get path(): string {
    return `${this.folder}/decisions/planted/combined.json`;
  }

  async build(params: Record<string, unknown> = {}) {
    const slide = await openPairs(this.folder, PLANTED, params);
    const warnings = await runAll(slide);
    return { slide, warnings, report: await reportOf(slide), labels: await labelsOf(slide) };
  }

  async write(text: string): Promise<void> {
    await Deno.mkdir(`${this.folder}/decisions/planted`, { recursive: true });
    await Deno.writeTextFile(this.path, text);
  }

  async decide(draft: string, overrides: Record<string, string>): Promise<void> {
    await this.write(JSON.stringify({ ...JSON.parse(draft), overrides }));
  }
}

const withPlanted = (run: (planted: Planted) => Promise<void>) => () =>
  withTempDir((folder) => run(new Planted(folder)));

Deno.test(
  "a person's override of a flagged cluster counts, and only the stage that it is about runs again",
  withPlanted(async (planted) => {
    const first = await planted.build();
    const flagged = first.report.clusters.find(({ flags }) => flags.includes("unknown"))!;
    assertEquals([first.labels.get("Unknown"), first.labels.get("Myeloid")], [45, undefined]);
    await planted.decide(first.report.draft, { [flagged.name]: "Myeloid" });
    const slide = await openPairs(planted.folder, PLANTED);
    const again = slide.plan.filter(({ action }) => action === "run").map(({ stage }) => stage.id);
    assertEquals(again, ["2-10"]);
    const { labels, report, warnings } = await planted.build();
    assertEquals([labels.get("Unknown"), labels.get("Myeloid")], [undefined, 45]);
    assertEquals(report.by, "person");
    assertEquals(report.clusters.filter(({ overridden }) => overridden).length, 1);
    assertEquals(warnings.filter((text) => text.includes("overrides")), []);
    assertEquals(
      parseCombinedDecisions(report.draft, "draft").overrides.get(flagged.name),
      "Myeloid",
    );
  }),
);

Deno.test(
  "an override of a cluster that nothing speaks against counts, and is noted",
  withPlanted(async (planted) => {
    const { report } = await planted.build();
    const sound = report.clusters.find(({ flags }) => flags.length === 0)!;
    await planted.decide(report.draft, { [sound.name]: "Epithelial" });
    const { labels, warnings } = await planted.build();
    assertEquals(labels.get("Epithelial"), sound.cells);
    assert(warnings.some((text) => text.includes(`nothing speaks against: ${sound.name}`)));
  }),
);

Deno.test(
  "decisions about another clustering are set aside, with what they would be about this one",
  withPlanted(async (planted) => {
    const first = await planted.build();
    const flagged = first.report.clusters.find(({ flags }) => flags.includes("unknown"))!;
    await planted.decide(first.report.draft, { [flagged.name]: "Myeloid" });
    const { report, labels, warnings } = await planted.build({ neighbours: 12 });
    assertEquals(report.by, "rule");
    assertEquals(labels.get("Unknown"), 45);
    assert(warnings.some((text) => text.includes("NOT applied: it is about clustering")));
    const proposal = parseCombinedDecisions(report.setAside!.proposal, "proposal");
    assertEquals(proposal.clustering, { key: report.clustering, stamp: report.stamp });
    assertEquals([...proposal.overrides.values()], ["Myeloid"]);
    await planted.write(report.setAside!.proposal);
    const accepted = await planted.build({ neighbours: 12 });
    assertEquals(accepted.report.by, "person");
    assertEquals(accepted.labels.get("Myeloid"), 45);
  }),
);

Deno.test(
  "decisions choose the clustering that they are about",
  withPlanted(async (planted) => {
    const { report } = await planted.build({ resolution: 0.4 });
    await planted.decide(report.draft, {});
    const other = await planted.build();
    assertEquals(other.report.clustering, report.clustering);
    assert(other.report.clustering.endsWith("res0.4"));
  }),
);

Deno.test(
  "another stamp, unknown clusters, categories and keys are told with the nearest that there are",
  withPlanted(async (planted) => {
    const { draft } = (await planted.build()).report;
    const refused = async (change: Record<string, unknown>) => {
      await planted.write(JSON.stringify({ ...JSON.parse(draft), ...change }));
      return await assertRejects(() => planted.build(), SthelarError);
    };
    const unknown = await refused({ overrides: { "44": "Myeloid" } });
    assert(unknown.message.includes('Cannot override cluster "44"'), unknown.message);
    assertEquals(unknown.path, planted.path);
    const category = await refused({ overrides: { "0": "Myelod" } });
    assert(category.message.includes('"Myeloid"'), category.message);
    const less = await refused({ overrides: { "0": "Less10" } });
    assertEquals(less.tag, "InvalidArgument");
    const key = await refused({ override: {} });
    assert(key.message.includes('did you mean "overrides"'), key.message);
    assertEquals((await refused({ format: 2 })).tag, "UnsupportedVersion");
    await planted.write("{");
    const json = await assertRejects(() => planted.build(), SthelarError);
    assertEquals(json.tag, "CorruptData");
    const { clustering } = JSON.parse(draft);
    await planted.write(JSON.stringify({
      ...JSON.parse(draft),
      clustering: { ...clustering, stamp: "of another" },
    }));
    const { report } = await planted.build();
    assert(report.setAside!.reason.includes("its stamp is of another"));
  }),
);
