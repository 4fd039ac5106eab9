/** A row: its name and its numbers; `undefined` is shown as `nan`. */
export type SimpleRow = readonly [string, ...(number | undefined)[]];

/** Columns are this much wider than their titles. */
const TITLE_PADDING = 2;

/**
 * A table in the `simple` format of Python's tabulate: numbers with six digits, aligned at the point.
 *
 * @param titles One for each column.
 */
export function simpleTable(titles: readonly string[], rows: readonly SimpleRow[]): string {
  const columns = titles.map((title, c) => {
    const cells = rows.map((row) => c === 0 ? row[0] : generalNumber(row[c] as number | undefined));
    const aligned = c === 0 ? cells : alignAtPoint(cells);
    const width = Math.max(title.length + TITLE_PADDING, ...aligned.map(({ length }) => length));
    // Without rows tabulate does not know which columns are of numbers.
    const isText = c === 0 || rows.length === 0;
    const pad = (text: string) => isText ? text.padEnd(width) : text.padStart(width);
    return [pad(title), "-".repeat(width), ...aligned.map(pad)];
  });
  return columns[0].map((_, line) => columns.map((cells) => cells[line]).join("  ").trimEnd())
    .join("\n");
}

function alignAtPoint(cells: readonly string[]): string[] {
  const decimals = cells.map((cell) => {
    const point = Math.max(cell.lastIndexOf("."), cell.includes(".") ? -1 : cell.indexOf("e"));
    return point < 0 ? -1 : cell.length - point - 1;
  });
  const most = Math.max(-1, ...decimals);
  return cells.map((cell, i) => cell + " ".repeat(most - decimals[i]));
}

/** Python's `format(value, "g")`. */
function generalNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits, exponentText] = value.toExponential(5).split("e");
  const exponent = Number(exponentText);
  const trim = (text: string) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (exponent >= -4 && exponent < 6) return trim(value.toFixed(5 - exponent));
  const sign = exponent < 0 ? "-" : "+";
  return `${trim(digits)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
