/** A field of view of the instrument's camera, in µm. */
export interface FieldOfView {
  /** Row letter and column number: `A1`, `AB12`. */
  readonly name: string;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

const FIELD_UM = 700;

/**
 * The fields of view that cover a slide, row by row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fieldsOfView } from "@/simulate/fields_of_view.ts";
 *
 * assertEquals(fieldsOfView(1000, 900).map(({ name }) => name), ["A1", "A2", "B1", "B2"]);
 * ```
 */
export function fieldsOfView(widthUm: number, heightUm: number): FieldOfView[] {
  const columns = Math.ceil(widthUm / FIELD_UM), rows = Math.ceil(heightUm / FIELD_UM);
  const fields: FieldOfView[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      fields.push({
        name: `${rowLetters(r)}${c + 1}`,
        x0: c * FIELD_UM,
        y0: r * FIELD_UM,
        x1: Math.min(widthUm, (c + 1) * FIELD_UM),
        y1: Math.min(heightUm, (r + 1) * FIELD_UM),
      });
    }
  }
  return fields;
}

function rowLetters(row: number): string {
  const last = String.fromCharCode(65 + row % 26);
  return row < 26 ? last : rowLetters(Math.floor(row / 26) - 1) + last;
}
