import { assertEquals, assertThrows } from "@std/assert";
import {
  booleanParam,
  choiceParam,
  numberParam,
  optionalNumberParam,
  parseParams,
} from "@/core/params.ts";

const schema = {
  minQv: optionalNumberParam("Lowest quality", { min: 0, max: 60, unit: "Phred" }),
  bagSize: numberParam(10_000, "Nuclei a bag", { min: 1, integer: true }),
  parity: booleanParam(false, "As published"),
  mode: choiceParam(["cells", "clusters"], "What is mapped"),
};
const parse = (given: Record<string, unknown>) => parseParams("2-02", schema, given);

Deno.test("parseParams() takes defaults for what is not given", () => {
  assertEquals(parse({}), { minQv: undefined, bagSize: 10_000, parity: false, mode: "cells" });
});

Deno.test("parseParams() reads texts of the command line and plain values alike", () => {
  const wanted = { minQv: 20, bagSize: 5, parity: true, mode: "clusters" as const };
  assertEquals(parse({ minQv: "20", bagSize: "5", parity: "true", mode: "clusters" }), wanted);
  assertEquals(parse(wanted), wanted);
  assertEquals(parse({ minQv: "none" }).minQv, undefined);
});

for (
  const [given, expected] of [
    [{ minQv: "61" }, "a number from 0 to 60, or none (Phred)"],
    [{ minQv: "" }, "a number from 0 to 60, or none (Phred)"],
    [{ bagSize: "2.5" }, "a whole number of at least 1"],
    [{ bagSize: "many" }, "a whole number of at least 1"],
    [{ bagSize: NaN }, "a whole number of at least 1"],
    [{ parity: "yes" }, "true or false"],
    [{ mode: "cell" }, "cells, clusters"],
  ] as const
) {
  Deno.test(`parseParams() refuses ${JSON.stringify(given)}`, () => {
    assertThrows(() => parse(given), Error, `expected ${expected}`);
  });
}

Deno.test("parseParams() refuses a name that only JavaScript knows", () => {
  assertThrows(() => parse({ constructor: 1 }), Error, "no such parameter");
});
