import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { decodeJpeg2000 } from "@/formats/ome_tiff/decode_jpeg2000.ts";
import { decodeLzw } from "@/formats/ome_tiff/decode_lzw.ts";
import { findCodestream, readCodestreamInfo } from "@/formats/ome_tiff/jpeg2000_codestream.ts";
import { isOmeXml, parseOmeXml } from "@/formats/ome_tiff/ome_metadata.ts";
import type { TiffSource } from "@/formats/ome_tiff/tiff_source.ts";
import { SthelarError } from "@/core/errors.ts";
import { fixture, FIXTURES, textFile, withLocalFiles } from "../seed_files.ts";
import { type Bytes, expectThat, type NamedSample, type Target } from "../target.ts";

const PATH = "/a.ome.tif";
const READ_TILES = 12;

/** TIFF and OME-TIFF of every compression and layout. */
export const omeTiff: Target = {
  name: "ome_tiff",
  async seeds() {
    const names = [...Deno.readDirSync(`${FIXTURES}ome_tiff`)].map(({ name }) => name)
      .filter((name) => name.endsWith(".tif")).sort();
    return await Promise.all(names.map(async (name): Promise<NamedSample> => ({
      name,
      files: new Map([[PATH, await fixture(`ome_tiff/${name}`)]]),
    })));
  },
  hostile: () => Promise.resolve(hostileTiffs()),
  read: (files) =>
    withLocalFiles(files, async (folder) => {
      await using image = await openOmeTiff(folder + PATH);
      const levels = [];
      for (const level of image.levels) {
        const { width, height, channels } = level;
        expectThat(width > 0 && height > 0 && channels > 0, `${width} x ${height} x ${channels}`);
        const tiles = [];
        for (const { row, column } of level.tiles()) {
          if (tiles.length === READ_TILES) break;
          const tile = await level.readTile({ row, column });
          const length = channels * tile.width * tile.height;
          expectThat(tile.data.length === length, `${tile.data.length} values for ${length}`);
          tiles.push([tile.data, tile.x0, tile.y0]);
        }
        levels.push([width, height, channels, tiles]);
      }
      return [image.channels, image.pixelSizeUm ?? null, image.dtype, image.sizeZ, levels];
    }),
};

/** Little-endian TIFFs made of a chain of directories. */
function hostileTiffs(): NamedSample[] {
  const huge = (width: number, height: number, tile: number) =>
    tiff([entries(width, height, tile)], () => 0);
  const cases: [string, Bytes][] = [
    ["2^31 x 2^31 pixels", huge(2 ** 31, 2 ** 31, 256)],
    ["2^31 x 2^31 pixels in a tile", huge(2 ** 31, 2 ** 31, 2 ** 31)],
    ["2^32 - 1 x 2^32 - 1 pixels", huge(2 ** 32 - 1, 2 ** 32 - 1, 16)],
    ["a directory that is its own next", tiff([entries(16, 16, 16)], () => 8)],
    [
      "two directories that follow each other",
      tiff([entries(16, 16, 16), entries(8, 8, 16)], (i) => i === 0 ? 1 : 0, true),
    ],
    [
      "20,000 directories",
      tiff(Array(20_000).fill(entries(16, 16, 16)), (i) => i + 1 < 20_000 ? i + 1 : -1, true),
    ],
    ["no directory", Uint8Array.of(0x49, 0x49, 42, 0, 0, 0, 0, 0)],
    ["a directory of 65,535 tags", Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, 255, 255, 0, 0)],
    ["BigTIFF whose directory lies at 2^60", bigTiffAt(2n ** 60n)],
    ["only the first bytes", Uint8Array.of(0x49, 0x49, 42, 0)],
  ];
  return cases.map(([name, bytes]) => ({ name, files: new Map([[PATH, bytes]]) }));
}

type Entry = readonly [tag: number, type: number, count: number, value: number];

function entries(width: number, height: number, tile: number): readonly Entry[] {
  return [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, 8],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [277, 3, 1, 1],
    [322, 4, 1, tile],
    [323, 4, 1, tile],
    [324, 4, 1, 0],
    [325, 4, 1, 0],
  ];
}

function tiff(
  directories: readonly (readonly Entry[])[],
  next: (index: number) => number,
  isIndex = false,
): Bytes {
  const length = 2 + 12 * directories[0].length + 4;
  const view = new DataView(new ArrayBuffer(8 + length * directories.length));
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, 8, true);
  directories.forEach((list, i) => {
    const start = 8 + i * length;
    view.setUint16(start, list.length, true);
    list.forEach(([tag, type, count, value], k) => {
      const at = start + 2 + 12 * k;
      view.setUint16(at, tag, true);
      view.setUint16(at + 2, type, true);
      view.setUint32(at + 4, count, true);
      view.setUint32(at + 8, value, true);
    });
    const target = next(i);
    view.setUint32(
      start + length - 4,
      isIndex ? (target < 0 ? 0 : 8 + target * length) : target,
      true,
    );
  });
  return new Uint8Array(view.buffer);
}

