/**
 * Runs the benches: all of `tests/bench/<name>.ts`, or those that are named.
 *
 * deno task bench [name …]
 */
import { didYouMean } from "@/core/nearest.ts";
import { existsSync } from "node:fs";
import { benchPython, NO_PYTHON } from "./shared/measure.ts";

const FOLDER = new URL(".", import.meta.url).pathname;

function benchNames(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ts") && name !== "run.ts")
    .map((name) => name.slice(0, -3)).sort();
}

/** Runs one and shows what it prints. */
async function runBench(name: string, python: string | undefined): Promise<boolean> {
  console.log(`\n${name}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `${FOLDER}${name}.ts`],
    env: python === undefined ? {} : { STHELAR_BENCH_PYTHON: python },
  }).spawn().status;
  return success;
}

const known = benchNames();
const names = Deno.args.length > 0 ? Deno.args : known;
for (const name of names) {
  if (known.includes(name)) continue;
  console.error(`Cannot run the bench "${name}": found no such bench; ${didYouMean(name, known)}`);
  Deno.exit(2);
}
const python = benchPython();
if (python === undefined) console.error(NO_PYTHON);
else if (!existsSync(python)) {
  console.error(`Cannot run the benches: found no Python at STHELAR_BENCH_PYTHON ("${python}")`);
  Deno.exit(2);
}
const failed: string[] = [];
for (const name of names) if (!await runBench(name, python)) failed.push(name);
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  Deno.exit(1);
}
