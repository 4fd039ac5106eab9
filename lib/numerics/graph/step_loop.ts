import { SthelarError } from "@/core/errors.ts";
import type { BufferStore } from "./buffer_store.ts";
import type { CompiledModel } from "./compiled_model.ts";
import type { RunRequest, StepReport, Watched } from "./program_protocol.ts";

/** Reports are at least this far apart. */
const REPORT_INTERVAL_MS = 100;

/** What a loop of steps tells and asks on its way. */
export interface StepHooks {
  /** Called now and then with what was watched since. */
  readonly report: ((report: StepReport) => void) | undefined;
  /** Asked before each model of each step. */
  isStopped(): boolean;
}

/**
 * Runs steps, and keeps the watched values of each.
 *
 * @throws {SthelarError} `CorruptData` at the first step after which a watched value is not finite;
 * `Aborted` if it is stopped.
 */
export async function runSteps(
  { steps, order, watch }: RunRequest,
  models: ReadonlyMap<string, CompiledModel>,
  store: BufferStore,
  { report, isStopped }: StepHooks,
): Promise<Watched> {
  const record = new Map(watch.map((name) => {
    const width = store.data(name).length;
    return [name, { width, values: new Float64Array(steps * width) }];
  }));
  const part = (from: number, to: number): Watched =>
    Object.fromEntries(
      [...record].map((
        [name, { width, values }],
      ) => [name, values.slice(from * width, to * width)]),
    );
  let reported = 0;
  let reportedAt = performance.now();
  for (let step = 0; step < steps; step++) {
    for (const item of order) {
      if (isStopped()) throw new SthelarError("Aborted", { action: "Stopped a tensor program" });
      if (typeof item === "string") await models.get(item)!.run(store, step);
      else zero(store, item.zero);
    }
    for (const [name, { width, values }] of record) {
      const current = store.data(name) as Float32Array;
      requireFinite(name, current, step);
      values.set(current, step * width);
    }
    if (report === undefined || performance.now() - reportedAt < REPORT_INTERVAL_MS) continue;
    report({ firstStep: reported, values: part(reported, step + 1) });
    reported = step + 1;
    reportedAt = performance.now();
  }
  if (reported < steps) report?.({ firstStep: reported, values: part(reported, steps) });
  return part(0, steps);
}

function zero(store: BufferStore, name: string): void {
  const data = store.data(name);
  if (data instanceof BigInt64Array) data.fill(0n);
  else data.fill(0);
}

function requireFinite(name: string, values: Float32Array, step: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new SthelarError("CorruptData", {
      action: `Stopped a tensor program at step ${step}`,
      found: `"${name}"${values.length > 1 ? ` at ${i}` : ""} is ${values[i]}`,
      expected: "finite values",
    });
  }
}