function bigTiffAt(offset: bigint): Bytes {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, 0x49492b00);
  view.setUint16(4, 8, true);
  view.setBigUint64(8, offset, true);
  return new Uint8Array(view.buffer);
}

const XML = "/ome.xml";

/** OME-XML by itself. */
export const omeXml: Target = {
  name: "ome_xml",
  async seeds() {
    const samples: NamedSample[] = [];
    for (const name of ["morphology_focus_0000.ome", "u16_channels_cyx.ome", "u16_z_stack.ome"]) {
      await using image = await openOmeTiff(`${FIXTURES}ome_tiff/${name}.tif`);
      samples.push({ name, files: new Map([[XML, textFile(image.omeXml ?? "")]]) });
    }
    return samples;
  },
  hostile() {
    const image = (inside: string) =>
      `<OME><Image><Pixels SizeC="1">${inside}</Pixels></Image></OME>`;
    const entities = Array.from(
      { length: 10 },
      (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
    );
    const cases: [string, string][] = [
      ["elements 100,000 deep", image("<a>".repeat(1e5) + "</a>".repeat(1e5))],
      ["a million channels", image('<Channel Name="x"/>'.repeat(1e5))],
      [
        "entities in entities",
        `<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY l0 "x">${entities.join("")}]>${
          image("&l10;")
        }`,
      ],
      ["an attribute of a megabyte", image(`<Channel Name="${"x".repeat(1e6)}"/>`)],
    ];
    return Promise.resolve(
      cases.map(([name, xml]) => ({ name, files: new Map([[XML, textFile(xml)]]) })),
    );
  },
  // deno-lint-ignore require-await -- targets read asynchronously
  async read(files) {
    const xml = new TextDecoder().decode(files.get(XML));
    const source = {
      path: XML,
      corrupt: (found: string, expected: string) =>
        new SthelarError("CorruptData", {
          action: "Cannot read the XML",
          found,
          expected,
          path: XML,
        }),
    } as TiffSource;
    if (!isOmeXml(xml)) return "no OME-XML";
    const ome = parseOmeXml(xml, source);
    for (const size of [ome.sizeC, ome.sizeZ, ome.sizeT]) {
      expectThat(size >= 1, `a size of ${size}`);
    }
    return ome;
  },
};

const TILE = "/tile";

/** LZW by itself. */
export const lzw: Target = {
  name: "lzw",
  isPathless: true,
  seeds: () =>
    Promise.resolve([{ name: "text", files: new Map([[TILE, Uint8Array.from(LZW_OF_EXAMPLE)]]) }]),
  // deno-lint-ignore require-await -- targets read asynchronously
  async read(files) {
    const decoded = decodeLzw(files.get(TILE) ?? new Uint8Array(), 9);
    expectThat(decoded.length === 9, `${decoded.length} bytes`);
    return decoded;
  },
};

/** The example of TIFF 6.0, page 60: 7 7 7 8 8 7 7 6 6. */
const LZW_OF_EXAMPLE = [0x80, 0x01, 0xe0, 0x40, 0x80, 0x44, 0x08, 0x0c, 0x06, 0x80, 0x80];

/** JPEG 2000 codestreams by themselves, of a plane and of three components. */
export const jpeg2000: Target = {
  name: "jpeg2000",
  isPathless: true,
  async seeds() {
    const names = [
      "jpeg2000_u16_lossless.ome",
      "jpeg2000_rgb_lossless.ome",
      "jpeg2000_u8_lossless.ome",
    ];
    return await Promise.all(names.map(async (name): Promise<NamedSample> => ({
      name,
      files: new Map([[TILE, firstCodestream(await fixture(`ome_tiff/${name}.tif`))]]),
    })));
  },
  async read(files, seed) {
    const bytes = files.get(TILE) ?? new Uint8Array();
    const info = readCodestreamInfo(findCodestream(bytes));
    const isRgb = seed.includes("rgb");
    const samples = await decodeJpeg2000(bytes, {
      compression: "jpeg2000",
      dtype: seed.includes("u16") ? "uint16" : "uint8",
      littleEndian: true,
      width: info.width <= 64 ? info.width : 32,
      height: info.height <= 64 ? info.height : 32,
      clipWidth: 32,
      clipHeight: 32,
      samples: isRgb ? 3 : 1,
      horizontalDifferences: false,
      colour: isRgb ? "rgb" : "asStored",
      jpegTables: undefined,
    });
    expectThat(
      samples.length === info.width * info.height * (isRgb ? 3 : 1),
      "a number of samples",
    );
    return samples;
  },
};

function firstCodestream(file: Bytes): Bytes {
  const start = file.findIndex((byte, i) =>
    byte === 0xff && file[i + 1] === 0x4f && file[i + 2] === 0xff
  );
  const end = file.findIndex((byte, i) => i > start && byte === 0xff && file[i + 1] === 0xd9);
  return file.slice(start, end + 2);
}
