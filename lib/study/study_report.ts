import { SthelarError } from "@/core/errors.ts";
import { formatBytes, formatSeconds } from "@/pipeline/progress_display.ts";
import { escapeHtml, pageStyle, tableRow } from "@/report/page_parts.ts";
import type { ReportSection } from "./study_step.ts";
import { contentFolder, readContent, type StepContent } from "./step_stage.ts";
import type { PlannedStep } from "./plan_step.ts";
import type { Study } from "./study.ts";

/**
 * Writes `report.html`: the slides, what was done, the tables and figures of every step, in one page
 * that opens anywhere.
 */
export async function writeStudyReport(study: Study): Promise<void> {
  const { disk, folder } = study;
  const sections: string[] = [];
  for (const planned of study.current()) sections.push(await stepSection(study, planned));
  await disk.write(`${folder.report}.next`, new TextEncoder().encode(page(study, sections)));
  await disk.rename(`${folder.report}.next`, folder.report);
}

/** Whether the report is of what there is now. */
export async function hasCurrentReport(study: Study): Promise<boolean> {
  const bytes = await study.disk.read(study.folder.report);
  return bytes !== undefined && new TextDecoder().decode(bytes).includes(stampOf(study));
}

/** What a report is made from, as a line of its page. */
function stampOf(study: Study): string {
  const steps = study.current().map(({ step, key }) => `${step.id}-${key.slice(0, 12)}`);
  return `<meta name="steps" content="${steps.join(" ")}">`;
}

async function stepSection(study: Study, { step, key }: PlannedStep): Promise<string> {
  const { disk, folder } = study;
  const content = await readContent(disk, folder, step.id, key);
  const figures: string[] = [];
  for (const name of content.figures) {
    const path = `${contentFolder(folder, step.id, key)}/figures/${name}.svg`;
    const bytes = await disk.read(path);
    if (bytes === undefined) throw figureIsGone(path);
    figures.push(`<figure id="${escapeHtml(name)}">${new TextDecoder().decode(bytes)}</figure>`);
  }
  return [
    `<h2>${escapeHtml(`${step.id} ${step.name.replaceAll("_", " ")}`)}</h2><p>${
      escapeHtml(step.doc)
    }</p>`,
    fileList(content),
    ...content.sections.map(sectionTable),
    ...figures,
  ].join("\n");
}

function figureIsGone(path: string): SthelarError {
  return new SthelarError("NotFound", {
    action: "Cannot write the report",
    found: `no "${path}"`,
    remedy: "run the step again with --force",
    path,
  });
}

function fileList({ files }: StepContent): string {
  if (files.length === 0) return "";
  const items = files.map(({ kind, name, doc }) =>
    `<li><a href="${kind}/${encodeURIComponent(name)}">${escapeHtml(name)}</a>: ${
      escapeHtml(doc)
    }</li>`
  );
  return `<ul>${items.join("")}</ul>`;
}

function sectionTable({ title, text, columns, rows }: ReportSection): string {
  const body = rows.map((cells) => tableRow(cells, "td")).join("");
  const table = rows.length === 0
    ? ""
    : `<table><thead>${tableRow(columns, "th")}</thead><tbody>${body}</tbody></table>`;
  return `<h3>${escapeHtml(title)}</h3>${
    text === undefined ? "" : `<p>${escapeHtml(text)}</p>`
  }${table}`;
}

function page(study: Study, sections: readonly string[]): string {
  const { name } = study.folder;
  const { slides, steps, simulated, automatic } = study.record;
  const notices = [
    ...(simulated ? ["Simulated slides are not real tissue."] : []),
    ...(automatic ? ["Labels of some slides were given by a rule, not by a person."] : []),
  ].map((text) => `<p class=notice>${text}</p>`).join("");
  const slideRows = slides.map((slide) =>
    tableRow([
      slide.name,
      slide.tissue,
      [...slide.simulated ? ["simulated"] : [], ...slide.automatic ? ["labels by rule"] : []]
        .join(", "),
    ], "td")
  );
  const done = study.current().map(({ step }) => {
    const { seconds, peakMemoryBytes, params, warnings } = steps[step.id];
    return tableRow([
      `${step.id} ${step.name}`,
      formatSeconds(seconds),
      formatBytes(peakMemoryBytes),
      Object.entries(params).map(([key, value]) => `${key} ${value ?? "none"}`).join(", "),
      warnings.join("; "),
    ], "td");
  });
  const waiting = study.plan.filter(({ action }) => action !== "keep").map(({ step, reason }) =>
    tableRow([`${step.id} ${step.name}`, "", "", "", reason], "td")
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(name)}</title>
${stampOf(study)}
${pageStyle(1200)}
<h1>${escapeHtml(name)}</h1>${notices}
<table><thead>${tableRow(["slide", "tissue", ""], "th")}</thead><tbody>${
    slideRows.join("")
  }</tbody></table>
<h2>Steps</h2>
<table><thead>${tableRow(["step", "time", "peak memory", "parameters", "notes"], "th")}</thead>
<tbody>${done.concat(waiting).join("")}</tbody></table>
${sections.join("\n")}
</html>
`;
}
