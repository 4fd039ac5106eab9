import { SthelarError } from "@/core/errors.ts";
import { dirname, resolve } from "node:path";
import { type CellError, CellOutputs } from "./cell_outputs.ts";
import { Kernel, KernelLost } from "./kernel.ts";
import { codeCells, type Notebook, type NotebookCell, parseNotebook } from "./notebook_file.ts";

/** How a notebook is run. */
export interface RunNotebookOptions {
  /** Working folder of the cells; the notebook's folder unless told, as in Jupyter. */
  readonly cwd?: string;
  /** How long one cell may run, ms; 600,000 unless told. The kernel is killed afterwards. */
  readonly timeoutMs?: number;
  /** Variables added to the kernel's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The cell that stopped a notebook. */
export interface CellFailure extends CellError {
  /** Number of the code cell, from 1; 0 if the kernel did not start. */
  readonly cell: number;
  /** Its text. */
  readonly source: string;
}

/** What became of a notebook. */
export interface NotebookRun {
  /** The notebook's file. */
  readonly path: string;
  /** How many code cells ran. */
  readonly cellsRun: number;
  /** From the start of the kernel to its end, s. */
  readonly seconds: number;
  /** The notebook with the outputs of the cells that ran. */
  readonly notebook: Notebook;
  /** Why it stopped, if it did not run to its end. */
  readonly failure?: CellFailure;
}

/**
 * Runs every cell of a notebook in a Deno kernel of its own. It stops at the first cell that
 * throws (one tagged `raises-exception` may), hangs or ends the kernel, and reports which.
 *
 * @param path An `.ipynb` file; it is not changed.
 * @throws {SthelarError} `NotFound` if there is no such file, `CorruptData` if it is no notebook.
 */
export async function runNotebook(
  path: string,
  options: RunNotebookOptions = {},
): Promise<NotebookRun> {
  const notebook = parseNotebook(await readText(path), path);
  const { cwd = dirname(resolve(path)), timeoutMs = 600_000, env = {} } = options;
  const start = performance.now();
  const ran = new Map<NotebookCell, NotebookCell>();
  let failure: CellFailure | undefined;
  try {
    const kernel = await Kernel.start({ cwd, env });
    try {
      failure = await runCells(kernel, notebook, timeoutMs, ran);
    } finally {
      await kernel.close();
    }
  } catch (error) {
    if (!(error instanceof KernelLost)) throw error;
    failure = { cell: 0, source: "", ...lossOf(error) };
  }
  return {
    path,
    cellsRun: ran.size,
    seconds: (performance.now() - start) / 1000,
    notebook: { ...notebook, cells: notebook.cells.map((cell) => ran.get(cell) ?? cell) },
    ...(failure === undefined ? {} : { failure }),
  };
}

async function runCells(
  kernel: Kernel,
  notebook: Notebook,
  timeoutMs: number,
  ran: Map<NotebookCell, NotebookCell>,
): Promise<CellFailure | undefined> {
  for (const { number, source, cell } of codeCells(notebook)) {
    const outputs = new CellOutputs();
    let error: CellError | undefined;
    try {
      await kernel.execute(source, timeoutMs, (message) => outputs.add(message));
      error = mayThrow(cell) ? undefined : outputs.error;
    } catch (loss) {
      if (!(loss instanceof KernelLost)) throw loss;
      error = lossOf(loss);
    }
    ran.set(cell, {
      ...cell,
      outputs: outputs.outputs,
      execution_count: outputs.executionCount,
    });
    if (error !== undefined) return { cell: number, source, ...error };
  }
  return undefined;
}

function lossOf(loss: KernelLost): CellError {
  return { name: loss.name, message: loss.message, traceback: [] };
}

function mayThrow({ metadata }: NotebookCell): boolean {
  return Array.isArray(metadata.tags) && metadata.tags.includes("raises-exception");
}

/** A failure as a person reads it: which cell, what it threw, its text. */
export function describeFailure(path: string, failure: CellFailure): string {
  const { cell, name, message, traceback, source } = failure;
  const where = cell === 0 ? "the kernel did not start" : `cell ${cell}`;
  const numbered = source.split("\n").map((line, i) => `${String(i + 1).padStart(4)} | ${line}`);
  return [
    `${path}: ${where}: ${name}: ${message}`,
    ...(source === "" ? [] : numbered),
    ...traceback.flatMap((text) => text.split("\n")).map((line) => `     ${line}`),
  ].join("\n");
}

/** Reads a notebook's file. */
export async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const action = `Cannot read the notebook "${path}"`;
    const tag = cause instanceof Deno.errors.NotFound ? "NotFound" : "DiskFailure";
    throw new SthelarError(tag, {
      action,
      found: tag === "NotFound" ? "no such file" : String(cause),
      path,
      cause,
    });
  }
}
