/*
 * Transformations in the JSON of spatialdata, a draft of OME-NGFF 0.5's coordinate transformations.
 * The form is the same in all versions of the elements' formats read here (0.1 to 0.3). `mapAxis`,
 * `byDimension` and `rotation` of the draft are refused.
 */
import { SthelarError } from "@/core/errors.ts";
import type { JsonValue } from "@/formats/zarr/mod.ts";
import type {
  AffineTransformation,
  Axis,
  Transformation,
  Transformations,
} from "./transformation.ts";

/** The coordinate system that elements lead to unless said otherwise. */
export const DEFAULT_COORDINATE_SYSTEM = "global";

const AXES: readonly Axis[] = ["c", "z", "y", "x"];

/**
 * The list of transformations that spatialdata stores with an element.
 *
 * @param axes The element's axes in the order of its data: `["c", "y", "x"]`, `["x", "y"]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseTransformations, serializeTransformations } from "@/formats/spatialdata/mod.ts";
 *
 * const transformations = new Map([
 *   ["global", { type: "scale" as const, factors: { x: 2, y: 2 } }],
 * ]);
 * const json = serializeTransformations(transformations, ["x", "y"]);
 * assertEquals(parseTransformations(json, "shapes/nuclei"), transformations);
 * ```
 */
export function serializeTransformations(
  transformations: Transformations,
  axes: readonly Axis[],
): JsonValue[] {
  return [...transformations].map(([target, transformation]) =>
    serialize(transformation, axes, target)
  );
}

/**
 * Reads the list of transformations that spatialdata stored with an element.
 *
 * @param json The value of `coordinateTransformations`.
 * @param path The element, for messages.
 * @throws {SthelarError} `CorruptData` for other JSON, `UnsupportedVersion` for unknown types.
 */
export function parseTransformations(json: unknown, path: string): Transformations {
  if (!Array.isArray(json)) throw corrupt(path, "no list of coordinateTransformations");
  return new Map(json.map((entry) => {
    const output = record(record(entry, path).output, path);
    if (typeof output.name !== "string") {
      throw corrupt(path, "a transformation without output name");
    }
    return [output.name, parse(entry, path, undefined)];
  }));
}

function serialize(
  transformation: Transformation,
  axes: readonly Axis[],
  target: string,
): JsonValue {
  const output = outputAxes(transformation, axes);
  const ends = {
    input: { name: axes.join(""), axes: axes.map(axisJson) },
    output: { name: target, axes: output.map(axisJson) },
  };
  switch (transformation.type) {
    case "identity":
      return { type: "identity", ...ends };
    case "scale":
      return {
        type: "scale",
        scale: axes.map((axis) => transformation.factors[axis] ?? 1),
        ...ends,
      };
    case "translation":
      return {
        type: "translation",
        translation: axes.map((axis) => transformation.offsets[axis] ?? 0),
        ...ends,
      };
    case "affine":
      return { type: "affine", affine: affineRows(transformation, axes, output), ...ends };
    case "sequence": {
      let current = axes;
      const steps = transformation.steps.map((step) => {
        const json = serialize(step, current, DEFAULT_COORDINATE_SYSTEM);
        current = outputAxes(step, current);
        return json;
      });
      return { type: "sequence", transformations: steps, ...ends };
    }
  }
}

function axisJson(axis: Axis): JsonValue {
  return axis === "c"
    ? { name: "c", type: "channel" }
    : { name: axis, type: "space", unit: "unit" };
}

/** Axes after a transformation: those it does not touch, then those it makes. */
function outputAxes(transformation: Transformation, axes: readonly Axis[]): readonly Axis[] {
  if (transformation.type === "sequence") {
    return transformation.steps.reduce((current, step) => outputAxes(step, current), axes);
  }
  if (transformation.type !== "affine") return axes;
  const untouched = axes.filter((axis) => !transformation.inputAxes.includes(axis));
  if (untouched.length === axes.length) return axes;
  return [...untouched, ...transformation.outputAxes];
}

