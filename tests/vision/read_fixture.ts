import type { NumericArray, NumericDType } from "@/core/arrays.ts";
import { viewAs } from "@/core/arrays.ts";
import type { NucleusRecord } from "@/vision/hover/mod.ts";
import type { RasterSize } from "@/vision/raster/mod.ts";
import { inflateSync } from "node:zlib";

/** An array of a fixture: base64 of its zlib-compressed values. */
export interface PackedArray {
  readonly dtype: NumericDType;
  readonly shape: readonly [height: number, width: number];
  readonly data: string;
}

/** Reads a file of `tests/fixtures/vision`. */
export function readFixture<T>(name: string): T {
  const url = new URL(`../fixtures/vision/${name}`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(url)) as T;
}

/** The values of an array. */
export function unpack<T extends NumericArray = NumericArray>({ dtype, data }: PackedArray): T {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  return viewAs(dtype, new Uint8Array(inflateSync(bytes))) as T;
}

/** The values of an array of labels. */
export function unpackLabels(packed: PackedArray): Int32Array<ArrayBuffer> {
  return Int32Array.from(unpack<Int16Array>(packed));
}

/** Rows and columns of an array. */
export function sizeOf({ shape: [height, width] }: PackedArray): RasterSize {
  return { width, height };
}

/** Records whose contours are plain lists, as fixtures have them. */
export function plainRecords(records: readonly NucleusRecord[]): unknown[] {
  return records.map((record) => ({ ...record, contour: [...record.contour] }));
}
