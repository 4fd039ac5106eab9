import type { Slide } from "@/pipeline/slide.ts";
import { formatBytes, formatSeconds } from "@/pipeline/progress_display.ts";
import { escapeHtml, pageStyle, tableRow } from "./page_parts.ts";
import { reportStamp } from "./report_stamp.ts";
import { slideFigures } from "./slide_figures.ts";

/** Where the report and its figures went. */
export interface WrittenReport {
  /** `report.html`, self-contained. */
  readonly path: string;
  /** Names of the figures, each `figures/<name>.svg` and `.png`. */
  readonly figures: readonly string[];
  /** Figures that could not be drawn, and why. */
  readonly missing: readonly string[];
}

const encoder = new TextEncoder();

/**
 * Draws every figure of a slide and puts them, with what was done, into one page that opens
 * anywhere.
 *
 * @param slide A slide with finished stages.
 */
export async function writeReport(slide: Slide): Promise<WrittenReport> {
  const { figures, missing } = await slideFigures(slide);
  const folder = `${slide.folder.root}/figures`;
  const sections: string[] = [];
  for (const { name, figure } of figures) {
    const svg = await figure.svg();
    await slide.disk.write(`${folder}/${name}.svg`, encoder.encode(svg));
    await slide.disk.write(`${folder}/${name}.png`, await figure.png({ scale: 2 }));
    sections.push(`<figure id="${name}">${svg}</figure>`);
  }
  const path = `${slide.folder.root}/report.html`;
  const next = `${path}.next`;
  await slide.disk.write(next, encoder.encode(page(slide, sections, missing)));
  await slide.disk.rename(next, path);
  return { path, figures: figures.map(({ name }) => name), missing };
}

function page(slide: Slide, sections: readonly string[], missing: readonly string[]): string {
  const { slide: id, simulated, stages, opened } = slide.manifest;
  const fromStore = slide.plan.filter(({ action }) => action === "opened")
    .map(({ stage, reason }) => tableRow([`${stage.id} ${stage.name}`, "", "", "", reason], "td"));
  const isCounted = ([stage]: readonly [string, unknown]) =>
    opened === undefined ||
    slide.plan.find((planned) => planned.stage.id === stage)?.action === "keep";
  const rows = Object.entries(stages).filter(isCounted).map(([stage, record]) =>
    tableRow([
      `${stage} ${record.name}`,
      formatSeconds(record.seconds),
      formatBytes(record.peakMemoryBytes),
      Object.entries(record.params).map(([name, value]) => `${name} ${value ?? "none"}`).join(", "),
      record.warnings.join("; "),
    ], "td")
  );
  const notice = simulated ? "<p class=notice>Simulated: this is not real tissue.</p>" : "";
  const origin = opened === undefined
    ? ""
    : `<p>Opened from ${escapeHtml(opened.path.slice(opened.path.lastIndexOf("/") + 1))}.</p>`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(id)}</title>
${reportStamp(slide)}
${pageStyle(1100)}
<h1>${escapeHtml(id)}</h1>${notice}${origin}
<table><thead>${tableRow(["stage", "time", "peak memory", "parameters", "warnings"], "th")}</thead>
<tbody>${fromStore.concat(rows).join("")}</tbody></table>
${sections.join("\n")}
${
    missing.length > 0
      ? `<h2>Not drawn</h2><ul>${
        missing.map((text) => `<li>${escapeHtml(text)}</li>`).join("")
      }</ul>`
      : ""
  }
</html>
`;
}
