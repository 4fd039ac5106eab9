/** Deeper than any file that is read here; deeper values overflow the stack of what walks them. */
const MAX_DEPTH = 256;

/**
 * Parses JSON from a file: like `JSON.parse`, and refuses values that are nested too deep.
 *
 * @throws {SyntaxError} If the text is no JSON, or is nested more than 256 deep.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseJson } from "@/core/parse_json.ts";
 *
 * assertEquals(parseJson('{"a": [1]}'), { a: [1] });
 * assertThrows(() => parseJson("[".repeat(300) + "]".repeat(300)), SyntaxError);
 * ```
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let level = isNested(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new SyntaxError(`JSON nested more than ${MAX_DEPTH} deep`);
    level = level.flatMap((item) => Object.values(item).filter(isNested));
  }
  return value;
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
