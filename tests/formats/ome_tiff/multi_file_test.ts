import { assertEquals } from "@std/assert";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { testWithData } from "../../test_data.ts";
import { FIXTURES, readGolden, readLevelByTiles, sha256 } from "./fixtures.ts";

const STAINS = ["DAPI", "ATP1A1/CD45/E-Cadherin", "18S", "AlphaSMA/Vimentin"];
const NAMES_2_0 = STAINS.map((_, n) => `morphology_focus_000${n}.ome.tif`);
const NAMES_4_0 = [
  "ch0000_dapi.ome.tif",
  "ch0001_atp1a1_cd45_e-cadherin.ome.tif",
  "ch0002_18s.ome.tif",
  "ch0003_alphasma_vimentin.ome.tif",
];

interface Header {
  /** File names in the TiffData; without them TiffData has no UUID child. */
  readonly files?: readonly string[];
  /** Index whose UUID the file has. */
  readonly self?: number;
  /** Names of the channels. */
  readonly stains?: readonly string[];
  /** IFD of each TiffData. */
  readonly ifd?: (channel: number) => number;
}

/** The header that each file of a multi-file image repeats. */
function kitHeader({ files, self = 9, stains = STAINS, ifd = () => 0 }: Header): string {
  const channels = stains.map((name, c) => `<Channel ID="Channel:${c}" Name="${name}"/>`).join("");
  const data = STAINS.map((_, c) => {
    const uuid = files === undefined ? "" : `<UUID FileName="${files[c]}">urn:uuid:${c}</UUID>`;
    return `<TiffData FirstC="${c}" FirstT="0" FirstZ="0" IFD="${
      ifd(c)
    }" PlaneCount="1">${uuid}</TiffData>`;
  }).join("");
  return `<?xml version="1.0"?><OME UUID="urn:uuid:${self}"><Image ID="Image:0"><Pixels ` +
    `DimensionOrder="XYZCT" Type="uint16" SizeX="64" SizeY="40" SizeZ="1" SizeC="4" SizeT="1" ` +
    `PhysicalSizeX="0.2125" PhysicalSizeY="0.2125">${channels}${data}</Pixels></Image></OME>`;
}

/** The pixels of a fixture of one channel with another header appended and pointed to. */
async function withHeader(xml: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(`${FIXTURES}morphology_focus_0000.ome.tif`);
  const text = new TextEncoder().encode(`${xml}\0`);
  const out = new Uint8Array(bytes.length + text.length);
  out.set(bytes);
  out.set(text, bytes.length);
  const view = new DataView(out.buffer);
  let at = view.getUint32(4, true) + 2;
  while (view.getUint16(at, true) !== 270) at += 12;
  view.setUint32(at + 4, text.length, true);
  view.setUint32(at + 8, bytes.length, true);
  return out;
}

/** Opens one file, alone in its folder, and reads all of it. */
async function readAlone(fileName: string, header: Header) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${fileName}`, await withHeader(kitHeader(header)));
    await using image = await openOmeTiff(`${folder}/${fileName}`);
    const { levels } = await readGolden("morphology_focus_0000.ome");
    assertEquals(image.levels.map(({ channels }) => channels), [1, 1]);
    for (const [index, { sha256: expected }] of levels.entries()) {
      assertEquals(await sha256(await readLevelByTiles(image, index)), expected);
    }
    return image.channels;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openOmeTiff() reads a channel file alone, with no sibling followed or filled with zeros", async () => {
  for (const [c, file] of NAMES_2_0.entries()) {
    const channels = await readAlone(file, { files: NAMES_2_0, self: c });
    assertEquals(channels, [{ name: STAINS[c], id: `Channel:${c}` }]);
  }
});

Deno.test("openOmeTiff() reads ch0000_dapi names (spatialdata-io #362)", async () => {
  for (const [c, file] of NAMES_4_0.entries()) {
    const channels = await readAlone(file, { files: NAMES_4_0, self: c });
    assertEquals(channels, [{ name: STAINS[c], id: `Channel:${c}` }]);
  }
});

Deno.test("openOmeTiff() takes the channel of FileName where the file's own UUID says another", async () => {
  const channels = await readAlone(NAMES_2_0[2], { files: NAMES_2_0, self: 1 });
  assertEquals(channels.map(({ name }) => name), ["18S"]);
});

Deno.test("openOmeTiff() knows a renamed channel file by its UUID, else by four digits of its name", async () => {
  const byUuid = await readAlone("stain b.tif", { files: NAMES_2_0, self: 3 });
  assertEquals(byUuid.map(({ name }) => name), ["AlphaSMA/Vimentin"]);
  const byDigits = await readAlone("liver_ch0002_copy.tif", { files: NAMES_2_0 });
  assertEquals(byDigits.map(({ name }) => name), ["18S"]);
  const unknown = await readAlone("stain.tif", { files: NAMES_2_0 });
  assertEquals(unknown.map(({ name }) => name), ["DAPI"]);
});

Deno.test("openOmeTiff() takes the digits of the name where TiffData has no UUID", async () => {
  for (const ifd of [() => 0, (c: number) => c]) {
    const channels = await readAlone(NAMES_4_0[1], { ifd });
    assertEquals(channels.map(({ name }) => name), [STAINS[1]]);
  }
});

Deno.test("openOmeTiff() names no stain that the header does not name: a bundle's file names do", async () => {
  for (const file of NAMES_2_0) {
    const channels = await readAlone(file, { files: NAMES_2_0, stains: [] });
    assertEquals(channels.map(({ name }) => name), [undefined]);
  }
});

testWithData(
  "xenium_pancreas_roiA",
  "openOmeTiff() reads a file of the kit whose siblings are missing",
  async (path) => {
    const folder = await Deno.makeTempDir();
    try {
      const name = "morphology_focus_0002.ome.tif";
      await Deno.copyFile(`${path}/morphology_focus/${name}`, `${folder}/${name}`);
      await using image = await openOmeTiff(`${folder}/${name}`);
      assertEquals(image.channels.map(({ name }) => name), ["18S"]);
      assertEquals(image.levels[0].channels, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
