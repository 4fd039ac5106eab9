import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { bundleFiles, imageFiles, openXeniumBundle } from "@/formats/xenium/mod.ts";
import { testWithData } from "../../test_data.ts";

async function diskWith(files: Readonly<Record<string, string>>): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const [path, text] of Object.entries(files)) {
    await disk.write(path, new TextEncoder().encode(text));
  }
  return disk;
}

Deno.test("openXeniumBundle() ignores what a Mac and a zip program leave behind", async () => {
  const disk = await diskWith({
    "/run/__MACOSX/cells.parquet": "",
    "/run/._cells.parquet": "",
    "/run/.DS_Store": "",
    "/run/outs/cells.parquet": "",
    "/run/outs/._experiment.xenium": "rubbish",
    "/run/outs/morphology_focus/._morphology_focus_0001.ome.tif": "",
    "/run/outs/morphology_focus/morphology_focus_0000.ome.tif": "",
  });
  const bundle = await openXeniumBundle("/run/", disk);
  assertEquals(bundle.root, "/run/outs");
  assertEquals(bundle.manifest.pixelSizeUm, undefined);
  assertEquals((await imageFiles(bundle)).channels.length, 1);
});

Deno.test("openXeniumBundle() finds files with a sample's prefix", async () => {
  const disk = await diskWith({
    "/geo/GSM7_s1_cells.parquet": "",
    "/geo/GSM7_s1_transcripts.parquet": "",
  });
  const bundle = await openXeniumBundle("/geo", disk);
  assertEquals(bundle.pathOf("cells"), "/geo/GSM7_s1_cells.parquet");
});

Deno.test("openXeniumBundle() takes the version of the ranger, and none is no fault", async () => {
  const of = async (json: string) =>
    (await openXeniumBundle("/b", await diskWith({ "/b/experiment.xenium": json }))).manifest;
  const ranger = '"xenium_ranger": {"version": "xenium-3.1.0.5"}';
  assertEquals(
    (await of(`{"analysis_sw_version": "R&D", ${ranger}}`)).versionText,
    "xenium-3.1.0.5",
  );
  assertEquals((await of('{"analysis_sw_version": "R&D"}')).versionText, "R&D");
  assertEquals((await of("{}")).versionText, undefined);
});

Deno.test("any analysis_sw_version is read, with a number or without (spatialdata-io #237, #325)", async () => {
  for (
    const [text, version] of [
      ["Xenium-1.0.1", "1.0.1"],
      ["xenium-3.0.0.15", "3.0.0"],
      ["xenium-1.3.0.5-35-gabcdef1", "1.3.0"],
      ["R&D", undefined],
      ["Development", undefined],
      ["", undefined],
    ]
  ) {
    const json = JSON.stringify({ analysis_sw_version: text });
    const disk = await diskWith({ "/b/experiment.xenium": json });
    assertEquals((await openXeniumBundle("/b", disk)).manifest.version, version);
  }
  const disk = await diskWith({ "/b/experiment.xenium": '{"analysis_sw_version": 3}' });
  assertEquals((await openXeniumBundle("/b", disk)).manifest.versionText, undefined);
});

Deno.test("parquet is preferred to csv, h5 to zarr and MEX, a table to cells.zarr.zip", async () => {
  const names = [
    "cells.zarr.zip",
    "cells.csv",
    "cells.csv.gz",
    "cells.parquet",
  ];
  for (let count = 1; count <= names.length; count++) {
    const there = Object.fromEntries(names.slice(0, count).map((name) => [`/b/${name}`, ""]));
    const bundle = await openXeniumBundle("/b", await diskWith(there));
    assertEquals(bundle.pathOf("cells"), `/b/${names[count - 1]}`);
  }
  const mex = { "/b/cell_feature_matrix/matrix.mtx.gz": "" };
  const zarr = { ...mex, "/b/cell_feature_matrix.zarr.zip": "" };
  const h5 = { ...zarr, "/b/cell_feature_matrix.h5": "" };
  for (const [files, name] of [[mex, ""], [zarr, ".zarr.zip"], [h5, ".h5"]] as const) {
    const bundle = await openXeniumBundle("/b", await diskWith(files));
    assertEquals(bundle.pathOf("matrix"), `/b/cell_feature_matrix${name}`);
  }
});

