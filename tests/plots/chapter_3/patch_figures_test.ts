import { assert, assertEquals } from "@std/assert";
import { patchControl, patchCoverage } from "@/plots/chapter_3/mod.ts";
import { OUTCOME_COLOURS } from "@/plots/chapter_3/mod.ts";
import sharp from "sharp";

const WIDTH = 8;
const rgb = new Uint8Array(3 * WIDTH * WIDTH).fill(200);
/** One nucleus of 2 x 2 px in a cell of 4 x 4. */
const square = (from: number, to: number, id: number) =>
  Int32Array.from({ length: WIDTH * WIDTH }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    return x >= from && x < to && y >= from && y < to ? id : 0;
  });
const picture = {
  ...{ patch: 361, width: WIDTH, rgb },
  ...{ nucleusIds: square(3, 5, 7), cellIds: square(2, 6, 7) },
};

/** The pictures inside an SVG, decoded. */
async function picturesOf(svg: string) {
  const urls = [...svg.matchAll(/href="data:image\/png;base64,([^"]+)"/g)];
  return await Promise.all(urls.map(async ([, base64]) => {
    const { data, info } = await sharp(Uint8Array.fromBase64(base64)).raw()
      .toBuffer({ resolveWithObject: true });
    return { data, ...info };
  }));
}

Deno.test("patchControl() draws each patch bare, with nuclei and with cells, and counts them", async () => {
  const svg = await patchControl({ patches: [picture, picture], umPerPixel: 0.25 }).svg();
  assertEquals([...svg.matchAll(/<image /g)].length, 6);
  for (const text of ["Patch 361", "1 nucleus", "1 cell<"]) assert(svg.includes(text), text);
  const [bare, nuclei, cells] = await picturesOf(svg);
  const tinted = ({ data }: { data: Uint8Array }) => {
    let count = 0;
    for (let i = 0; i < data.length; i += 3) {
      if (data[i] !== 200 || data[i + 1] !== 200 || data[i + 2] !== 200) count++;
    }
    return count;
  };
  const scale = bare.width / WIDTH;
  assertEquals([tinted(bare), tinted(nuclei), tinted(cells)], [0, 4 * scale ** 2, 16 * scale ** 2]);
});

Deno.test("patchCoverage() tints patches by what became of them, with counts", async () => {
  const outcomes = ["kept", "kept", "no nuclei", "covered by cells", "kept", "over the edge"];
  const figure = patchCoverage({
    ...{ imageWidth: 500, imageHeight: 448, patchWidth: 256, step: 192, columns: 3 },
    ...{ outcomes, umPerPixel: 0.25 },
  });
  const svg = await figure.svg();
  for (const text of ["3 of 6 are kept", "kept (3)", "covered by cells (1)", "over the edge (1)"]) {
    assert(svg.includes(text), text);
  }
  assert(!svg.includes("too few nuclei"), "only what there is has an entry");
  const [{ data, width, height }] = await picturesOf(svg);
  const at = (x: number, y: number) => {
    const [column, row] = [Math.floor(x / 640 * width), Math.floor(y / 448 * height)];
    return [...data.subarray(3 * (row * width + column), 3 * (row * width + column) + 3)];
  };
  assertEquals(at(100, 100), at(250, 100));
  const seen = new Set([at(100, 100), at(500, 100), at(100, 300), at(500, 300)].map(String));
  assertEquals(seen.size, 4);
});

Deno.test("every outcome of a patch has a colour", async () => {
  const { PATCH_OUTCOMES } = await import("@/formats/patches/mod.ts");
  assertEquals([...OUTCOME_COLOURS.keys()], [...PATCH_OUTCOMES]);
});
