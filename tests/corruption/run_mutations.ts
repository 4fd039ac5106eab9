import { judge, type Outcome } from "./judge.ts";
import { mutateSample } from "./mutate_sample.ts";
import type { NamedSample, Target } from "./target.ts";

/** A mutation that the parser did not stand. */
export interface Failure {
  /** The number that makes it again. */
  readonly number: number;
  readonly kind: "wrong error" | "wrong values" | "memory" | "slow" | "hang" | "crash";
  /** What was changed. */
  readonly what: string;
  /** What came of it. */
  readonly message: string;
}

/** Told of each step. */
export interface Listener {
  /** How much memory a good read takes at most, bytes. */
  measures(goodBytes: number): void;
  /** Mutation `number` starts. */
  starts(number: number): void;
  /** It ended as `read`, a tag or `failure`, and took so much memory. */
  ends(kind: Outcome["kind"], grownBytes: number): void;
  fails(failure: Failure): void;
}

/** More than this beyond twice a good read is too much: room for garbage not yet collected. */
export const ALLOWED_BYTES = 96e6;
const SLOW_SECONDS = 5;
/** A good file is read again after so many mutations, and after each that broke a library. */
const REREAD_AFTER = 200;

/** Runs mutations `first .. first + count` in this process. */
export async function runMutations(
  target: Target,
  first: number,
  count: number,
  listener: Listener,
): Promise<void> {
  const seeds = await target.seeds();
  const hostile = await target.hostile?.() ?? [];
  const good = await readGood(target, seeds);
  listener.measures(good.bytes);
  for (let number = first; number < first + count; number++) {
    listener.starts(number);
    const sample = number < hostile.length
      ? { ...hostile[number], seed: hostile[number].name, what: hostile[number].name, changed: [] }
      : mutateSample(target.name, number, seeds);
    const outcome = await judge(target, sample.files, sample.seed);
    const failure = failureOf(target, sample.changed, outcome, good.get(sample.seed), good.bytes);
    if (failure !== undefined) {
      listener.fails({ number, what: `${sample.seed}: ${sample.what}`, ...failure });
    }
    if (outcome.brokeDown || number % REREAD_AFTER === 0) {
      const message = await rereadFault(target, seeds[number % seeds.length], good);
      if (message !== undefined) {
        listener.fails({ number, what: "", kind: "wrong values", message });
      }
    }
    listener.ends(outcome.kind, outcome.grownBytes);
  }
  // What nobody waits for fails a moment later, and ends the process.
  await new Promise((resolve) => setTimeout(resolve, 50));
}

class GoodReads extends Map<string, string> {
  /** Most memory that one took. */
  bytes = 0;
}

/** Reads the seeds: twice, for the first time loads libraries. */
async function readGood(target: Target, seeds: readonly NamedSample[]): Promise<GoodReads> {
  const good = new GoodReads();
  for (const pass of [1, 2]) {
    for (const { name, files } of seeds) {
      const outcome = await judge(target, files, name);
      if (outcome.digest === undefined) {
        throw new Error(`The good sample "${name}" of ${target.name} fails: ${outcome.message}`);
      }
      good.set(name, outcome.digest);
      if (pass === 2) good.bytes = Math.max(good.bytes, outcome.grownBytes);
    }
  }
  return good;
}

/** What is wrong with a good sample after all that was read before. */
async function rereadFault(
  target: Target,
  { name, files }: NamedSample,
  good: GoodReads,
): Promise<string | undefined> {
  const { digest, message } = await judge(target, files, name);
  if (digest === good.get(name)) return undefined;
  return `the good sample "${name}" reads otherwise from now on: ${message}`;
}

function failureOf(
  target: Target,
  changed: readonly string[],
  outcome: Outcome,
  goodDigest: string | undefined,
  goodBytes: number,
): Pick<Failure, "kind" | "message"> | undefined {
  const { kind, message, digest, grownBytes, seconds } = outcome;
  if (kind === "failure") return { kind: "wrong error", message };
  if (grownBytes > 2 * goodBytes + ALLOWED_BYTES) {
    const took = `${Math.round(grownBytes / 1e6)} MB, a good read ${
      Math.round(goodBytes / 1e6)
    } MB`;
    return { kind: "memory", message: `${took}; ${kind} ${message}` };
  }
  if (seconds > SLOW_SECONDS) {
    return { kind: "slow", message: `${seconds.toFixed(1)} s; ${kind} ${message}` };
  }
  const mustEqual = changed.length > 0 && changed.every((path) => target.isChecksummed?.(path));
  if (kind === "read" && mustEqual && digest !== goodDigest) {
    return { kind: "wrong values", message: "other values than those of the good file" };
  }
  return undefined;
}