Deno.test("files of several samples in one folder are to be parted", async () => {
  const disk = await diskWith({
    "/geo/experiment.xenium": "{}",
    "/geo/GSM7_s1_cells.csv.gz": "",
    "/geo/GSM8_s2_cells.csv.gz": "",
  });
  const bundle = await openXeniumBundle("/geo", disk);
  const error = await assertRejects(async () => await bundle.pathOf("cells"), SthelarError);
  assertEquals(error.found, "several: GSM7_s1_cells.csv.gz, GSM8_s2_cells.csv.gz");
  assertEquals(error.remedy, "put the files of each sample into a folder of their own");
});

Deno.test("a folder that was downloaded packed is to be unpacked", async () => {
  const disk = await diskWith({
    "/b/cells.parquet": "",
    "/b/cell_feature_matrix.tar.gz": "",
  });
  const bundle = await openXeniumBundle("/b", disk);
  const error = await assertRejects(async () => await bundle.pathOf("matrix"), SthelarError);
  assertEquals(error.remedy, 'unpack "cell_feature_matrix.tar.gz" in the folder');
});

for (
  const [manifest, found] of [
    ['{"pixel_size": 0', "JSON"],
    ["[]", "JSON that is no object"],
    ["", "JSON"],
    ['{"pixel_size": "0.2125"}', '"0.2125"'],
    ['{"pixel_size": -1}', "-1"],
  ]
) {
  Deno.test(`openXeniumBundle() refuses the manifest ${manifest || "(empty)"}`, async () => {
    const disk = await diskWith({ "/b/experiment.xenium": manifest });
    const error = await assertRejects(() => openXeniumBundle("/b", disk), SthelarError, found);
    assertEquals([error.tag, error.path], ["CorruptData", "/b/experiment.xenium"]);
  });
}

Deno.test("a missing file is an error with what was sought, what is there and the remedy", async () => {
  const disk = await diskWith({ "/b/experiment.xenium": "{}", "/b/cells.tsv": "" });
  const bundle = await openXeniumBundle("/b", disk);
  const error = await assertRejects(async () => await bundle.pathOf("cells"), SthelarError);
  assertEquals([error.tag, error.path], ["NotFound", "/b/cells.parquet"]);
  assertEquals(
    error.message,
    'Cannot read the table of cells of the bundle "/b": found cells.tsv, experiment.xenium, ' +
      'expected "cells.parquet" or "cells.csv.gz" or "cells.csv" or "cells.zarr.zip"; copy "cells.parquet" of the bundle into the folder, or download ' +
      "the bundle again",
  );
});

Deno.test("openXeniumBundle() says so if there is no bundle, or several", async () => {
  const disk = await diskWith({
    "/a/x/cells.parquet": "",
    "/a/y/cells.parquet": "",
    "/c/readme": "",
  });
  for (
    const [folder, found] of [["/none", "no such folder"], ["/c", "readme"], [
      "/a",
      '"/a/x", "/a/y"',
    ]]
  ) {
    const error = await assertRejects(() => openXeniumBundle(folder, disk), SthelarError, found);
    assertEquals(error.tag, "NotFound");
  }
});

