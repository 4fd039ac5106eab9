/**
 * Kills builds at random moments, and fails each change of the disk in every way:
 * `deno task test:kills [--count 200] [--seed TEXT]`.
 * @module
 */
import { parseArgs } from "node:util";
import { buildWhole, killBuilds } from "../e2e/killed_builds.ts";
import { failEveryChange } from "./failing_chapter.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "200" },
    seed: { type: "string", default: new Date().toISOString() },
  },
});
const count = Number(values.count);
if (!Number.isInteger(count) || count < 1) {
  console.error(`--count: found "${values.count}", expected a whole number from 1 on`);
  Deno.exit(2);
}

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
  const survived = await failEveryChange(whole.bundle, {
    samples: () => count,
    seed: values.seed,
    everyFailure: true,
    onCase: (cases) => {
      if (cases % 100 === 0) console.log(`${cases} failures of the disk survived`);
    },
  });
  console.log(`failures of the disk survived, by step: ${text(survived)}`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
