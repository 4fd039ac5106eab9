import { assertEquals, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { type Column, Columns } from "@/formats/parquet/mod.ts";
import { concatColumns } from "@/formats/parquet/concat_columns.ts";

const columns = new Columns(
  "cells.parquet",
  new Map<string, Column>([
    ["area", { kind: "numbers", values: Float32Array.of(1, 2), missing: Uint8Array.of(0, 1) }],
    ["name", { kind: "text", values: ["a", undefined] }],
  ]),
);

Deno.test("Columns.numbers() refuses a column with gaps and says how many", () => {
  const error = assertThrows(() => columns.numbers("area"), SthelarError);
  assertEquals(error.found, "1 missing values of 2");
});

Deno.test("Columns names the nearest column where one is absent", () => {
  const error = assertThrows(() => columns.text("nane"), SthelarError);
  assertEquals(isSthelarError(error, "NotFound"), true);
  assertEquals(error.remedy, 'did you mean "name"?');
});

Deno.test("Columns refuses a column of another kind", () => {
  assertThrows(() => columns.numbers("name"), SthelarError, "found text, expected numbers");
});

Deno.test("concatColumns() shifts lists and keeps gaps", () => {
  const part = (start: number, missing: boolean) =>
    new Columns(
      "part",
      new Map<string, Column>([
        ["n", {
          kind: "numbers",
          values: Int16Array.of(start, start + 1),
          ...(missing ? { missing: Uint8Array.of(1, 0) } : {}),
        }],
        ["l", {
          kind: "lists",
          starts: Int32Array.of(0, 2, 3),
          values: Int32Array.of(1, 2, start),
        }],
      ]),
    );
  const whole = concatColumns("whole", [part(5, false), part(8, true)]);
  assertEquals(whole.column("n"), {
    kind: "numbers",
    values: Int16Array.of(5, 6, 8, 9),
    missing: Uint8Array.of(0, 0, 1, 0),
  });
  assertEquals(whole.lists("l"), {
    kind: "lists",
    starts: Int32Array.of(0, 2, 3, 5, 6),
    values: Int32Array.of(1, 2, 5, 1, 2, 8),
  });
});
