import { assert } from "@std/assert";
import { simulateTinyBundle } from "../e2e/killed_builds.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { failEveryChange } from "./failing_chapter.ts";

Deno.test("chapter 1 on a disk that fails at any change is finished by the next run, with the same bytes (spatialdata #827)", () =>
  withTempDir(async (folder) => {
    const survived = await failEveryChange(await simulateTinyBundle(`${folder}/bundle`), {
      // Stage 1-02 takes longest by far: `deno task test:kills` fails each of its changes.
      samples: (step) => step === "1-02" ? 6 : step === "assemble" ? 25 : Infinity,
      seed: "failing store",
      everyFailure: false,
    });
    const cases = [...survived.values()].reduce((a, b) => a + b);
    assert(survived.size === 5 && cases >= 45, `${cases} cases`);
  }));
