import { choiceParam } from "@/core/params.ts";
import { addSlide, annotationPairs } from "./annotation_agreement.ts";
import { annotationFigures } from "./annotation_figures.ts";
import { AnnotationFile } from "./annotation_file.ts";
import { writeAgreement } from "./annotation_tables.ts";
import { COMPARED_INPUTS, mergeAnnotations } from "./merge_annotations.ts";
import { defineStudyStep } from "./study_step.ts";

/** 2-10 (c) over slides: every annotation of every cell side by side, and how far they agree. */
export const compareAnnotations = defineStudyStep({
  id: "2-10s",
  name: "compare_annotations",
  version: 1,
  doc: "Annotations by nucleus, cell, both together and PanNuke side by side, and their agreement",
  inputs: COMPARED_INPUTS,
  params: {
    format: choiceParam(["parquet", "csv"], "Format of the table of all annotations"),
  },
  async run(slides, { format }, ctx) {
    const pairs = annotationPairs();
    const file = new AnnotationFile(ctx);
    const withoutCombined: string[] = [];
    for (const [done, slide] of slides.entries()) {
      ctx.progress.update(done, slides.length, "slides");
      ctx.signal.throwIfAborted();
      const merged = await mergeAnnotations(slide);
      for (const pair of pairs) addSlide(pair, merged);
      if (merged.finalCombined === undefined) withoutCombined.push(slide.name);
      await file.add(merged);
    }
    await file.write(format);
    if (withoutCombined.length > 0) {
      ctx.inform(`without combined labels: ${withoutCombined.join(", ")} (stage 2-10)`);
    }
    const section = await writeAgreement(pairs, ctx);
    return { figures: annotationFigures(pairs, ctx.notes), sections: [section] };
  },
});
