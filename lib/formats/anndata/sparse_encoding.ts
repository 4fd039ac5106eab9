import { dtypeOf, type NumericArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import { defineEncoding, type Encoding, type NodeReader } from "./encoding.ts";
import { childPath, corruptNode, type ElementSource } from "./element_store.ts";
import { isSparse } from "./model.ts";

/** Compressed sparse rows. */
export const csrEncoding: Encoding = sparseEncoding("csr");

/** Compressed sparse columns. */
export const cscEncoding: Encoding = sparseEncoding("csc");

function sparseEncoding(format: "csr" | "csc"): Encoding {
  return defineEncoding<SparseMatrix>({
    type: `${format}_matrix`,
    version: "0.1.0",
    read: (node) => readSparse(node, format, node.info.attributes.shape),
    accepts: (element): element is SparseMatrix => isSparse(element) && element.format === format,
    async write({ sink, path, attributes }, matrix) {
      const fault = sparseFault(matrix);
      if (fault !== undefined) {
        throw new SthelarError("InvalidArgument", {
          action: `Cannot write the sparse matrix "${path}" to "${sink.location}"`,
          found: fault,
          path: sink.location,
        });
      }
      await sink.createGroup(path, { ...attributes, shape: [...matrix.shape] });
      for (const part of ["data", "indices", "indptr"] as const) {
        const data = matrix[part];
        await sink.writeArray(childPath(path, part), { data, shape: [data.length] }, {});
      }
    },
  });
}

/**
 * Reads a sparse matrix and checks it.
 *
 * @param shape As the attributes give it.
 */
export async function readSparse(
  { source, path }: Pick<NodeReader, "source" | "path">,
  format: "csr" | "csc",
  shape: unknown,
): Promise<SparseMatrix> {
  const matrix = {
    format,
    shape: checkedShape(source, path, shape),
    data: (await source.read(childPath(path, "data"))).data,
    indices: asIndices((await source.read(childPath(path, "indices"))).data),
    indptr: asIndices((await source.read(childPath(path, "indptr"))).data),
  };
  const fault = sparseFault(matrix);
  if (fault !== undefined) throw corruptNode(source, path, fault, `a valid ${format} matrix`);
  return matrix;
}

/** The shape in a matrix's attributes. */
export function checkedShape(
  source: ElementSource,
  path: string,
  shape: unknown,
): readonly [number, number] {
  const isShape = Array.isArray(shape) && shape.length === 2 &&
    shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (!isShape) throw corruptNode(source, path, `shape ${JSON.stringify(shape)}`, "two extents");
  return [shape[0], shape[1]];
}

/** Indices in a type that the matrices use; small unsigned ones are widened. */
export function asIndices(data: NumericArray): Int32Array | BigInt64Array {
  if (data instanceof Int32Array || data instanceof BigInt64Array) return data;
  const dtype = dtypeOf(data);
  if (dtype === "uint32") return BigInt64Array.from(data as Uint32Array, BigInt);
  if (dtype === "uint64") return BigInt64Array.from(data as BigUint64Array);
  return Int32Array.from(data as Uint8Array);
}
