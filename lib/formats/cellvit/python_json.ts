import { parseJson } from "@/core/parse_json.ts";

/** What Python's `json` writes; numbers may be NaN or infinite. */
export type PythonJson =
  | string
  | number
  | boolean
  | null
  | readonly PythonJson[]
  | { readonly [key: string]: PythonJson };

const WORDS: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity };
/** No text of such a file begins with it. */
const MARK = "\u0000";

/**
 * Parses what Python's `json.dump` writes, which for missing and infinite numbers is no JSON.
 *
 * @throws {SyntaxError} If it is neither.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePythonJson } from "@/formats/cellvit/mod.ts";
 *
 * assertEquals(parsePythonJson('{"bPQ": NaN, "NaN": "-Infinity"}'), {
 *   bPQ: NaN,
 *   NaN: "-Infinity",
 * });
 * ```
 */
export function parsePythonJson(text: string): PythonJson {
  const strict = text.replaceAll(
    /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/gs,
    (token) => token.startsWith('"') ? token : `"\\u0000${token}"`,
  );
  return withNumbers(parseJson(strict));
}

function withNumbers(value: unknown): PythonJson {
  if (typeof value === "string") {
    return value.startsWith(MARK) ? WORDS[value.slice(MARK.length)] ?? value : value;
  }
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, withNumbers(v)]));
  }
  return value as PythonJson;
}

/**
 * The text that Python's `json.dump(value, indent=2)` writes, where every number is a float.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pythonJson } from "@/formats/cellvit/mod.ts";
 *
 * assertEquals(pythonJson({ Dice: 1, bPQ: NaN }), '{\n  "Dice": 1.0,\n  "bPQ": NaN\n}');
 * ```
 */
export function pythonJson(value: PythonJson, indent = ""): string {
  if (typeof value === "number") return pythonFloat(value);
  if (typeof value === "string") return pythonText(value);
  if (typeof value !== "object" || value === null) return String(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => pythonJson(item, inner))
    : Object.entries(value).map(([key, item]) => `${pythonText(key)}: ${pythonJson(item, inner)}`);
  const [open, close] = isList ? "[]" : "{}";
  if (items.length === 0) return open + close;
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** `repr` of a Python float, with JSON's words for what is not finite. */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [digits, exponentText] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** JSON.stringify leaves what is no ASCII as it is, Python does not. */
function pythonText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (c) => c === "\u007f" ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
