import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { parseRoi } from "@/formats/xenium_crop/mod.ts";

Deno.test("parseRoi() reads four numbers in um", () => {
  assertEquals(parseRoi("0,12.5, 1e3 ,4"), { x: 0, y: 12.5, width: 1000, height: 4 });
});

for (
  const text of [
    "",
    "1,2,3",
    "1,2,3,4,5",
    "1,2,3,",
    "1,2,x,4",
    "1;2;3;4",
    "NaN,0,1,1",
    "0,0,Infinity,1",
    "-1,0,5,5",
    "0,0,0,5",
    "0,0,5,-5",
  ]
) {
  Deno.test(`parseRoi() refuses "${text}"`, () => {
    const error = assertThrows(() => parseRoi(text), SthelarError);
    assertEquals([error.tag, typeof error.remedy], ["InvalidArgument", "string"]);
  });
}
