import { messageOf, SthelarError } from "@/core/errors.ts";
import { parseJson } from "@/core/parse_json.ts";

/** Media types and their contents, as a kernel sends them. */
export type OutputData = Readonly<Record<string, unknown>>;

/** What a cell printed or showed, in the words of nbformat 4. */
export type CellOutput =
  | { readonly output_type: "stream"; readonly name: string; text: string }
  | { readonly output_type: "display_data"; data: OutputData; readonly metadata: OutputData }
  | {
    readonly output_type: "execute_result";
    readonly execution_count: number;
    data: OutputData;
    readonly metadata: OutputData;
  }
  | {
    readonly output_type: "error";
    readonly ename: string;
    readonly evalue: string;
    readonly traceback: readonly string[];
  };

/** One cell of a notebook. */
export interface NotebookCell {
  /** `code`, `markdown` or `raw`. */
  readonly cell_type: "code" | "markdown" | "raw";
  /** Its text, in one piece or in lines that keep their line ends. */
  readonly source: string | readonly string[];
  /** Its tags and what editors keep there. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Its name, from nbformat 4.5 on. */
  readonly id?: string;
  /** What it printed and showed; code cells only. */
  readonly outputs?: readonly CellOutput[];
  /** When it ran; code cells only. */
  readonly execution_count?: number | null;
}

/** A notebook, nbformat 4. */
export interface Notebook {
  /** Cells, first to last. */
  readonly cells: readonly NotebookCell[];
  /** The kernel and the language. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Major version of the format. */
  readonly nbformat: number;
  /** Minor version of the format. */
  readonly nbformat_minor: number;
}

/** A code cell and its number, counted from 1 over code cells. */
export interface NumberedCell {
  /** As the prompt of a notebook that was run from top to bottom. */
  readonly number: number;
  /** Its text in one piece. */
  readonly source: string;
  /** The cell. */
  readonly cell: NotebookCell;
}

/**
 * Reads the text of an `.ipynb` file.
 *
 * @param path Named in errors.
 * @throws {SthelarError} `CorruptData` if it is no notebook, `UnsupportedVersion` before nbformat 4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { codeCells, parseNotebook } from "@/notebook/notebook_file.ts";
 *
 * const cell = { cell_type: "code", source: ["1 +\n", "1"], metadata: {} };
 * const text = JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
 * assertEquals(codeCells(parseNotebook(text, "a.ipynb"))[0].source, "1 +\n1");
 * ```
 */
export function parseNotebook(text: string, path: string): Notebook {
  const action = `Cannot read the notebook "${path}"`;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const found = `text that is no JSON (${messageOf(cause)})`;
    throw new SthelarError("CorruptData", { action, found, expected: "a notebook", path, cause });
  }
  if (!isNotebook(value)) {
    const expected = "an object with cells, each with a type and a source";
    throw new SthelarError("CorruptData", { action, found: "other JSON", expected, path });
  }
  if (value.nbformat !== 4) {
    throw new SthelarError("UnsupportedVersion", {
      action,
      found: `nbformat ${value.nbformat}`,
      expected: "nbformat 4",
      path,
    });
  }
  return value;
}

function isNotebook(value: unknown): value is Notebook {
  if (typeof value !== "object" || value === null) return false;
  const { cells, nbformat } = value as Partial<Notebook>;
  return typeof nbformat === "number" && Array.isArray(cells) && cells.every(isCell);
}

function isCell(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { cell_type, source, metadata } = value as Partial<NotebookCell>;
  return typeof cell_type === "string" && typeof metadata === "object" &&
    (typeof source === "string" || Array.isArray(source));
}

/** The code cells of a notebook. */
export function codeCells(notebook: Notebook): NumberedCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code")
    .map((cell, i) => ({ number: i + 1, source: sourceText(cell), cell }));
}

/** A cell's text in one piece. */
export function sourceText({ source }: NotebookCell): string {
  return typeof source === "string" ? source : source.join("");
}

/** The text of an `.ipynb` file, laid out as `deno fmt` and Jupyter lay it out. */
export function formatNotebook(notebook: Notebook): string {
  return JSON.stringify(notebook, null, 1) + "\n";
}
