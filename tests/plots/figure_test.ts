import { assert, assertEquals } from "@std/assert";
import { figure, horizontalBars, imagePanel, jupyterDisplay, panels } from "@/plots/mod.ts";
import * as Plot from "@observablehq/plot";

const marks = () => [
  Plot.dot([{ x: 1, y: 2 }, { x: 3, y: 4 }], { x: "x", y: "y", clip: true }),
  Plot.text(["a < b & c"], { frameAnchor: "middle" }),
];

function sizeOfPng(png: Uint8Array<ArrayBuffer>): [number, number] {
  const view = new DataView(png.buffer);
  return [view.getUint32(16), view.getUint32(20)];
}

Deno.test("figure() makes one self-contained SVG with title, legend, caption and note", async () => {
  const svg = await figure({
    title: "Nuclei & cells",
    subtitle: "below",
    caption: "n = 2",
    legend: { items: [{ label: "T_NK", color: "#ff0f0f" }] },
    notes: ["simulated", "automatic"],
    marks: marks(),
  }).svg();
  assert(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"'));
  assert(svg.includes('fill="white"/>'), "white background");
  for (const text of ["Nuclei &amp; cells", "below", "n = 2", "T_NK", "simulated · automatic"]) {
    assert(svg.includes(`>${text}</text>`), text);
  }
  assert(svg.includes("a &lt; b &amp; c"));
  assert(!/<style|<figure|var\(--/.test(svg));
});

Deno.test("figure() gives equal bytes for equal figures, whatever was drawn before", async () => {
  const [one, two] = [figure({ marks: marks() }), figure({ marks: marks() })];
  assertEquals(await one.svg(), await two.svg());
  assert((await one.svg()).includes('id="clip-1"'));
  assertEquals(await one.png(), await two.png());
});

Deno.test("png() has the size of the figure times the scale", async () => {
  const one = figure({ marks: marks(), width: 200, height: 100 });
  const { width, height } = await one.draw();
  assertEquals(sizeOfPng(await one.png({ scale: 1 })), [width, height]);
  assertEquals(sizeOfPng(await one.png({ scale: 3 })), [3 * width, 3 * height]);
});

Deno.test("png() draws letters from the bundled font", async () => {
  const blank = await figure({ title: " ", marks: [], width: 300, height: 40 }).png();
  const titled = await figure({ title: "Nuclei", marks: [], width: 300, height: 40 }).png();
  assert(titled.length > blank.length + 500, `${titled.length} against ${blank.length} bytes`);
});

Deno.test("a figure shows itself in Jupyter as SVG when small and as PNG when large", async () => {
  const small = await figure({ marks: marks() })[jupyterDisplay]();
  assertEquals(Object.keys(small), ["text/plain", "image/svg+xml"]);
  assert(small["text/plain"].startsWith("[figure, "));
  const wide = await figure({ marks: marks(), width: 1700, height: 400 })[jupyterDisplay]();
  const [root] = /^<svg [^>]*>/.exec(wide["image/svg+xml"])!;
  assert(/ width="860" height="\d+" viewBox="0 0 17\d\d /.test(root), root);
  const points = Array.from({ length: 20_000 }, (_, i) => ({ x: i, y: i % 7 }));
  const large = await figure({ marks: [Plot.dot(points, { x: "x", y: "y" })] })[jupyterDisplay]();
  assertEquals(Object.keys(large), ["text/plain", "image/png"]);
  assertEquals([...Uint8Array.fromBase64(large["image/png"]).subarray(1, 4)], [80, 78, 71]);
});

Deno.test("a figure is drawn once, and not before it is asked for", async () => {
  let drawn = 0;
  const lazy = figure(() => {
    drawn++;
    return Promise.resolve({ marks: marks() });
  });
  assertEquals(drawn, 0);
  await Promise.all([lazy.svg(), lazy.png()]);
  assertEquals(drawn, 1);
});

Deno.test("panels() arranges figures in rows and keeps each one's frame", async () => {
  const bars = [{ label: "a", value: 1 }];
  const one = horizontalBars({ title: "One", bars, xLabel: "n", width: 200 });
  const all = panels([one, one, one], { columns: 2, title: "All" });
  const [single, joint] = await Promise.all([one.draw(), all.draw()]);
  assertEquals(joint.width, 2 * single.width + 20);
  assert(joint.height > 2 * single.height);
  assertEquals((await all.svg()).split(">One</text>").length - 1, 3);
});

Deno.test("horizontalBars() defines the hatch that it uses", async () => {
  const bars = [{ label: "heart_s0", value: 10, hatched: 4, text: "10" }];
  const svg = await horizontalBars({ bars, xLabel: "cells" }).svg();
  assert(svg.includes('<pattern id="hatch-4c78a8"'));
  assert(svg.includes('fill="url(#hatch-4c78a8)"'));
});

Deno.test("an error while drawing reaches whoever asks for the picture", async () => {
  const window = { x: 0, y: 0, width: 10, height: 10 };
  const broken = imagePanel({
    window,
    raster: () => {
      throw new RangeError("no pixels");
    },
  });
  let message = "";
  await broken.svg().catch((error) => message = error.message);
  assertEquals(message, "no pixels");
});
