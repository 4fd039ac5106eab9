import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { Records, UnsDict } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import {
  CLUSTERED,
  column,
  FINER,
  isPlanned,
  named,
  PARAMS,
  part,
  PlantedFolder,
  reportOf,
  SUBTYPE,
  withPlanted,
} from "./planted_folder.ts";
import { runAll } from "./planted_slide.ts";

const T = { label1: "T" }, B = { label1: "B" }, MAST = { label1: "Mast" };
const VESSEL = { label1: "Blood_vessel" };

const warnedOf = (warnings: readonly string[]) =>
  warnings.filter((warning) => warning.includes("NOT applied"));

Deno.test(
  "2-03b merges, splits by another clustering and labels as a person decided",
  withPlanted(SUBTYPE, async (planted) => {
    await planted.decide((await planted.build()).slide, {
      splits: { "0": { by: FINER } },
      merges: { vessel: ["2", "3"] },
      labels: {
        "0.3": { ...T, label2: "T_helper" },
        "0.4": { ...T, label2: "T_blast", label3: "cancer_cell" },
        "1": B,
        vessel: VESSEL,
      },
    });
    const { slide, warnings } = await planted.build();
    assertEquals(warnings, []);
    const others = { B: "B", Endothelial: "Blood_vessel", Mast: "Blood_vessel" };
    const few = { undefined: "less10" };
    const refined = await named(planted, slide, "refine_res");
    assertEquals(new Set([refined.T, refined["T+"]]), new Set(["0.3", "0.4"]));
    assertEquals([refined.B, refined.Endothelial, refined.Mast], ["1", "vessel", "vessel"]);
    assertEquals(await named(planted, slide, "label1"), { T: "T", "T+": "T", ...others, ...few });
    const label2 = await named(planted, slide, "label2");
    const [t, plus] = refined.T === "0.3" ? ["T_helper", "T_blast"] : ["T_blast", "T_helper"];
    assertEquals(label2, { T: t, "T+": plus, ...others, ...few });
    const cancer = (await column(slide, "label3")).filter((text) => text === "cancer_cell").length;
    assertEquals(cancer, 30);
    const { by, clusters, clustering } = await reportOf(slide);
    assertEquals([by, clustering], ["person", CLUSTERED]);
    assertEquals(clusters.map(({ name, cells, from }) => [name, cells, [...from].sort()]), [
      ["vessel", 85, ["2", "3"]],
      ["1", 50, ["1"]],
      ["0.3", 30, ["0.3"]],
      ["0.4", 30, ["0.4"]],
    ]);
    assert(clusters.every(({ rule }) => rule === undefined));
    const { fields } = (await part<UnsDict>(slide, "uns/rank_genes_refine_res"))
      .get("names") as Records;
    assertEquals(new Set(fields.keys()), new Set(["vessel", "1", "0.3", "0.4"]));
  }),
);

Deno.test(
  "2-03b splits a cluster by clustering its own nuclei at a resolution",
  withPlanted(SUBTYPE, async (planted) => {
    await planted.decide((await planted.build()).slide, {
      splits: { "0": { resolution: 0.4 } },
      labels: { "0.0": T, "0.1": { label1: "NK" }, "1": B, "2": VESSEL, "3": MAST },
    });
    const { slide } = await planted.build();
    const refined = await named(planted, slide, "refine_res");
    assertEquals(new Set([refined.T, refined["T+"]]), new Set(["0.0", "0.1"]));
    const label1 = await named(planted, slide, "label1");
    assertEquals(new Set([label1.T, label1["T+"]]), new Set(["T", "NK"]));
    assertEquals([label1.B, label1.Mast, label1.undefined], ["B", "Mast", "less10"]);
  }),
);

Deno.test(
  "a changed decisions file labels again without clustering again, and so does its removal",
  withPlanted({}, async (planted) => {
    const { slide: ruled } = await planted.build();
    const byRule = await named(planted, ruled, "label1");
    const again = { "1-02": "keep", "2-02": "keep", "2-03a": "keep", "2-03b": "run" };

    const labels = { "0": { label1: "NK" }, "1": B, "2": VESSEL, "3": MAST };
    await planted.decide(ruled, { labels });
    assertEquals(isPlanned(await planted.open()), again);
    const { slide: decided } = await planted.build();
    assertEquals((await named(planted, decided, "label1")).T, "NK");
    assertEquals(isPlanned(await planted.open())["2-03b"], "keep");

    await planted.decide(decided, { labels: { ...labels, "0": T } });
    assertEquals(isPlanned(await planted.open()), again);
    assertEquals((await named(planted, (await planted.build()).slide, "label1")).T, "T");

    await Deno.remove(planted.decisions);
    assertEquals(isPlanned(await planted.open())["2-03a"], "keep");
    const { slide } = await planted.build();
    assertEquals([await named(planted, slide, "label1"), (await reportOf(slide)).by], [
      byRule,
      "rule",
    ]);

    await Deno.remove(`${planted.folder}/decisions`, { recursive: true });
    assertEquals(isPlanned(await planted.open()), { ...again, "2-03b": "keep" });
  }),
);

Deno.test(
  "a draft that is written as it is gives the labels by rule, decided by a person",
  withPlanted({}, async (planted) => {
    const { slide: ruled } = await planted.build();
    await planted.write((await reportOf(ruled)).draft);
    const { slide } = await planted.build();
    for (const name of ["refine_res", "label1", "label2", "label3"]) {
      assertEquals(await column(slide, name), await column(ruled, name));
    }
    assertEquals((await reportOf(slide)).by, "person");
  }),
);

