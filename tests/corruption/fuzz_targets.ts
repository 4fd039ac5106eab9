import { readFileSync } from "node:fs";
import { type ChildLine, LINE_START } from "./fuzz_child.ts";
import type { Failure } from "./run_mutations.ts";

/** Mutations of one target to run. */
export interface Batch {
  readonly target: string;
  readonly first: number;
  readonly count: number;
}

/** What came of a batch. */
export interface Report extends Batch {
  /** How many ended as what: `read`, a tag, `failure`, `crash`. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Most memory that a mutation and a good read took, bytes. */
  readonly grownBytes: number;
  readonly goodBytes: number;
  readonly seconds: number;
  readonly failures: readonly Failure[];
}

/** How {@link fuzzTargets} runs. */
export interface FuzzOptions {
  /** Without a word for so long a child hangs, seconds. */
  readonly silentSeconds: number;
  /** Told of each mutation that starts. */
  readonly progress?: (target: string, number: number) => void;
}

const SILENT_AT_START_SECONDS = 60;
const MAX_RESIDENT_BYTES = 3e9;
const MAX_FAILURES = 25;

/**
 * Runs batches in a child process. A child that hangs, crashes or takes all memory is ended, what it
 * did last is a failure, and another goes on behind it.
 */
export async function fuzzTargets(
  batches: readonly Batch[],
  options: FuzzOptions,
): Promise<Report[]> {
  const folder = await Deno.makeTempDir();
  try {
    return await fuzzIn(folder, batches, options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @param folder Where children put their files, that none is left behind by one that is killed. */
async function fuzzIn(
  folder: string,
  batches: readonly Batch[],
  given: FuzzOptions,
): Promise<Report[]> {
  const options = { ...given, folder };
  const reports = batches.map(emptyReport);
  let pending = batches.map((batch, index) => ({ ...batch, index }));
  while (pending.length > 0) {
    const end = await runChild(pending, reports, options);
    if (end === undefined) break;
    const rest = pending.slice(end.position);
    const [stopped] = rest;
    const report = reports[stopped.index];
    report.failures.push({ number: end.number, what: "", ...end.failure });
    count(report, end.failure.kind);
    const next = end.number + 1;
    const left = stopped.first + stopped.count - next;
    const goesOn = left > 0 && report.failures.length < MAX_FAILURES;
    pending = [...(goesOn ? [{ ...stopped, first: next, count: left }] : []), ...rest.slice(1)];
  }
  for (const report of reports) report.failures = await confirmed(report, options);
  return reports;
}

type ChildOptions = FuzzOptions & { readonly folder: string };

interface BadEnd {
  /** Which of the pending batches. */
  readonly position: number;
  readonly number: number;
  readonly failure: Pick<Failure, "kind" | "message">;
}

interface MutableReport extends Batch {
  kinds: Record<string, number>;
  grownBytes: number;
  goodBytes: number;
  seconds: number;
  failures: Failure[];
}

function emptyReport(batch: Batch): MutableReport {
  return { ...batch, kinds: {}, grownBytes: 0, goodBytes: 0, seconds: 0, failures: [] };
}

function count(report: MutableReport, kind: string): void {
  report.kinds[kind] = (report.kinds[kind] ?? 0) + 1;
}

/** Runs a child to its end, good (`undefined`) or bad. */
async function runChild(
  batches: readonly (Batch & { readonly index: number })[],
  reports: readonly MutableReport[],
  { silentSeconds, progress, folder }: ChildOptions,
): Promise<BadEnd | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--v8-flags=--max-old-space-size=1024",
      new URL("./fuzz_child.ts", import.meta.url).pathname,
      ...batches.map(({ target, first, count }) => `${target}:${first}:${count}`),
    ],
    env: { TMPDIR: folder },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let position = -1;
  let number = -1;
  let lastWord = performance.now();
  let killed: BadEnd["failure"] | undefined;
  const watch = setInterval(() => {
    const silent = (performance.now() - lastWord) / 1000;
    const resident = residentOf(child.pid);
    const isHanging = silent > (number < 0 ? SILENT_AT_START_SECONDS : silentSeconds);
    if (killed !== undefined || (!isHanging && resident < MAX_RESIDENT_BYTES)) return;
    killed = isHanging
      ? { kind: "hang", message: `nothing for ${silent.toFixed(1)} s` }
      : { kind: "memory", message: `${Math.round(resident / 1e6)} MB resident` };
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself meanwhile.
    }
  }, 100);
  let started = performance.now();
  for await (const line of linesOf(child.stdout)) {
    lastWord = performance.now();
    const said = JSON.parse(line) as ChildLine;
    if ("target" in said) {
      position++;
      number = -1;
      started = lastWord;
      continue;
    }
    const report = reports[batches[position].index];
    report.seconds += (lastWord - started) / 1000;
    started = lastWord;
    if ("number" in said) {
      number = said.number;
      progress?.(batches[position].target, number);
    } else if ("goodBytes" in said) report.goodBytes = said.goodBytes;
    else if ("failure" in said) report.failures.push(said.failure);
    else {
      count(report, said.kind);
      report.grownBytes = Math.max(report.grownBytes, said.grownBytes);
    }
  }
  clearInterval(watch);
  const { success, code, signal } = await child.status;
  if (success) return undefined;
  const tail = (await errors).trim().slice(-1500);
  const failure = killed ??
    { kind: "crash", message: `exit code ${code} ${signal ?? ""}: ${tail}` };
  if (number >= 0) return { position, number, failure };
  throw new Error(`The target "${batches[Math.max(0, position)].target}" does not start: ${tail}`);
}

/** Memory and time depend on what else runs: such failures must happen in a process of their own. */
async function confirmed(report: MutableReport, options: ChildOptions): Promise<Failure[]> {
  const result: Failure[] = [];
  for (const failure of report.failures) {
    const isNoisy = ["memory", "slow", "hang", "crash"].includes(failure.kind);
    const again = isNoisy ? await runAlone(report.target, failure.number, options) : [failure];
    if (again.length === 0) {
      console.error(`\nnot seen again: ${report.target} ${JSON.stringify(failure)}`);
    }
    result.push(...again);
  }
  return result;
}

async function runAlone(target: string, number: number, options: ChildOptions): Promise<Failure[]> {
  const report = emptyReport({ target, first: number, count: 1 });
  const end = await runChild([{ ...report, index: 0 }], [report], {
    folder: options.folder,
    silentSeconds: 2 * options.silentSeconds,
  });
  if (end === undefined) return report.failures;
  return [{ number, what: `--target ${target} --seed ${number} --count 1`, ...end.failure }];
}

/** What a child says; what else is printed is left out. */
async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      const start = line.lastIndexOf(LINE_START);
      if (start >= 0) yield line.slice(start + 1);
    }
  }
}

function residentOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
