import { type ErrorTag, SthelarError } from "@/core/errors.ts";
import { type AnnData, type DataFrame, isDataFrame, isSparse, type Matrix } from "./model.ts";

/**
 * Checks that all parts of a table have the rows and columns that they must have.
 *
 * @param tag `CorruptData` for what was read, `InvalidArgument` for what is to be written.
 * @param verb As in `Cannot read`.
 * @param location The store.
 * @throws {SthelarError} `tag`, naming the part.
 */
export function checkTable(table: AnnData, tag: ErrorTag, verb: string, location: string): void {
  const nObs = table.obs.index.length;
  const nVars = table.var.index.length;
  const check = (name: string, part: Matrix | DataFrame, extents: readonly number[]) => {
    const shape = shapeOf(part);
    if (extents.every((extent, axis) => shape[axis] === extent)) return;
    throw new SthelarError(tag, {
      action: `Cannot ${verb} the table "${location}"`,
      found: `${name} of ${shape.join(" x ")}`,
      expected: extents.length === 1 ? `${extents[0]} rows` : extents.join(" x "),
      path: location,
    });
  };
  const checkEach = (
    key: "obsm" | "varm" | "obsp" | "varp" | "layers",
    extents: readonly number[],
  ) => {
    for (const [name, part] of Object.entries<Matrix | DataFrame>(table[key])) {
      check(`${key}/${name}`, part, extents);
    }
  };
  if (table.X !== undefined) check("X", table.X, [nObs, nVars]);
  checkEach("layers", [nObs, nVars]);
  checkEach("obsm", [nObs]);
  checkEach("varm", [nVars]);
  checkEach("obsp", [nObs, nObs]);
  checkEach("varp", [nVars, nVars]);
  if (table.raw?.X !== undefined) check("raw/X", table.raw.X, [nObs, table.raw.var.index.length]);
}

function shapeOf(part: Matrix | DataFrame): readonly number[] {
  if (isDataFrame(part)) return [part.index.length, part.columns.size];
  return isSparse(part) ? part.shape : part.shape;
}
