/**
 * Kills builds at random moments, and fails each change of the disk in every way:
 * `deno task test:kills [--count 200] [--failures 200] [--seed TEXT]`. `--failures` is how many changes
 * of each step are failed; 0 leaves the disk alone.
 * @module
 */
import { parseArgs } from "node:util";
import { buildWhole, killBuilds } from "../e2e/killed_builds.ts";
import { failEveryChange } from "./failing_chapter.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "200" },
    failures: { type: "string", default: "200" },
    seed: { type: "string", default: new Date().toISOString() },
  },
});
function wholeNumber(name: "count" | "failures", least: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  console.error(`--${name}: found "${values[name]}", expected a whole number from ${least} on`);
  Deno.exit(2);
}

const count = wholeNumber("count", 1);
const failures = wholeNumber("failures", 0);

const text = (tally: ReadonlyMap<string, number>) =>
  [...tally].sort().map(([name, times]) => `${name} ${times}`).join(", ");
const folder = await Deno.makeTempDir({ prefix: "sthelar-kills-" });
try {
  console.log(`seed ${values.seed}`);
  const whole = await buildWhole(folder);
  const out = `${folder}/killed`;
  const { kills, compared, hits } = await killBuilds(whole, out, count, values.seed, (tally) => {
    if (tally.kills % 10 === 0) console.log(`${tally.kills} kills, ${tally.compared} compared`);
  });
  console.log(`${kills} builds killed (${text(hits)}), ${compared} equal to an unbroken one`);
  if (failures > 0) {
    const survived = await failEveryChange(whole.bundle, {
      samples: () => failures,
      seed: values.seed,
      everyFailure: true,
      onCase: (cases) => {
        if (cases % 100 === 0) console.log(`${cases} failures of the disk survived`);
      },
    });
    console.log(`failures of the disk survived, by step: ${text(survived)}`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