function affineRows(
  affine: AffineTransformation,
  axes: readonly Axis[],
  output: readonly Axis[],
): number[][] {
  return output.map((axis) => {
    const row = affine.outputAxes.indexOf(axis);
    if (row < 0) return [...axes.map((input) => input === axis ? 1 : 0), 0];
    const factors = axes.map((input) => {
      const column = affine.inputAxes.indexOf(input);
      return column < 0 ? 0 : affine.rows[row][column];
    });
    return [...factors, affine.rows[row][affine.inputAxes.length]];
  });
}

type Json = { readonly [key: string]: unknown };

function parse(
  json: unknown,
  path: string,
  inherited: readonly Axis[] | undefined,
): Transformation {
  const entry = record(json, path);
  const axes = entry.input === undefined ? inherited : axesOf(entry.input, path);
  switch (entry.type) {
    case "identity":
      return { type: "identity" };
    case "scale":
      return { type: "scale", factors: byAxis(entry.scale, axes, path) };
    case "translation":
      return { type: "translation", offsets: byAxis(entry.translation, axes, path) };
    case "affine":
      return parseAffine(entry, axes, path);
    case "sequence": {
      if (!Array.isArray(entry.transformations)) throw corrupt(path, "a sequence without steps");
      const steps: Transformation[] = [];
      let current = axes;
      for (const step of entry.transformations) {
        const parsed = parse(step, path, current);
        steps.push(parsed);
        current = current && outputAxes(parsed, current);
      }
      return { type: "sequence", steps };
    }
    default:
      throw new SthelarError("UnsupportedVersion", {
        action: `Cannot read the transformations of "${path}"`,
        found: `type "${entry.type}"`,
        expected: "identity, scale, translation, affine or sequence",
        remedy: "write it as an affine transformation with spatialdata",
        path,
      });
  }
}

function parseAffine(
  entry: Json,
  axes: readonly Axis[] | undefined,
  path: string,
): AffineTransformation {
  const outputs = entry.output === undefined ? axes : axesOf(entry.output, path);
  const rows = entry.affine as readonly (readonly number[])[];
  const fits = axes !== undefined && Array.isArray(rows) && rows.length === outputs?.length &&
    rows.every((row) => isNumbers(row, axes.length + 1));
  if (!fits || axes === undefined || outputs === undefined) {
    throw corrupt(path, `an affine matrix ${JSON.stringify(rows)} that does not fit its axes`);
  }
  return { type: "affine", inputAxes: axes, outputAxes: outputs, rows };
}

function byAxis(
  values: unknown,
  axes: readonly Axis[] | undefined,
  path: string,
): { [A in Axis]?: number } {
  if (axes === undefined || !isNumbers(values, axes.length)) {
    throw corrupt(path, `${JSON.stringify(values)} for axes ${JSON.stringify(axes)}`);
  }
  return Object.fromEntries(axes.map((axis, i) => [axis, values[i]]));
}

function axesOf(json: unknown, path: string): readonly Axis[] {
  const { axes } = record(json, path);
  if (!Array.isArray(axes)) throw corrupt(path, "a coordinate system without axes");
  return axes.map((axis) => {
    const { name } = record(axis, path);
    if (AXES.includes(name as Axis)) return name as Axis;
    throw corrupt(path, `axis "${name}"`);
  });
}

function isNumbers(value: unknown, length: number): value is readonly number[] {
  return Array.isArray(value) && value.length === length &&
    value.every((entry) => typeof entry === "number");
}

function record(json: unknown, path: string): Json {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Json;
  throw corrupt(path, `${JSON.stringify(json)} where an object should be`);
}

function corrupt(path: string, found: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read the transformations of "${path}"`,
    found,
    expected: "coordinateTransformations as spatialdata writes them",
    path,
  });
}
