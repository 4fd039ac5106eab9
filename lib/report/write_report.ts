import type { Slide } from "@/pipeline/slide.ts";
import { formatBytes, formatSeconds } from "@/pipeline/progress_display.ts";
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
    .map(({ stage, reason }) => row([`${stage.id} ${stage.name}`, "", "", "", reason], "td"));
  const isCounted = ([stage]: readonly [string, unknown]) =>
    opened === undefined ||
    slide.plan.find((planned) => planned.stage.id === stage)?.action === "keep";
  const rows = Object.entries(stages).filter(isCounted).map(([stage, record]) =>
    row([
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
    : `<p>Opened from ${escape(opened.path.slice(opened.path.lastIndexOf("/") + 1))}.</p>`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escape(id)}</title>
${reportStamp(slide)}
<style>
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse } td, th { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
figure { margin: 2rem 0; overflow-x: auto } figure svg { max-width: 100%; height: auto }
.notice { background: #fff4d6; border: 1px solid #d9a400; padding: .5rem .8rem; border-radius: 6px }
</style>
<h1>${escape(id)}</h1>${notice}${origin}
<table><thead>${row(["stage", "time", "peak memory", "parameters", "warnings"], "th")}</thead>
<tbody>${fromStore.concat(rows).join("")}</tbody></table>
${sections.join("\n")}
${
    missing.length > 0
      ? `<h2>Not drawn</h2><ul>${missing.map((text) => `<li>${escape(text)}</li>`).join("")}</ul>`
      : ""
  }
</html>
`;
}

function row(cells: readonly string[], tag: "td" | "th"): string {
  return `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("")}</tr>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
