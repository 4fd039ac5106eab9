/** A text as it stands in a page, also between quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A row of a table. */
export function tableRow(cells: readonly string[], tag: "td" | "th"): string {
  return `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
}

/** How every report looks, no wider than this. */
export function pageStyle(maxWidthPx: number): string {
  return `<style>
body { font: 15px/1.45 system-ui, sans-serif; max-width: ${maxWidthPx}px; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse } td, th { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
figure { margin: 2rem 0; overflow-x: auto } figure svg { max-width: 100%; height: auto }
.notice { background: #fff4d6; border: 1px solid #d9a400; padding: .5rem .8rem; border-radius: 6px }
</style>`;
}
