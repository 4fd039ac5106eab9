import { SthelarError } from "@/core/errors.ts";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { codeCells, type Notebook, parseNotebook } from "./notebook_file.ts";
import { readText } from "./run_notebook.ts";

/** Something wrong with the code of a notebook. */
export interface NotebookProblem {
  /** The notebook's file. */
  readonly path: string;
  /** Number of the code cell, from 1; 0 if it is in no cell (a module that a cell imports). */
  readonly cell: number;
  /** Line of the cell, from 1; 0 where there is none. */
  readonly line: number;
  /** What is wrong, with the rule's or the compiler's code. */
  readonly message: string;
}

/** All code cells as one module, and where each of its lines is from. */
interface JoinedCells {
  readonly path: string;
  readonly modulePath: string;
  readonly moduleUrl: string;
  readonly text: string;
  readonly origins: readonly { readonly cell: number; readonly line: number }[];
}

/** A cell may end in an expression without a semicolon: one is added between cells. */
const EXCLUDED_RULES = "no-extra-semi";

/**
 * Type-checks and lints the code of notebooks as `deno check` and `deno lint` would if they read
 * notebooks: a name declared in two cells, an unused import and a wrong type are problems.
 *
 * While it works, the joined cells lie beside each notebook as `<name>.check.ts`, because their
 * imports are relative to the notebook's folder.
 *
 * @param paths `.ipynb` files.
 * @throws {SthelarError} `NotFound` or `CorruptData` if a file can't be read.
 */
export async function checkNotebooks(paths: readonly string[]): Promise<NotebookProblem[]> {
  if (paths.length === 0) return [];
  const modules: JoinedCells[] = [];
  for (const path of paths) {
    modules.push(joinCells(parseNotebook(await readText(path), path), path));
  }
  try {
    for (const { modulePath, text } of modules) await Deno.writeTextFile(modulePath, text);
    return [...await typeCheck(modules), ...await lint(modules)].sort(byPlace);
  } finally {
    for (const { modulePath } of modules) await Deno.remove(modulePath).catch(ignoreAbsent);
  }
}

function byPlace(a: NotebookProblem, b: NotebookProblem): number {
  return (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || a.cell - b.cell || a.line - b.line;
}

function ignoreAbsent(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function joinCells(notebook: Notebook, path: string): JoinedCells {
  const lines: string[] = [];
  const origins: { cell: number; line: number }[] = [];
  for (const { number, source } of codeCells(notebook)) {
    const own = source.split("\n");
    lines.push(...own, ";");
    own.forEach((_, i) => origins.push({ cell: number, line: i + 1 }));
    origins.push({ cell: number, line: own.length });
  }
  const modulePath = resolve(path.replace(/\.ipynb$/, "") + ".check.ts");
  const text = [...lines, "export {};", ""].join("\n");
  return { path, modulePath, moduleUrl: pathToFileURL(modulePath).href, text, origins };
}

async function typeCheck(modules: readonly JoinedCells[]): Promise<NotebookProblem[]> {
  const { success, stderr } = await runDeno(["check", ...modules.map((m) => m.modulePath)]);
  if (success) return [];
  const problems = readTypeErrors(stderr, modules);
  if (problems.length > 0) return problems;
  return [{ path: modules[0].path, cell: 0, line: 0, message: stderr.trim() }];
}

/** Blocks of lines, each with a message at its start and `at <address>:<line>:<column>` below. */
function readTypeErrors(report: string, modules: readonly JoinedCells[]): NotebookProblem[] {
  const problems: NotebookProblem[] = [];
  for (const block of report.split(/\n\s*\n/)) {
    const lines = block.split("\n").filter((line) => !line.startsWith("Check "));
    const places = lines.flatMap((line) => /^\s+at (file:.*):(\d+):\d+$/.exec(line) ?? []);
    if (places.length === 0) continue;
    const message = lines[0].replace(/^error: /, "").replace(" [ERROR]", "");
    const [, url, line] = places;
    const module = modules.find((m) => m.moduleUrl === url);
    problems.push(
      module === undefined
        ? { path: modules[0].path, cell: 0, line: 0, message: `${message} (${url}:${line})` }
        : problemAt(module, Number(line), message),
    );
  }
  return problems;
}

/** What `deno lint --json` prints. */
interface LintReport {
  readonly diagnostics: readonly {
    readonly filename: string;
    readonly range: { readonly start: { readonly line: number } };
    readonly message: string;
    readonly code: string;
  }[];
}

async function lint(modules: readonly JoinedCells[]): Promise<NotebookProblem[]> {
  const files = modules.map((m) => m.modulePath);
  const args = ["lint", "--json", `--rules-exclude=${EXCLUDED_RULES}`, ...files];
  const { stdout, stderr } = await runDeno(args);
  let report: LintReport;
  try {
    report = JSON.parse(stdout);
  } catch (cause) {
    const action = "Cannot read the report of deno lint";
    throw new SthelarError("CorruptData", { action, found: `"${stderr.trim()}"`, cause });
  }
  return report.diagnostics.flatMap(({ filename, range, message, code }) => {
    const module = modules.find((m) => m.moduleUrl === filename);
    return module === undefined ? [] : [problemAt(module, range.start.line, `${code}: ${message}`)];
  });
}

function problemAt(module: JoinedCells, line: number, message: string): NotebookProblem {
  const origin = module.origins[line - 1] ?? { cell: 0, line: 0 };
  return { path: module.path, ...origin, message };
}

async function runDeno(
  args: readonly string[],
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr) };
}
