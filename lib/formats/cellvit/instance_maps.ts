import type { NumericArray } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import { type Hdf5File, openHdf5, writeHdf5 } from "@/formats/hdf5/mod.ts";
import { sparseOf } from "@/formats/npz/mod.ts";
import { parsePatchName } from "./patch_name.ts";

/*
 * Four datasets in the root for each patch, contiguous, without attributes: `<name>_data` (float32 ids),
 * `<name>_indices`, `<name>_indptr` (int32) and `<name>_shape` (int64).
 *
 * | file                                        | name of a patch    |
 * |---------------------------------------------|--------------------|
 * | pretrained at 40x, one file a slide         | `<patch>`          |
 * | fine-tuned, and pretrained at 20x           | `<slide>_<patch>`  |
 */
const PARTS = ["data", "indices", "indptr", "shape"] as const;
/** Larger maps are no patches: nobody's file may ask for their memory. */
const MAX_PIXELS = 2 ** 26;

/** The nuclei that were predicted in one patch. */
export interface InstanceMap {
  /** Number of the nucleus in each pixel, 0 for none, `(height, width)`; numbers may be skipped. */
  readonly instances: Int32Array;
  /** `[height, width]`. */
  readonly shape: readonly [number, number];
}

/** An instance map under the name of its patch. */
export interface NamedInstanceMap extends InstanceMap {
  /** `<patch>` or `<slide>_<patch>`. */
  readonly name: string;
}

/** Predicted instance maps of a slide, read patch by patch. Close it with `using`. */
export class InstanceMaps implements Disposable {
  readonly path: string;
  readonly #file: Hdf5File;
  readonly #slide: string;

  /** Used by {@link openInstanceMaps}. */
  constructor(file: Hdf5File, slide: string) {
    this.#file = file;
    this.#slide = slide;
    this.path = file.path;
  }

  /**
   * Lists what the file holds.
   *
   * @returns Patches of the slide, ascending, and names of datasets that are none of its.
   */
  list(): { readonly patches: readonly number[]; readonly foreign: readonly string[] } {
    const patches: number[] = [], foreign: string[] = [];
    for (const { name, kind } of this.#file.children()) {
      if (!name.endsWith("_data")) continue;
      const found = kind === "dataset" ? parsePatchName(name.slice(0, -"_data".length)) : undefined;
      const isOurs = found !== undefined && (found.slide ?? this.#slide) === this.#slide;
      if (isOurs) patches.push(found.patch);
      else foreign.push(name.slice(0, -"_data".length));
    }
    return { patches: [...new Set(patches)].sort((a, b) => a - b), foreign };
  }

  /**
   * Reads the map of a patch.
   *
   * @returns `undefined` if there is none.
   * @throws {SthelarError} `CorruptData` for a map that is no matrix by rows, or whose ids are no whole
   *   numbers from 1.
   */
  read(patch: number): InstanceMap | undefined {
    const names = [`${patch}`, `${this.#slide}_${patch}`];
    const found = names.filter((name) => this.#file.has(`${name}_data`));
    if (found.length > 1) throw this.#corrupt(found.join(" and "), "two maps of one patch", "one");
    return found.length === 0 ? undefined : this.#readMap(found[0]);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #readMap(name: string): InstanceMap {
    const [data, indices, indptr, extents] = PARTS.map((part) => {
      const { shape } = this.#file.info(`${name}_${part}`);
      if (shape?.length !== 1) throw this.#corrupt(name, `"${part}" of another shape`, "a list");
      return this.#file.read(`${name}_${part}`).data;
    });
    const shape = Array.from(extents as Int32Array, Number);
    if (shape.length !== 2 || !(shape[0] * shape[1] <= MAX_PIXELS && Math.min(...shape) >= 0)) {
      throw this.#corrupt(name, `a map of ${shape.join(" x ")}`, "one of a patch");
    }
    const [height, width] = shape;
    const areIndices = [indices, indptr].every((values) =>
      values instanceof Int32Array || values instanceof BigInt64Array
    );
    if (!areIndices) throw this.#corrupt(name, "indices of another type", "int32 or int64");
    const matrix = { format: "csr", shape: [height, width], data, indices, indptr } as SparseMatrix;
    const fault = sparseFault(matrix);
    if (fault !== undefined) throw this.#corrupt(name, fault, "a matrix by rows");
    return { instances: this.#dense(name, matrix), shape: [height, width] };
  }

  #dense(
    name: string,
    { shape: [height, width], data, indices, indptr }: SparseMatrix,
  ): Int32Array {
    const instances = new Int32Array(height * width);
    for (let row = 0; row < height; row++) {
      for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
        const id = Number((data as NumericArray)[k]);
        if (!Number.isInteger(id) || id < 0 || id > 2 ** 31 - 1) {
          throw this.#corrupt(name, `the id ${id}`, "whole numbers from 1");
        }
        instances[row * width + Number(indices[k])] = id;
      }
    }
    return instances;
  }

  #corrupt(name: string, found: string, expected: string): SthelarError {
    return new SthelarError("CorruptData", {
      action: `Cannot read the instance map "${name}" of "${this.path}"`,
      found,
      expected,
      path: this.path,
    });
  }
}

/**
 * Opens predicted instance maps.
 *
 * @param path A file on the machine's disk.
 * @param slide Whose patches are wanted: others in the file are foreign.
 * @throws {SthelarError} `NotFound`, or `CorruptData` for what is no HDF5 file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openInstanceMaps, writeInstanceMaps } from "@/formats/cellvit/mod.ts";
 * import { localDisk } from "@/formats/disk/mod.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".h5" });
 * const map = { instances: Int32Array.of(0, 4, 4, 0), shape: [2, 2] as const };
 * await writeInstanceMaps(localDisk, path, [{ name: "heart_s0_7", ...map }]);
 * {
 *   using maps = await openInstanceMaps(path, "heart_s0");
 *   assertEquals(maps.list().patches, [7]);
 *   assertEquals(maps.read(7), { ...map, shape: [2, 2] });
 * }
 * await Deno.remove(path);
 * ```
 */
export async function openInstanceMaps(path: string, slide: string): Promise<InstanceMaps> {
  return new InstanceMaps(await openHdf5(path), slide);
}

/**
 * Writes predicted instance maps as CellViT does, one after another.
 *
 * @param maps Each with a name of its own.
 * @returns How many were written.
 * @throws {SthelarError} `DiskFailure`; `InvalidArgument` for a name that is taken or no patch's.
 */
export async function writeInstanceMaps(
  disk: Disk,
  path: string,
  maps: AsyncIterable<NamedInstanceMap> | Iterable<NamedInstanceMap>,
): Promise<number> {
  const names = new Set<string>();
  await writeHdf5(disk, path, async (file) => {
    for await (const { name, instances, shape } of maps) {
      if (names.has(name) || parsePatchName(name) === undefined || name.includes(".")) {
        throw new SthelarError("InvalidArgument", {
          action: `Cannot write the instance map "${name}" to "${path}"`,
          found: names.has(name) ? "a map of this name" : "a name that is no patch's",
          expected: "<patch> or <slide>_<patch>, each once",
          path,
        });
      }
      names.add(name);
      const { data, indices, indptr } = sparseOf(instances, shape);
      const lists = {
        data: Float32Array.from(data as Int32Array),
        indices,
        indptr,
        shape: BigInt64Array.from(shape, BigInt),
      };
      for (const part of PARTS) {
        const list = lists[part];
        file.write(`${name}_${part}`, { data: list, shape: [list.length] }, {}, "contiguous");
      }
    }
  });
  return names.size;
}
