import { categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { Random } from "@/core/random.ts";
import { assertEquals } from "@std/assert";

Deno.test("categoricalOfCodes() gives what categorical() gives of the rows' texts", () => {
  const random = new Random("categories");
  const texts = ["vessel", "10", "2", undefined, "vessel", "of no row", "B"];
  for (let trial = 0; trial < 50; trial++) {
    const length = random.integer(20);
    const codes = Int32Array.from({ length }, () => [-1, 0, 1, 2, 3, 4, 6][random.integer(7)]);
    const rows = Array.from(codes, (code) => texts[code]);
    assertEquals(categoricalOfCodes(codes, texts), categorical(rows));
  }
});
