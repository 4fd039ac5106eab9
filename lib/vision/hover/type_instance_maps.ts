import { SthelarError } from "@/core/errors.ts";
import type { NucleusRecord } from "./nucleus_records.ts";

/**
 * An instance map for each class: a nucleus is in that of its type alone; one without a record is in none.
 *
 * @param labels The instance map, (height, width).
 * @param records Its nuclei.
 * @param classes How many classes there are, background included.
 * @returns Labels, (classes, height, width).
 * @throws {SthelarError} `InvalidArgument` for a type that is no class.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nucleusRecords, typeInstanceMaps } from "@/vision/hover/mod.ts";
 *
 * const labels = Int32Array.of(4, 4, 4, 4);
 * const records = nucleusRecords(labels, new Uint8Array(4).fill(1), { width: 2, height: 2 });
 * assertEquals([...typeInstanceMaps(labels, records, 2)], [0, 0, 0, 0, 4, 4, 4, 4]);
 * ```
 */
export function typeInstanceMaps(
  labels: Int32Array,
  records: readonly Pick<NucleusRecord, "label" | "type">[],
  classes: number,
): Int32Array<ArrayBuffer> {
  const typeOf = typesOfLabels(records, classes);
  const maps = new Int32Array(classes * labels.length);
  for (let p = 0; p < labels.length; p++) {
    const type = typeOf[labels[p]];
    if (type >= 0) maps[type * labels.length + p] = labels[p];
  }
  return maps;
}

/** The type of each label that has a record, -1 for the others; index = label. */
export function typesOfLabels(
  records: readonly Pick<NucleusRecord, "label" | "type">[],
  classes: number,
): Int16Array {
  const max = records.reduce((largest, { label }) => Math.max(largest, label), 0);
  const typeOf = new Int16Array(max + 1).fill(-1);
  for (const { label, type } of records) {
    if (type >= classes) {
      throw new SthelarError("InvalidArgument", {
        action: "Cannot use the nuclei of a prediction",
        found: `the type ${type} of nucleus ${label}`,
        expected: `one of ${classes} classes`,
      });
    }
    typeOf[label] = type;
  }
  return typeOf;
}
