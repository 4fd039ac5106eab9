import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import { simulateSlide, type SimulationOptions } from "@/simulate/mod.ts";
import { parseCsvTable } from "./check/parse_csv_table.ts";
import { readStoredMatrices } from "./check/stored_matrix.ts";
import { PRESETS } from "@/simulate/presets.ts";
import { storedRings } from "./check/stored_rings.ts";
import { stackLight } from "@/simulate/write_images.ts";
import { gunzipSync, gzipSync } from "node:zlib";
import { filesBelow, inFolder } from "./temporary_bundle.ts";

const SMALLEST: SimulationOptions = {
  slideId: "heart_s0",
  cells: 60,
  referenceCells: 20,
  heSize: { width: 200, height: 200 },
};
const BESIDE = /he_image|reference|truth|gene_panel|metrics|experiment|morphology|cells.zarr/;

async function tablesIn(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((name) => !BESIDE.test(name));
}

Deno.test("simulateSlide() writes csv and MEX in place of parquet and h5", () =>
  inFolder(async (folder) => {
    const formats = { tables: "csv", matrix: ["mex"] } as const;
    const matrix = ["barcodes.tsv.gz", "features.tsv.gz", "matrix.mtx.gz"]
      .map((name) => `cell_feature_matrix/${name}`);
    const tables = ["cell_boundaries", "cells", "nucleus_boundaries"].map((name) =>
      `${name}.csv.gz`
    );
    await simulateSlide(localDisk, `${folder}/old`, { ...SMALLEST, preset: "v1.0", ...formats });
    assertEquals(
      await tablesIn(`${folder}/old`),
      [...tables.slice(0, 1), ...matrix, ...tables.slice(1), "transcripts.csv.gz"],
    );
    await simulateSlide(localDisk, `${folder}/new`, { ...SMALLEST, preset: "v3.0", ...formats });
    assertEquals(
      await tablesIn(`${folder}/new`),
      [...tables.slice(0, 1), ...matrix, ...tables.slice(1), "transcripts.parquet"],
    );
    const text = new TextDecoder().decode(
      gunzipSync((await localDisk.read(`${folder}/old/transcripts.csv.gz`))!),
    );
    const [header, first] = text.split("\n");
    assertEquals(
      header,
      '"transcript_id","cell_id","overlaps_nucleus","feature_name","x_location","y_location",' +
        '"z_location","qv"',
    );
    assert(/^\d{15},-?\d+,[01],"[^"]+"(,\d+\.\d+){4}$/.test(first), first);
  }));

Deno.test("simulateSlide() writes a stack whose middle plane is the focus image", () =>
  inFolder(async (folder) => {
    await simulateSlide(localDisk, folder, { ...SMALLEST, stackPlanes: 3 });
    await using focus = await openOmeTiff(
      `${folder}/morphology_focus/morphology_focus_0000.ome.tif`,
    );
    const { width, height } = focus.levels[0];
    const box = { x0: 0, y0: 0, width, height };
    const sharp = (await focus.levels[0].readRegion(box)).data;
    for (const plane of [0, 1, 2]) {
      await using image = await openOmeTiff(`${folder}/morphology.ome.tif`, { z: plane });
      assertEquals([image.sizeZ, image.levels.length], [3, focus.levels.length]);
      const { data } = await image.levels[0].readRegion(box);
      assertEquals(data.length, sharp.length);
      const light = stackLight(plane, 3);
      assert(
        data.every((value, i) => value === Math.max(0, Math.floor(55 + (sharp[i] - 55) * light))),
      );
    }
  }));

Deno.test("simulateSlide() counts genomic controls of Prime and DNA probes of 4.0", () =>
  inFolder(async (folder) => {
    for (const preset of ["v3.0-prime-kit", "v4.0"] as const) {
      await simulateSlide(localDisk, `${folder}/${preset}`, { ...SMALLEST, preset });
      const cells = await readParquetColumns(localDisk, `${folder}/${preset}/cells.parquet`);
      const counts = Array.from(cells.numbers("genomic_control_counts"), Number);
      assert(counts.some((count) => count > 0), preset);
    }
  }));

Deno.test("simulateSlide() stores proteins as whole numbers, scaled", () =>
  inFolder(async (folder) => {
    const preset = "v4.0-protein";
    await simulateSlide(localDisk, folder, { ...SMALLEST, preset, matrix: ["h5", "mex"] });
    const truth = await readParquetColumns(localDisk, `${folder}/truth.parquet`);
    const [h5, mex] = await readStoredMatrices(localDisk, folder, PRESETS[preset]);
    assertEquals([h5.scalingFactor, mex.scalingFactor], [100, undefined]);
    const proteins = h5.types.flatMap((type, f) => type === "Protein Expression" ? [f] : []);
    assertEquals(proteins.length, PRESETS[preset].proteins.length);
    for (const f of proteins) {
      const intensity = truth.numbers(`protein_${h5.names[f]}`) as Float64Array;
      const stored = Int32Array.from(intensity, (value) => Math.trunc(value * 100));
      assertEquals(h5.cells.map((cell) => cell.get(f) ?? 0), [...stored]);
      assertEquals(mex.cells.map((cell) => cell.get(f) ?? 0), [...stored]);
    }
    const panel = JSON.parse(await Deno.readTextFile(`${folder}/protein_panel.json`));
    assertEquals(panel.payload.targets.length, proteins.length);
  }));

Deno.test("simulateSlide() leaves imported rings of any size, some below a triangle", () =>
  inFolder(async (folder) => {
    await simulateSlide(localDisk, folder, { ...SMALLEST, preset: "ranger-import" });
    const rings = storedRings(
      await readParquetColumns(localDisk, `${folder}/cell_boundaries.parquet`),
    );
    const sizes = rings.map(({ xy }) => xy.length / 2);
    assertEquals(sizes.filter((size) => size < 4).length, 3);
    assert(new Set(sizes).size > 10 && sizes.some((size) => size % 2 === 1));
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/experiment.xenium`));
    assertEquals(manifest.xenium_ranger.version, "xenium-3.1.0.5");
    assertEquals(manifest.analysis_sw_version, "xenium-2.0.0.10");
  }));

Deno.test("simulateSlide() refuses no matrix at all and a stack without end", async () => {
  for (const wrong of [{ matrix: [] }, { stackPlanes: -1 }, { stackPlanes: 1e6 }]) {
    const error = await assertRejects(
      () => simulateSlide(localDisk, "/nowhere", { ...SMALLEST, ...wrong }),
      SthelarError,
    );
    assertEquals(error.tag, "InvalidArgument");
  }
});

Deno.test("parseCsvTable() takes quoted texts and bare numbers, nothing else", () => {
  const parse = (text: string) => parseCsvTable("a.csv.gz", new Uint8Array(gzipSync(text)));
  const table = parse('"id","n"\n"a ""b"", c",NaN\n"d",-1.5\n');
  assertEquals(table.text("id"), ['a "b", c', "d"]);
  assertEquals([...table.numbers("n")], [NaN, -1.5]);
  for (const wrong of ['id\n"a"\n', '"id"\na\n', '"id","n"\n"a"\n', '"id"\n"a"', '"n"\n1\n"2"\n']) {
    let message = "nothing";
    try {
      parse(wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    assert(message.startsWith('Cannot read "a.csv.gz"'), `${wrong}: ${message}`);
  }
});
