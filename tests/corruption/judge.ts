import { type ErrorTag, isSthelarError, messageOf } from "@/core/errors.ts";
import { digestOf } from "./digest.ts";
import { peakBytes, resetPeak, residentBytes } from "./peak_memory.ts";
import type { Sample, Target } from "./target.ts";

/** What became of one read. */
export interface Outcome {
  /** `read` for values, a tag for one of our errors, `failure` for anything else. */
  readonly kind: "read" | ErrorTag | "failure";
  /** The message of an error, and the stack of one that is a failure. */
  readonly message: string;
  /** Of the values read. */
  readonly digest: string | undefined;
  /** How much more memory than before it took at its peak, bytes. */
  readonly grownBytes: number;
  readonly seconds: number;
  /** Whether a library broke down over the file: what it does next is not known. */
  readonly brokeDown: boolean;
}

/** Tags that say that a file is at fault; the others would blame the caller or the machine. */
const FAULTS_OF_FILES: readonly ErrorTag[] = [
  "NotFound",
  "CorruptData",
  "UnsupportedVersion",
  "IdMismatch",
  "OverBudget",
];

/** Reads a sample and judges what comes of it. */
export async function judge(target: Target, files: Sample, seed: string): Promise<Outcome> {
  resetPeak();
  const before = residentBytes();
  const start = performance.now();
  const measured = () => ({
    grownBytes: Math.max(0, peakBytes() - before),
    seconds: (performance.now() - start) / 1000,
  });
  try {
    const values = await target.read(files, seed);
    const digest = digestOf(values);
    return { kind: "read", message: "", digest, brokeDown: false, ...measured() };
  } catch (error) {
    const fault = faultOf(error, target);
    const message = fault ?? messageOf(error);
    const kind = fault === undefined && isSthelarError(error) ? error.tag : "failure";
    return { kind, message, digest: undefined, brokeDown: isBreakdown(error), ...measured() };
  }
}

/** An abort in WebAssembly, a stack that overflowed, or an error after which DuckDB gives up. */
function isBreakdown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return true;
  return /^(?:INTERNAL|FATAL) Error/.test(error.message) || isBreakdown(error.cause);
}

/** What is wrong with an error, `undefined` for one that users can act on. */
function faultOf(error: unknown, { isPathless }: Target): string | undefined {
  if (!isSthelarError(error)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : error;
    return `not one of our errors: ${text}`;
  }
  if (!FAULTS_OF_FILES.includes(error.tag)) return `${error.tag}: ${error.message}\n${error.stack}`;
  if (!isPathless && !error.path) return `names no path: ${error.message}\n${error.stack}`;
  return undefined;
}
