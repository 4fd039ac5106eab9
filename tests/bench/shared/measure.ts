import { existsSync } from "node:fs";
import { resourceUsage } from "node:process";

/** What a process prints about itself as its last line. */
export interface Measurement {
  /** Wall time without start of the process and loading of modules. */
  readonly seconds: number;
  /** Parts of it. */
  readonly steps: Readonly<Record<string, number>>;
  /** Largest resident memory. */
  readonly peakMb: number;
  /** Points that were found, if it is about points. */
  readonly matches?: number;
}

/** Runs a program that prints a measurement. */
export async function measure(command: string, args: readonly string[]): Promise<Measurement> {
  const child = new Deno.Command(command, { args: [...args], stderr: "inherit" });
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return JSON.parse(lines[lines.length - 1]) as Measurement;
}

/**
 * Runs each program in turn, several times over, so that all see the same load of the machine.
 *
 * @returns The fastest run of each; the peak memory is the largest of all runs.
 */
export async function bestOf(
  repeats: number,
  programs: readonly (() => Promise<Measurement>)[],
): Promise<Measurement[]> {
  const runs: Measurement[][] = programs.map(() => []);
  for (let i = 0; i < repeats; i++) {
    for (const [k, program] of programs.entries()) runs[k].push(await program());
  }
  return runs.map((all) => ({
    ...all.reduce((a, b) => a.seconds <= b.seconds ? a : b),
    peakMb: Math.max(...all.map(({ peakMb }) => peakMb)),
  }));
}

/** Largest resident memory of this process in MiB. */
export async function peakMb(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Processor time of this process and its workers so far, seconds. */
export function cpuSeconds(): number {
  const { userCPUTime, systemCPUTime } = resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
}

/** Forgets the peak so far: {@link peakMb} is then that of what follows (Linux). */
export async function resetPeak(): Promise<void> {
  await Deno.writeTextFile("/proc/self/clear_refs", "5");
}

/** Python of the other side: `STHELAR_BENCH_PYTHON`, or that of the interoperability tests. */
export function benchPython(): string | undefined {
  const named = Deno.env.get("STHELAR_BENCH_PYTHON");
  const python = named ?? new URL("../../../.venv-interop/bin/python", import.meta.url).pathname;
  if (named !== undefined || existsSync(python)) return python;
  return undefined;
}

/** What to do when there is no Python. */
export const NO_PYTHON =
  "the other side is not run: found no .venv-interop/bin/python; run `deno task test:interop` once, " +
  "or name a Python with geopandas in STHELAR_BENCH_PYTHON";

/** One line about a measurement. */
export function describe(name: string, { seconds, steps, peakMb, matches }: Measurement): string {
  const parts = Object.entries(steps).map(([step, s]) => `${step} ${s.toFixed(2)}`).join(", ");
  const memory = `${peakMb.toFixed(0)} MB peak`;
  const found = matches === undefined ? "" : `, ${matches} matches`;
  return `${name.padEnd(10)} ${seconds.toFixed(2)} s (${parts}), ${memory}${found}`;
}
