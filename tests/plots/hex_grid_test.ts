import { assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { addToHexGrid, hexGrid, hexRaster, largestCount } from "@/plots/hex_grid.ts";

const window = { x: 100, y: -50, width: 200, height: 150 };

Deno.test("addToHexGrid() counts each point at the nearest centre", () => {
  const random = new Random("hexagons");
  const pitchY = 20 * Math.sqrt(3) / 2;
  for (let k = 0; k < 300; k++) {
    const grid = hexGrid(window, 20);
    const x = window.x + 200 * random.uniform();
    const y = window.y + 150 * random.uniform();
    addToHexGrid(grid, [x], [y]);
    let nearest = -1, best = Infinity;
    grid.counts.forEach((_, i) => {
      const row = Math.floor(i / grid.columns);
      const cx = window.x + ((i % grid.columns) + (row % 2) / 2) * 20;
      const distance = Math.hypot(cx - x, window.y + row * pitchY - y);
      if (distance < best) [nearest, best] = [i, distance];
    });
    assertEquals(grid.counts.indexOf(1), nearest);
  }
});

Deno.test("addToHexGrid() leaves out points beyond the window, in any number of calls", () => {
  const grid = hexGrid(window, 20);
  addToHexGrid(grid, [150, 99, NaN], [0, 0, 0]);
  addToHexGrid(grid, [150, 150], [0, 101]);
  assertEquals(grid.counts.reduce((sum, count) => sum + count, 0), 2);
  assertEquals(largestCount(grid), 2);
});

Deno.test("hexRaster() is white where nothing was counted", () => {
  assertEquals(new Set(hexRaster(hexGrid(window, 20), 50).data), new Set([255]));
});