Deno.test(
  "decisions about another clustering are set aside, and their proposal gives the labels of before",
  withPlanted({}, async (planted) => {
    const { slide: ruled } = await planted.build();
    await planted.decide(ruled, {
      merges: { vessel: ["2", "3"] },
      labels: { "0": { ...T, label2: "T_rare" }, "1": B, vessel: VESSEL },
    });
    const { slide: decided } = await planted.build();
    const before = await named(planted, decided, "label2");
    assertEquals(before.T, "T_rare");

    const params = { "2-03a": { resolutions: "0.4,1", neighbours: 8 } };
    const { slide: other, warnings } = await planted.build({ params });
    const [warning] = warnedOf(warnings);
    assertStringIncludes(warning, planted.decisions);
    assertStringIncludes(warning, "pca_n8_pcs16_leiden_res0.4");
    const { by, setAside } = await reportOf(other);
    assertEquals([by, setAside?.path], ["rule", planted.decisions]);
    assertStringIncludes(setAside!.reason, CLUSTERED);
    assertEquals((await named(planted, other, "label2")).T, "T");

    await planted.write(setAside!.proposal);
    const accepted = await planted.build({ params });
    assertEquals(warnedOf(accepted.warnings), []);
    assertEquals(await named(planted, accepted.slide, "label2"), before);
    const { by: whose, clusters } = await reportOf(accepted.slide);
    assertEquals([whose, clusters.map(({ cells }) => cells)], ["person", [85, 60, 50]]);
  }),
);

Deno.test(
  "decisions about another result under the same name are set aside too",
  withPlanted({}, async (planted) => {
    const { slide: ruled } = await planted.build();
    await planted.decide(ruled, {
      labels: { "0": { label1: "NK" }, "1": B, "2": VESSEL, "3": MAST },
    });
    const params = { "2-03a": { ...PARAMS["2-03a"], components: 40, minTranscripts: 30 } };
    const { slide, warnings } = await planted.build({ params });
    assert((await reportOf(slide)).clustering === CLUSTERED);
    assertStringIncludes(warnedOf(warnings)[0], `another result of "${CLUSTERED}"`);
  }),
);

const CLUSTERING = { key: CLUSTERED, stamp: "STAMP" };
const ALL = { "0": T, "1": B, "2": VESSEL, "3": MAST };
const faulty = (nuclei: Record<string, unknown>) =>
  JSON.stringify({ format: 1, nuclei: { clustering: CLUSTERING, labels: ALL, ...nuclei } });

/** Decisions that cannot be carried out, with words of the message. */
const FAULTS: Readonly<Record<string, readonly [string, SthelarError["tag"], ...string[]]>> = {
  "a cluster that is not there": [
    faulty({ labels: { ...ALL, "4": T } }),
    "InvalidArgument",
    'label cluster "4"',
    "no such cluster",
    '"0"',
  ],
  "a merge of a cluster that is not there": [
    faulty({ merges: { vessel: ["2", "33"] }, labels: { "0": T, "1": B, vessel: VESSEL } }),
    "InvalidArgument",
    'merge clusters into "vessel"',
    '"33", which is no cluster',
    'did you mean "3"',
  ],
  "a split of a cluster that is not there": [
    faulty({ splits: { "9": { resolution: 0.5 } } }),
    "InvalidArgument",
    'split cluster "9"',
    `one of the 4 clusters of "${CLUSTERED}"`,
  ],
  "a split by a clustering that is not there": [
    faulty({ splits: { "0": { by: "pca_n10_pcs16_leiden_res2" } } }),
    "InvalidArgument",
    'no clustering "pca_n10_pcs16_leiden_res2"',
    CLUSTERED,
  ],
  "a cluster that is left out": [
    faulty({ labels: { "0": T, "1": B, "3": MAST } }),
    "InvalidArgument",
    'no labels for "2" (45 cells)',
    "labels for every cluster",
  ],
  "a label that nobody knows": [
    faulty({ labels: { ...ALL, "3": { label1: "Masst" } } }),
    "InvalidArgument",
    "nuclei.labels.3.label1",
    'found "Masst"',
    'did you mean "Mast"',
  ],
  "text that is no JSON": ['{"format": 1, "nuclei": {', "CorruptData", "expected JSON"],
  "another format": ['{"format": 7}', "UnsupportedVersion", "format 7", "format 1"],
};

Deno.test("2-03b refuses decisions that cannot be carried out, and leaves the slide as it was", (t) =>
  withTempDir(async (folder) => {
    const planted = new PlantedFolder(folder, {});
    const { slide: ruled } = await planted.build();
    const { stamp } = await reportOf(ruled);
    const before = await localDisk.list(ruled.folder.stages);
    for (const [fault, [text, tag, ...words]] of Object.entries(FAULTS)) {
      await t.step(fault, async () => {
        await planted.write(text.replace("STAMP", stamp));
        const slide = await planted.open();
        const error = await assertRejects(() => runAll(slide), SthelarError);
        assertEquals([error.tag, error.path], [tag, planted.decisions]);
        for (const word of words) assertStringIncludes(error.message, word);
        assertEquals(await localDisk.list(slide.folder.stages), before);
        assert(!(await planted.open()).isDone("2-03b"));
      });
    }
  }));

Deno.test(
  "nuclei are labelled by rule where decisions are about cells only",
  withPlanted({}, async (planted) => {
    const { slide: ruled } = await planted.build();
    const { nuclei: cells, format } = JSON.parse((await reportOf(ruled)).draft);
    await planted.write(JSON.stringify({ format, cells }));
    const { slide, warnings } = await planted.build();
    assertEquals([(await reportOf(slide)).by, warnings], ["rule", []]);
    assertEquals(await column(slide, "label1"), await column(ruled, "label1"));
  }),
);
