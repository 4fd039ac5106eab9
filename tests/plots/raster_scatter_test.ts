import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Figure, freeColours, rasterScatter } from "@/plots/mod.ts";
import { drawPoints } from "@/plots/point_raster.ts";
import sharp from "sharp";

async function embeddedImage(figure: Figure) {
  const svg = await figure.svg();
  const base64 = /data:image\/png;base64,([^"]+)"/.exec(svg)?.[1] ?? "";
  const { data, info } = await sharp(Uint8Array.fromBase64(base64)).raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

const n = 6000;
const x = Float64Array.from({ length: n }, (_, i) => i % 100);
const y = Float64Array.from({ length: n }, (_, i) => Math.floor(i / 100));

Deno.test("rasterScatter() draws circles up to the limit and one image above", async () => {
  const few = await rasterScatter({ x: x.subarray(0, 100), y: y.subarray(0, 100) }).svg();
  assertEquals(few.split("<circle").length - 1, 100);
  const many = await rasterScatter({ x, y }).svg();
  assertEquals(many.split("<image").length - 1, 1);
  assertEquals(many.split("<circle").length - 1, 0);
  assertEquals(await rasterScatter({ x, y }).svg(), many);
});

Deno.test("rasterScatter() has y up in a plot and down on a slide map", async () => {
  const low = { x: [0, 1, 1], y: [0, 0, 10], rasterAbove: 0, radius: 2 };
  for (const slideMap of [false, true]) {
    const { data, width, height } = await embeddedImage(rasterScatter({ ...low, slideMap }));
    const drawnIn = (from: number, to: number) => {
      let count = 0;
      for (let i = Math.floor(from * height) * width; i < to * height * width; i++) {
        if (data[4 * i + 3] > 0) count++;
      }
      return count;
    };
    const [upper, lower] = [drawnIn(0, 0.5), drawnIn(0.5, 1)];
    assert(slideMap ? upper > lower : lower > upper, `${upper} above, ${lower} below`);
  }
});

Deno.test("rasterScatter() draws in the colour of the level, whatever its code", async () => {
  const column = categorical(Array.from(x, (_, i) => i % 2 === 0 ? "b" : undefined));
  const colours = new Map([["a", "#0000ff"], ["b", "#ff0000"]]);
  const colour = { column, colours, missingColour: "#00ff00" };
  const { data } = await embeddedImage(rasterScatter({ x, y, colour }));
  const seen = new Set<string>();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 0) seen.add(data.subarray(i, i + 3).join());
  }
  assertEquals([...seen].sort(), ["0,255,0", "255,0,0"]);
});

Deno.test("rasterScatter() names a level that has no colour", async () => {
  const column = categorical(["a", "b", "c"]);
  const colour = { column, colours: freeColours(["a", "b"]) };
  const figure = rasterScatter({ x: [1, 2, 3], y: [1, 2, 3], colour });
  await assertRejects(() => figure.svg(), SthelarError, 'the level "c"');
});

Deno.test("rasterScatter() leaves out what has no logarithm and does not fail on no points", async () => {
  const log = await rasterScatter({ x: [0, 1, 10, NaN], y: [1, 1, 10, 1], log: true }).svg();
  assertEquals(log.split("<circle").length - 1, 2);
  await rasterScatter({ x: [], y: [] }).svg();
  await rasterScatter({ x: [], y: [], slideMap: true, rasterAbove: -1 }).svg();
});

Deno.test("drawPoints() lets no colour hide another because it comes last", () => {
  const half = 2000;
  const points = {
    x: new Float32Array(2 * half).map((_, i) => (i * 7919) % 40),
    y: new Float32Array(2 * half).map((_, i) => (i * 104729) % 40),
    palette: [[255, 0, 0], [0, 0, 255]] as const,
    colour: new Uint16Array(2 * half).fill(1, half),
  };
  const { data } = drawPoints(points, 40, 40, 1);
  let red = 0, blue = 0;
  for (let i = 0; i < data.length; i += 4) data[i] === 255 ? red++ : data[i + 2] === 255 && blue++;
  assert(Math.abs(red - blue) < 0.25 * (red + blue), `${red} red, ${blue} blue`);
});
