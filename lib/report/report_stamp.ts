import type { Slide } from "@/pipeline/slide.ts";

/**
 * What a slide's report is made from, as a line of its page: a report with another stamp is of other
 * results, as after a kill or a return to earlier parameters.
 */
export function reportStamp(slide: Slide): string {
  const artefacts = slide.artefacts().current.map(({ id, key }) => `${id}-${key.slice(0, 12)}`);
  return `<meta name="stages" content="${artefacts.join(" ")}">`;
}
