import { formatNotebook, type NotebookCell } from "@/notebook/mod.ts";
import { join } from "node:path";

/** A code cell. */
export function code(source: string, tags?: readonly string[]): NotebookCell {
  const metadata = tags === undefined ? {} : { tags };
  return { cell_type: "code", metadata, source, outputs: [], execution_count: null };
}

/** A text cell. */
export function markdown(source: string): NotebookCell {
  return { cell_type: "markdown", metadata: {}, source };
}

/** The text of an `.ipynb` file. */
export function notebookText(cells: readonly NotebookCell[]): string {
  return formatNotebook({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
}

/** Gives `run` the path of a notebook that exists as long as it runs. */
export async function withNotebook(
  cells: readonly NotebookCell[],
  run: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sthelar-notebook-" });
  try {
    const path = join(folder, "1-01_trial.ipynb");
    await Deno.writeTextFile(path, notebookText(cells));
    await run(path, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
