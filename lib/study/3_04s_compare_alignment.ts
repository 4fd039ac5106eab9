import { numberParam } from "@/core/params.ts";
import { alignmentCuts } from "@/stages/analyze_align_report.ts";
import { alignmentFigures } from "./alignment_figures.ts";
import {
  ALIGNMENT_INPUTS,
  alignmentOfSlide,
  COMPARED_SCORES,
  type SlideAlignment,
} from "./alignment_of_slide.ts";
import { csvText } from "./csv_text.ts";
import { defineStudyStep, type ReportSection, type StudyContext } from "./study_step.ts";

/** 3-4 over slides: how well predicted and Xenium nuclei agree, and what that leaves of each slide. */
export const compareAlignment = defineStudyStep({
  id: "3-04s",
  name: "compare_alignment",
  version: 2,
  doc: "How well nuclei that are seen on the H&E agree with those of the Xenium run, by slide",
  inputs: ALIGNMENT_INPUTS,
  params: {
    keepFrom: numberParam(0.45, "Jaccard index from which patches count as aligned", {
      min: 0,
      max: 1,
    }),
    strictFrom: numberParam(0.7, "Jaccard index of the stricter choice", { min: 0, max: 1 }),
  },
  async run(slides, choices, ctx) {
    const cuts = alignmentCuts(choices);
    const rows: SlideAlignment[] = [];
    const without: string[] = [];
    for (const [done, slide] of slides.entries()) {
      ctx.progress.update(done, slides.length, "slides");
      ctx.signal.throwIfAborted();
      const row = await alignmentOfSlide(slide, cuts);
      if (row === undefined) without.push(slide.name);
      else rows.push(row);
    }
    if (without.length > 0) {
      ctx.inform(`without predicted nuclei: ${without.join(", ")} (stage 3-03)`);
    }
    if (rows.length > 0) await writeTable(rows, cuts, ctx);
    return {
      figures: alignmentFigures({ rows, without, cuts, notes: ctx.notes }),
      sections: without.length === 0 ? [] : [withoutSection(without)],
    };
  },
});

async function writeTable(
  rows: readonly SlideAlignment[],
  cuts: readonly number[],
  { files }: StudyContext,
): Promise<void> {
  const columns = [
    ...["slide_id", "tissue", "data", "source", "patches", "evaluated"],
    ...COMPARED_SCORES.map((name) => `${name}_median`),
    ...cuts.flatMap((cut) => [`patches_from_${cut}`, `nuclei_from_${cut}`]),
    ...["shift_x_um", "shift_y_um", "shift_confidence"],
  ];
  const lines = rows.map(({ slide, tissue, simulated, source, patches, ...row }) => [
    ...[slide, tissue, simulated ? "simulated" : "real", source, patches, row.evaluated],
    ...COMPARED_SCORES.map((name) => row.scores.get(name)?.median.toFixed(4)),
    ...row.kept.flatMap(({ patches, nuclei }) => [patches, nuclei]),
    ...[decimals(row.shift?.dxUm, 2), decimals(row.shift?.dyUm, 2)],
    row.shift?.confidence.toFixed(1),
  ]);
  const path = files.add(
    "tables",
    "alignment_by_slide.csv",
    "agreement of predicted and Xenium nuclei by slide, who predicted (source), patches and nuclei " +
      "kept from a Jaccard index on, and where the H&E lies against the RNA (sure from a confidence of 5)",
  );
  await files.disk.write(path, new TextEncoder().encode(csvText(columns, lines)));
}

/** Without a minus before what rounds to zero. */
function decimals(value: number | undefined, digits: number): string | undefined {
  return value?.toFixed(digits).replace(/^-(0\.0*)$/, "$1");
}

function withoutSection(slides: readonly string[]): ReportSection {
  return {
    title: "Slides without predicted nuclei",
    text: "They have no chapter 3 yet.",
    columns: ["slide", "what makes it"],
    rows: slides.map((slide) => [slide, `deno task build-slide ${slide} --until 3`]),
  };
}
