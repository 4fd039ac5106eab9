import { messageOf, SthelarError } from "@/core/errors.ts";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { checkNotebooks } from "./check_notebooks.ts";
import { clearNotebook } from "./clear_notebook.ts";
import { formatNotebook, parseNotebook } from "./notebook_file.ts";
import { describeFailure, readText, runNotebook } from "./run_notebook.ts";

const USAGE = `Usage: notebooks run [--write DIR] [--timeout SECONDS] FILE…
       notebooks check FILE…
       notebooks clear [--check] FILE…

run    runs notebooks in the Deno kernel; --write keeps them with outputs in DIR
check  type-checks and lints the code of their cells
clear  removes outputs; --check only tells which have some`;

/** Options of all commands. */
interface CliOptions {
  readonly write?: string;
  readonly timeout?: string;
  readonly check?: boolean;
}

async function run(paths: readonly string[], { write, timeout }: CliOptions): Promise<boolean> {
  const timeoutMs = readTimeoutMs(timeout);
  if (write !== undefined) await Deno.mkdir(write, { recursive: true });
  let allRan = true;
  for (const path of paths) {
    const result = await runNotebook(path, timeoutMs === undefined ? {} : { timeoutMs });
    if (write !== undefined) {
      await Deno.writeTextFile(join(write, basename(path)), formatNotebook(result.notebook));
    }
    const summary = `${path} (${result.cellsRun} cells, ${result.seconds.toFixed(1)} s)`;
    console.log(`${result.failure === undefined ? "ok    " : "FAILED"} ${summary}`);
    if (result.failure === undefined) continue;
    console.error(describeFailure(path, result.failure));
    allRan = false;
  }
  return allRan;
}

function readTimeoutMs(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  if (Number(seconds) > 0) return Number(seconds) * 1000;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot use --timeout",
    found: `"${seconds}"`,
    expected: "a number of seconds above 0",
  });
}

async function check(paths: readonly string[]): Promise<boolean> {
  const problems = await checkNotebooks(paths);
  for (const { path, cell, line, message } of problems) {
    console.error(
      cell === 0 ? `${path}: ${message}` : `${path}: cell ${cell}, line ${line}: ${message}`,
    );
  }
  console.log(`checked: ${paths.length}, problems: ${problems.length}`);
  return problems.length === 0;
}

async function clear(paths: readonly string[], options: CliOptions): Promise<boolean> {
  let unclear = 0;
  for (const path of paths) {
    const text = await readText(path);
    const cleared = clearNotebook(parseNotebook(text, path));
    if (cleared === text) continue;
    unclear++;
    console.log(`${options.check ? "not clear" : "cleared"}: ${path}`);
    if (!options.check) await Deno.writeTextFile(path, cleared);
  }
  return unclear === 0 || !options.check;
}

const COMMANDS = new Map([["run", run], ["check", check], ["clear", clear]]);

/**
 * Runs a command of the notebook tool.
 *
 * @param args The command, its options and files.
 * @returns The exit code: 0 if all is well, 1 if a notebook is not, 2 if the call is wrong.
 */
export async function notebookCli(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals: [name, ...paths] } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        write: { type: "string" },
        timeout: { type: "string" },
        check: { type: "boolean" },
      },
    });
    const command = COMMANDS.get(name);
    if (command === undefined || paths.length === 0) {
      console.error(USAGE);
      return 2;
    }
    return await command(paths, values) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SthelarError) && !isWrongOption(error)) throw error;
    console.error(messageOf(error));
    return 2;
  }
}

function isWrongOption(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS");
}

if (import.meta.main) Deno.exit(await notebookCli(Deno.args));
