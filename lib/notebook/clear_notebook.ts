import { formatNotebook, type Notebook, type NotebookCell, sourceText } from "./notebook_file.ts";

const METADATA = {
  kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
  language_info: {
    file_extension: ".ts",
    mimetype: "text/x.typescript",
    name: "typescript",
    nbconvert_exporter: "script",
    pygments_lexer: "typescript",
  },
} as const;

/**
 * The text of a notebook as it is committed: no outputs, no counts, of a cell's metadata the tags
 * alone, a line of source on a line of the file, an id for every cell (nbformat 4.5 wants one).
 * Clearing twice changes nothing.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { clearNotebook, parseNotebook } from "@/notebook/mod.ts";
 *
 * const outputs = [{ output_type: "stream", name: "stdout", text: "2" }];
 * const cell = { cell_type: "code", source: "1 + 1", metadata: {}, outputs };
 * const text = JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
 * const cleared = clearNotebook(parseNotebook(text, "a.ipynb"));
 * assert(!cleared.includes("stdout"));
 * assertEquals(clearNotebook(parseNotebook(cleared, "a.ipynb")), cleared);
 * ```
 */
export function clearNotebook(notebook: Notebook): string {
  const { nbformat, nbformat_minor } = notebook;
  const cells = (nbformat_minor >= 5 ? withIds(notebook.cells) : notebook.cells).map(clearCell);
  return formatNotebook({ cells, metadata: METADATA, nbformat, nbformat_minor });
}

function withIds(cells: readonly NotebookCell[]): NotebookCell[] {
  const used = new Set(cells.map((cell) => cell.id));
  let number = 0;
  return cells.map((cell) => {
    if (cell.id !== undefined) return cell;
    do number++; while (used.has(`cell-${number}`));
    return { ...cell, id: `cell-${number}` };
  });
}

function clearCell(cell: NotebookCell): NotebookCell {
  const { tags } = cell.metadata;
  const common = {
    cell_type: cell.cell_type,
    ...(cell.id === undefined ? {} : { id: cell.id }),
    metadata: tags === undefined ? {} : { tags },
    source: sourceText(cell).split(/(?<=\n)/).filter((line) => line !== ""),
  };
  return cell.cell_type === "code" ? { ...common, execution_count: null, outputs: [] } : common;
}
