import { assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  MATRIX_FORMATS,
  type PresetName,
  PRESETS,
  simulateSlide,
  type SimulationOptions,
} from "@/simulate/mod.ts";
import { bundleFaults } from "./check/check_bundle.ts";
import { readBundle } from "./read_bundle.ts";
import { inFolder, linkFiles } from "./temporary_bundle.ts";
import { trueContent } from "./true_content.ts";

const SMALLEST: SimulationOptions = {
  slideId: "heart_s0",
  cells: 60,
  referenceCells: 20,
  heSize: { width: 200, height: 200 },
};
/** Files that a bundle lacks whose tables and matrix are stored in one way only. */
const VARIANTS = {
  "parquet and h5": /\.csv\.gz$|^cell_feature_matrix(\.zarr\.zip|\/)/,
  "csv and MEX": /^(cells|.*_boundaries)\.parquet$|^cell_feature_matrix\./,
  "parquet and zarr": /\.csv\.gz$|^cell_feature_matrix(\.h5|\/)/,
} as const;

for (const preset of Object.keys(PRESETS) as PresetName[]) {
  Deno.test(`a bundle of ${preset} tells its truth in every format`, async (test) => {
    await inFolder(async (folder) => {
      const options: SimulationOptions = {
        ...SMALLEST,
        preset,
        tables: "both",
        matrix: MATRIX_FORMATS,
      };
      await simulateSlide(localDisk, `${folder}/all`, options);
      await test.step("its parts agree", async () => {
        assertEquals(await bundleFaults(localDisk, `${folder}/all`, preset), []);
      });
      using db = await openDuckDb({ memoryBytes: 512e6, threads: 1 });
      const truth = trueContent(options);
      for (const [name, absent] of Object.entries(VARIANTS)) {
        await test.step(`read from ${name} alone`, async () => {
          const part = `${folder}/${name}`;
          await linkFiles(`${folder}/all`, part, (file) => !isAbsent(file, absent, preset));
          assertEquals(await bundleFaults(localDisk, part, preset), []);
          const content = await readBundle(part, db);
          for (const key of Object.keys(truth) as (keyof typeof truth)[]) {
            if (key !== "cells") assertEquals(content[key], truth[key], key);
          }
          for (const [column, values] of Object.entries(truth.cells)) {
            assertEquals(content.cells[column], values, column);
          }
        });
      }
    });
  });
}

/** With csv the transcripts of versions before 3.0 are csv as well. */
function isAbsent(file: string, absent: RegExp, preset: PresetName): boolean {
  const isCsv = absent === VARIANTS["csv and MEX"];
  const hasCsv = PRESETS[preset].transcriptColumns < 13;
  return absent.test(file) || (file === "transcripts.parquet" && isCsv && hasCsv);
}
