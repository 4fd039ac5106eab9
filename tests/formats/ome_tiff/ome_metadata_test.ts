import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { findPlanes, nameChannels } from "@/formats/ome_tiff/find_planes.ts";
import { downsampleOf } from "@/formats/ome_tiff/find_levels.ts";
import { isOmeXml, parseOmeXml } from "@/formats/ome_tiff/ome_metadata.ts";
import { TiffSource } from "@/formats/ome_tiff/tiff_source.ts";
import { FIXTURES, withCopy } from "./fixtures.ts";

async function withSource(path: string, run: (source: TiffSource) => void): Promise<void> {
  await using source = await TiffSource.open(path);
  run(source);
}

function omeXml(pixelAttributes: string, children = "", uuid = "urn:uuid:me"): string {
  return `<?xml version="1.0"?><!-- note --><OME UUID="${uuid}"><Image ID="Image:0"><Pixels ` +
    `DimensionOrder="XYZCT" SizeX="9" SizeY="9" ${pixelAttributes}>${children}</Pixels></Image></OME>`;
}

const ANY_FILE = `${FIXTURES}u8_none.ome.tif`;

Deno.test("parseOmeXml() gives pixel sizes in micrometres, and none for what is no length", async () => {
  await withSource(ANY_FILE, (source) => {
    const size = (x: string, unit: string) =>
      parseOmeXml(
        omeXml(`PhysicalSizeX="${x}" PhysicalSizeY="${x}" ${unit}`),
        source,
      ).pixelSizeUm;
    const both = (unit: string) => `PhysicalSizeXUnit="${unit}" PhysicalSizeYUnit="${unit}"`;
    assertEquals(size("0.25", ""), { x: 0.25, y: 0.25 });
    assertEquals(size("0.25", both("\u00b5m")), { x: 0.25, y: 0.25 });
    assertEquals(size("0.25", both("\u03bcm")), { x: 0.25, y: 0.25 });
    assertEquals(size("0.25", both("&#181;m")), { x: 0.25, y: 0.25 });
    assertEquals(size("250", both("nm")), { x: 0.25, y: 0.25 });
    assertEquals(size("0.5", both("mm")), { x: 500, y: 500 });
    assertEquals(size("1", both("pixel")), undefined);
    assertEquals(size("0", ""), undefined);
    assertEquals(size("wide", ""), undefined);
    assertEquals(parseOmeXml(omeXml('PhysicalSizeX="1"'), source).pixelSizeUm, undefined);
  });
});

Deno.test("parseOmeXml() names the file when the text is broken", async () => {
  await withSource(ANY_FILE, (source) => {
    for (const xml of [omeXml("").slice(0, -9), "<OME></OME>", omeXml('SizeC="many"')]) {
      const error = assertThrows(() => parseOmeXml(xml, source), SthelarError);
      assertEquals([error.tag, error.path], ["CorruptData", ANY_FILE]);
    }
  });
});

Deno.test("isOmeXml() tells OME-XML from other descriptions", () => {
  assertEquals(isOmeXml(omeXml("")), true);
  assertEquals(isOmeXml('<ome:OME xmlns:ome="x"/>'), true);
  assertEquals(isOmeXml("Aperio Image Library v11.2.1 |MPP = 0.4990"), false);
  assertEquals(isOmeXml('{"shape": [4, 5]}'), false);
  assertEquals(isOmeXml(""), false);
});

const KIT_DATA = [0, 1, 2].map((c) =>
  `<TiffData FirstC="${c}" IFD="0" PlaneCount="1"><UUID FileName="morphology_focus_000${c}.ome.tif">urn:uuid:${c}</UUID></TiffData>`
).join("");

async function planesIn(fileName: string, xml: string) {
  let result: unknown[] = [];
  await Deno.makeTempDir().then(async (folder) => {
    const path = `${folder}/${fileName}`;
    await Deno.writeFile(path, new Uint8Array(1));
    await withSource(path, (source) => {
      const ome = parseOmeXml(xml, source);
      const planes = findPlanes(ome, 1, 0, source);
      result = [planes, nameChannels(ome, planes, 1).map(({ name }) => name)];
    });
    await Deno.remove(folder, { recursive: true });
  });
  return result;
}

Deno.test("findPlanes() knows a 10x channel by file name, uuid or the digits of its name", async () => {
  const names = '<Channel Name="D"/><Channel Name="B"/><Channel Name="R"/>';
  const pixels = 'SizeC="3" SizeZ="1" SizeT="1"';
  const named = omeXml(pixels, names + KIT_DATA);
  assertEquals(await planesIn("morphology_focus_0001.ome.tif", named), [
    [{ ifd: 0, channel: 1 }],
    ["B"],
  ]);
  const withUuid = omeXml(pixels, names + KIT_DATA, "urn:uuid:2");
  assertEquals(await planesIn("renamed.tif", withUuid), [[{ ifd: 0, channel: 2 }], ["R"]]);
  assertEquals(await planesIn("ch0002_18s.ome.tif", named), [[{ ifd: 0, channel: 2 }], ["R"]]);
});

Deno.test("findPlanes() refuses metadata that name directories the file lacks", async () => {
  await withCopy(new Uint8Array(1), async (path) => {
    await withSource(path, (source) => {
      const xml = omeXml('SizeC="4"', '<TiffData IFD="0" PlaneCount="4"/>');
      const run = () => findPlanes(parseOmeXml(xml, source), 2, 0, source);
      assertStringIncludes(assertThrows(run, SthelarError).message, "found plane 2");
    });
  });
});

Deno.test("downsampleOf() forgives rounding and nothing else", () => {
  const full = { width: 5789, height: 3522 };
  assertEquals(downsampleOf(full, { width: 2895, height: 1761 }), 2);
  assertEquals(downsampleOf(full, { width: 1448, height: 881 }), 4);
  assertEquals(downsampleOf(full, { width: 1447, height: 880 }), 4);
  assertEquals(downsampleOf(full, { width: 362, height: 221 }), 16);
  assertEquals(downsampleOf(full, { width: 387, height: 463 }), undefined);
  assertEquals(downsampleOf(full, full), 1);
});
