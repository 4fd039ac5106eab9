import { assertEquals } from "@std/assert";
import { failuresOf } from "./fuzz.ts";
import { type Batch, fuzzTargets, type Report } from "./fuzz_targets.ts";
import { TARGET_NAMES } from "./target_list.ts";

/** A sample of what `deno task test:fuzz` runs: those made by hand come first. */
const COUNT = 100;
const PROCESSES = 2;
const SILENT_SECONDS = 20;

let running: Promise<ReadonlyMap<string, Report>> | undefined;

/** All targets, dealt to as many processes as a small machine has cores. */
async function runAll(): Promise<ReadonlyMap<string, Report>> {
  const hands: Batch[][] = Array.from({ length: PROCESSES }, () => []);
  TARGET_NAMES.forEach((target, i) =>
    hands[i % PROCESSES].push({ target, first: 0, count: COUNT })
  );
  const reports = await Promise.all(
    hands.map((hand) => fuzzTargets(hand, { silentSeconds: SILENT_SECONDS })),
  );
  return new Map(reports.flat().map((report) => [report.target, report]));
}

for (const target of TARGET_NAMES) {
  Deno.test(`${target}: damaged files end in one of our errors or a right read`, async () => {
    running ??= runAll();
    const report = (await running).get(target) as Report;
    assertEquals(failuresOf([report]), "");
    const ended = Object.values(report.kinds).reduce((sum, count) => sum + count, 0);
    assertEquals(ended, COUNT);
  });
}
