import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import { parseArguments } from "@/cli/arguments.ts";
import { exportCommand } from "@/cli/export.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { writeElement } from "@/formats/anndata/mod.ts";
import {
  identity,
  openSpatialData,
  writeShapes,
  writeStoreRoot,
} from "@/formats/spatialdata/mod.ts";
import { openZip, zipDisk } from "@/formats/zip/mod.ts";
import { lockSlide } from "@/pipeline/lock.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { runCli, withTempDir } from "../e2e/run_cli.ts";

async function writeSlide(out: string, id = "toy"): Promise<string> {
  const store = `${out}/${id}/sdata_${id}.zarr`;
  await writeShapes(localDisk, store, "nuclei", {
    ids: ["aaaaaaaa-1"],
    geometries: packPolygons([[[[0, 0, 2, 0, 0, 2, 0, 0]]]]),
    transformations: new Map([["global", identity]]),
  });
  await writeElement(localDisk, `${store}/any`, new Map([["none", null], ["ten", 10]]));
  await writeStoreRoot(localDisk, store, { simulated: true });
  return store;
}

/** Names below a folder that an export must not leave behind. */
async function leftovers(folder: string): Promise<string[]> {
  return (await localDisk.list(folder)).filter((name) => /\.(next|zipping|partial)$/.test(name));
}

Deno.test("export --zarr-format 2 writes a folder that older releases read, again and again", () =>
  withTempDir(async (out) => {
    await writeSlide(out);
    const target = `${out}/toy/export/zarr-v2/sdata_toy.zarr`;
    for (const time of ["first", "second"]) {
      const { code, stdout, stderr } = await runCli(
        ...["export", "toy", "--zarr-format", "2", "--out", out],
      );
      assertEquals([code, stdout], [0, `${target}\n`], `${time}: ${stderr}`);
      assertStringIncludes(stderr, 'left out "any/none"');
    }
    const store = await openSpatialData(localDisk, target);
    assertEquals([store.zarrFormat, store.names("shapes")], [2, ["nuclei"]]);
    assertEquals(await leftovers(`${out}/toy/export/zarr-v2`), []);
  }));

Deno.test("export --zarr-format 2 --zip writes the published form: zarr v2, nested and stored", () =>
  withTempDir(async (out) => {
    await writeSlide(out);
    const { code, stdout, stderr } = await runCli(
      ...["export", "toy", "--zarr-format", "2", "--zip", "--out", out, "--to", `${out}/given`],
    );
    assertEquals([code, stdout], [0, `${out}/given/sdata_toy.zarr.zip\n`], stderr);
    const archive = await openZip(localDisk, `${out}/given/sdata_toy.zarr.zip`);
    assert([...archive.entries.values()].every(({ method }) => method === "stored"));
    const store = await openSpatialData(zipDisk(archive), "/sdata_toy.zarr");
    assertEquals([store.zarrFormat, store.names("shapes")], [2, ["nuclei"]]);
    assertEquals(await leftovers(`${out}/given`), []);
    assertEquals(await leftovers(`${out}/toy/export/zarr-v2`), []);
  }));

Deno.test("export --zip keeps zarr v3", () =>
  withTempDir(async (out) => {
    await writeSlide(out);
    const { code, stdout } = await runCli("export", "toy", "--zip", "--out", out);
    assertEquals([code, stdout], [0, `${out}/toy/sdata_toy.zarr.zip\n`]);
    const disk = zipDisk(await openZip(localDisk, `${out}/toy/sdata_toy.zarr.zip`));
    assertEquals((await openSpatialData(disk, "/sdata_toy.zarr")).zarrFormat, 3);
  }));

async function refused(...args: readonly string[]): Promise<SthelarError> {
  const parsed = parseArguments("export", args, exportCommand.options);
  return await assertRejects(
    () => exportCommand.run(parsed, AbortSignal.timeout(60_000)),
    SthelarError,
  );
}

Deno.test("export says what it can write and what is missing", () =>
  withTempDir(async (out) => {
    await writeSlide(out);
    const none = await refused("toy", "--out", out);
    assertEquals([none.tag, none.expected], ["InvalidArgument", "--zip or --zarr-format 2"]);
    const other = await refused("toy", "--out", out, "--zarr-format", "4");
    assertEquals([other.tag, other.found], ["InvalidArgument", "--zarr-format 4"]);
    const absent = await refused("heart", "--out", out, "--zarr-format", "2");
    assertEquals(absent.tag, "NotFound");
    assertStringIncludes(absent.message, "build-slide heart");
  }));

Deno.test("export waits for no build: it says who works on the slide, and leaves a slide that is none alone", () =>
  withTempDir(async (out) => {
    await writeSlide(out);
    using _lock = await lockSlide(slideFolder(out, "toy"));
    const { tag, message } = await refused("toy", "--out", out, "--zip");
    assertEquals(tag, "PipelineConflict");
    assertStringIncludes(message, `process ${Deno.pid}`);
    await refused("heart", "--out", out, "--zip");
    assertEquals(await localDisk.stat(`${out}/heart`), undefined);
  }));

Deno.test("export --to never replaces a folder: the slide's own store least of all", () =>
  withTempDir(async (out) => {
    const store = await writeSlide(out);
    const error = await refused("toy", "--out", out, "--zarr-format", "2", "--to", `${out}/toy`);
    assertEquals([error.tag, error.path], ["InvalidArgument", store]);
    assertEquals((await openSpatialData(localDisk, store)).zarrFormat, 3);
  }));

Deno.test("a stopped export leaves nothing that looks whole", () =>
  withTempDir(async (out) => {
    await writeSlide(out);
    for (const zip of [["--zip"], []]) {
      const args = ["toy", "--out", out, "--zarr-format", "2", ...zip];
      const parsed = parseArguments("export", args, exportCommand.options);
      const error = await assertRejects(
        () => exportCommand.run(parsed, AbortSignal.abort()),
        SthelarError,
      );
      assertEquals(error.tag, "Aborted");
      const names = await localDisk.list(`${out}/toy/export/zarr-v2`);
      assertEquals(names.filter((name) => /\.(zarr|zip)$/.test(name)), []);
    }
  }));
