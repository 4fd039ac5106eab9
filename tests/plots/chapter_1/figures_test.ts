import { assert, assertEquals } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import { Random } from "@/core/random.ts";
import { affine, composeAffine, scaling } from "@/geometry/mod.ts";
import {
  alignmentWindows,
  alignmentZoom,
  dapiWithNuclei,
  heOverDapi,
  nucleusCountsQc,
  pipelineRecap,
  resolutionTable,
  slideInventory,
  slideThumbnails,
  transcriptDensity,
  transcriptsPerNucleus,
} from "@/plots/chapter_1/mod.ts";
import { blend } from "@/plots/chapter_1/he_over_dapi.ts";
import { addToHexGrid, hexGrid, rgbRaster } from "@/plots/mod.ts";

const random = new Random("chapter 1");
const window = { x: 0, y: 0, width: 40, height: 40 };

/** A bright square nucleus from 10 to 20 µm on dark ground, 1 µm a pixel. */
const dapi = {
  pixels: {
    data: Uint16Array.from(
      { length: 1600 },
      (_, i) => inNucleus(i % 40, Math.floor(i / 40)) ? 900 : 20,
    ),
    shape: [1, 40, 40],
  },
  toMicron: scaling("dapi", "micron", 1),
};

/** The same tissue, 0.5 µm a pixel, turned by a quarter: pixel (px, py) lies at (40 - py / 2, px / 2). */
const he = {
  pixels: {
    data: Uint8Array.from({ length: 3 * 6400 }, (_, i) => {
      const at = i % 6400;
      return inNucleus(40 - (Math.floor(at / 80) + 0.5) / 2, (at % 80 + 0.5) / 2) ? 90 : 230;
    }),
    shape: [3, 80, 80],
  },
  toMicron: composeAffine(
    affine("he", "half", [0, -1, 80, 1, 0, 0]),
    scaling("half", "micron", 0.5),
  ),
};

function inNucleus(x: number, y: number): boolean {
  return x >= 10 && x < 20 && y >= 10 && y < 20;
}

const nuclei = packPolygons([[[[10, 10, 20, 10, 20, 20, 10, 20, 10, 10]]]]);
const counts = Int32Array.from({ length: 300 }, () => random.integer(40));
const areasUm2 = Float64Array.from({ length: 300 }, () => 10 + 50 * random.uniform());

const STUDY = {
  slides: 31,
  tissues: 16,
  cells: 11_207_689,
  labels: 10,
  patchesKept: 508_483,
  patches: 587_555,
};

Deno.test("every figure of chapter 1 is titled and can carry the note of simulated data", async () => {
  const notes = ["simulated"] as const;
  const grid = hexGrid(window, 20);
  addToHexGrid(grid, [1, 2, 30], [1, 2, 30]);
  const slide = { slide: "heart_s0", tissue: "heart", cancer: false, genes: 377 };
  const row = { ...slide, cells: 26_366, cellsOverTen: 26_000, alignmentRedone: true };
  const figures = {
    "DAPI with nucleus outlines": dapiWithNuclei({ dapi, nuclei, window, notes }),
    "H&amp;E and DAPI after alignment": heOverDapi({ he, dapi, window, notes }),
    "The slide": slideThumbnails({ he, dapi, window, transcriptArea: window, notes }),
    "Alignment in detail": alignmentZoom({ sites: [{ window, he, dapi }], nuclei, notes }),
    "Transcript density": transcriptDensity({ grid, transcripts: 3, inNuclei: 1, notes }),
    "Transcripts per nucleus": transcriptsPerNucleus({ counts, notes }),
    "Nuclei": nucleusCountsQc({ counts, areasUm2, notes }),
    "Pixel size": resolutionTable({ sizes: [{ image: "DAPI", source: "OME-XML" }], notes }),
    "From slide to data set": pipelineRecap({ study: STUDY, notes }),
    "Slides": slideInventory({ slides: [row], notes }),
  };
  for (const [title, figure] of Object.entries(figures)) {
    const svg = await figure.svg();
    assert(svg.includes(`>${title}</text>`), title);
    assertEquals(svg.split(">simulated</text>").length - 1, 1, title);
    assert(!svg.includes("NaN"), title);
  }
});

Deno.test("pipelineRecap() fills in the counts of the study and leaves out unknown ones", async () => {
  const whole = await pipelineRecap({ study: STUDY }).svg();
  for (const text of ["31 slides, 16 tissues", "11,207,689 cells", "508,483 of 587,555"]) {
    assert(whole.includes(text), text);
  }
  const part = await pipelineRecap({ study: { slides: 1, tissues: 1, cells: 2500 } }).svg();
  assert(part.includes("1 slide, 1 tissue"));
  assert(!part.includes("undefined") && !part.includes("patches kept"));
});

Deno.test("blend() lays DAPI where the alignment puts it", () => {
  const { data, width } = blend(he, dapi, window, 40);
  const pixel = (
    x: number,
    y: number,
  ) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  const [red, green] = pixel(15, 15);
  assert(green > red + 50, `${pixel(15, 15)} in the nucleus`);
  assertEquals(pixel(30, 15), [230, 230, 230]);
  const stained = rgbRaster(he, window, 40);
  assertEquals(stained.data[(15 * 40 + 15) * 3], 90);
});

Deno.test("dapiWithNuclei() says how many nuclei it shows", async () => {
  const svg = await dapiWithNuclei({ dapi, nuclei, window }).svg();
  assert(svg.includes("1 nucleus in 40 x 40 µm"));
});

Deno.test("slideThumbnails() without H&E shows DAPI alone", async () => {
  const svg = await slideThumbnails({ dapi, window }).svg();
  assertEquals(svg.split("<image").length - 1, 1);
});

Deno.test("transcriptsPerNucleus() states n and the share above 10", async () => {
  const svg = await transcriptsPerNucleus({ counts: [0, 10, 11, 100] }).svg();
  assert(svg.includes("2 of 4 nuclei (50.0 %) with more than 10"));
  assert(svg.includes("n = 4 nuclei, of which 1 with 0 is not shown"));
});

Deno.test("alignmentWindows() lie in the tissue, left to right, the same every time", () => {
  const centroids = Float64Array.from({ length: 2000 }, () => 1000 + 3000 * random.uniform());
  const windows = alignmentWindows(centroids);
  assertEquals(windows, alignmentWindows(centroids));
  const xs = windows.map((w) => w.x);
  assertEquals(xs, [...xs].sort((a, b) => a - b));
  for (const { x, y } of windows) assert(x > 900 && x < 4000 && y > 900 && y < 4000);
});

Deno.test("resolutionTable() keeps its look", async (t) => {
  const sizes = [
    { image: "DAPI", source: "experiment.xenium", umPerPixel: 0.2125 },
    { image: "H&E", source: "alignment", umPerPixel: 0.273_81 },
    { image: "H&E", source: "OME-XML" },
  ];
  await t.assertSnapshot(await resolutionTable({ sizes }).svg());
});