const LAYOUTS: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string[]]>> = {
  "4.x with the kit": [{
    "/b/morphology_focus/ch0003_alphasma_vimentin.ome.tif": "",
    "/b/morphology_focus/ch0000_dapi.ome.tif": "",
    "/b/morphology_focus/ch0001_atp1a1_cd45_e-cadherin.ome.tif": "",
    "/b/morphology_focus/ch0002_18s.ome.tif": "",
    "/b/experiment.xenium":
      '{"images":{"morphology_focus_filepath":"morphology_focus/ch0000_dapi.ome.tif"}}',
  }, ["DAPI", "ATP1A1/CD45/E-Cadherin", "18S", "alphaSMA/Vimentin"]],
  "4.x with a protein": [{
    "/b/morphology_focus/ch0000_dapi.ome.tif": "",
    "/b/morphology_focus/ch0001_cd8.ome.tif": "",
  }, ["DAPI", "cd8"]],
  "3.x with the kit": [{
    "/b/morphology_focus/morphology_focus_0000.ome.tif": "",
    "/b/morphology_focus/morphology_focus_0001.ome.tif": "",
    "/b/morphology_focus/morphology_focus_0002.ome.tif": "",
    "/b/morphology_focus/morphology_focus_0003.ome.tif": "",
  }, ["DAPI", "ATP1A1/CD45/E-Cadherin", "18S", "alphaSMA/Vimentin"]],
  "2.x without": [{ "/b/morphology_focus/morphology_focus_0000.ome.tif": "" }, ["DAPI"]],
  "a manifest whose path is wrong": [{
    "/b/morphology_focus/morphology_focus_0000.ome.tif": "",
    "/b/experiment.xenium": '{"images":{"morphology_focus_filepath":"morphology_focus.ome.tif"}}',
  }, ["DAPI"]],
  "4.x beside what a Mac left (spatialdata-io #361, #362)": [{
    "/b/morphology_focus/._ch0000_dapi.ome.tif": "",
    "/b/morphology_focus/ch0000_dapi.ome.tif": "",
    "/b/morphology_focus/ch0001_18s.ome.tif": "",
  }, ["DAPI", "18S"]],
  "an empty folder beside the file of 1.x": [{
    "/b/morphology_focus/._morphology_focus_0000.ome.tif": "",
    "/b/morphology_focus.ome.tif": "",
  }, ["DAPI"]],
  "a sample's prefix": [{ "/b/GSM7_s1_morphology_focus.ome.tif": "" }, ["DAPI"]],
  "1.x": [{ "/b/morphology_focus.ome.tif": "", "/b/morphology_mip.ome.tif": "" }, ["DAPI"]],
  "1.x with the projection alone": [{ "/b/morphology_mip.ome.tif": "" }, ["DAPI"]],
};

for (const [name, [files, stains]] of Object.entries(LAYOUTS)) {
  Deno.test(`imageFiles() lists the channels of ${name}`, async () => {
    const bundle = await openXeniumBundle("/b", await diskWith(files));
    const { kind, channels } = await imageFiles(bundle);
    assertEquals(channels.map((channel) => channel.name), stains);
    assertEquals(channels.map((channel) => channel.index), stains.map((_, i) => i));
    assertEquals(kind, name.includes("projection") ? "mip" : "focus");
    for (const { path } of channels) assert(path in files, path);
  });
}

Deno.test("imageFiles() says which channel is missing", async () => {
  const disk = await diskWith({
    "/b/morphology_focus/morphology_focus_0000.ome.tif": "",
    "/b/morphology_focus/morphology_focus_0002.ome.tif": "",
  });
  const bundle = await openXeniumBundle("/b", disk);
  const error = await assertRejects(() => imageFiles(bundle), SthelarError, "none for channel 1");
  assertEquals(error.tag, "NotFound");
});

testWithData(
  "xenium_pancreas_roiA",
  "bundleFiles() lists each file once, sorted",
  async (folder) => {
    const roles = ["transcripts", "morphologyFocus", "manifest", "cells", "matrix"] as const;
    const files = await bundleFiles(folder, roles);
    assertEquals(files.map((path) => path.slice(folder.length + 1)), [
      "cell_feature_matrix.h5",
      "cells.parquet",
      "experiment.xenium",
      ...[0, 1, 2, 3].map((i) => `morphology_focus/morphology_focus_000${i}.ome.tif`),
      "transcripts.parquet",
    ]);
  },
);

testWithData(
  "xenium_format_samples",
  "openXeniumBundle() reads manifests of 1.0 and 4.0",
  async (folder) => {
    for (
      const [name, version] of [["xoa1.0.1_breast_rep1", "Xenium-1.0.1"], [
        "xoa4.0_ovary_tiny",
        "xenium-4.0.0.19",
      ]]
    ) {
      const text = await Deno.readTextFile(`${folder}/experiment_${name}.xenium`);
      const { manifest } = await openXeniumBundle(
        "/b",
        await diskWith({ "/b/experiment.xenium": text }),
      );
      assertEquals(manifest.pixelSizeUm, 0.2125);
      assertStringIncludes(manifest.versionText ?? "", version);
    }
  },
);
