import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { Hdf5Source } from "@/formats/anndata/hdf5_elements.ts";
import { checkedShape } from "@/formats/anndata/sparse_encoding.ts";
import type { Hdf5File } from "@/formats/hdf5/mod.ts";
import type { Atlas, AtlasGenes, AtlasMatrix } from "./atlas.ts";
import { columnTexts, type FrameReader, openFrame } from "./h5ad_frame.ts";
import { genesOf } from "./gene_names.ts";
import { hdf5Matrix } from "./hdf5_matrix.ts";
import { labelsOf } from "./labels.ts";

/** Opens an h5ad file of any version of AnnData. */
export async function openH5adAtlas(file: Hdf5File): Promise<Atlas> {
  const source = new Hdf5Source(file);
  const obs = await openFrame(source, "obs");
  const genes = await readGenes(await openFrame(source, "var"));
  const matrices: AtlasMatrix[] = [];
  const addMatrix = async (name: string, node: string, of: AtlasGenes) => {
    const matrix = await openMatrix(file, source, { name, node, cells: obs.rows, genes: of });
    if (matrix !== undefined) matrices.push(matrix);
  };
  await addMatrix("X", "X", genes);
  // Before AnnData 0.7 the parts of raw lay at the root.
  const raw = file.has("raw.X") ? "raw." : "raw/";
  if (file.has(`${raw}X`)) {
    const rawGenes = await readGenes(await openFrame(source, `${raw}var`));
    await addMatrix("raw/X", `${raw}X`, rawGenes);
  }
  const layers = file.kindOf("layers") === "group" ? file.children("layers") : [];
  for (const { name } of layers) await addMatrix(`layers/${name}`, `layers/${name}`, genes);
  if (matrices.length === 0) throw noMatrix(file);
  return {
    path: file.path,
    format: "h5ad",
    cellCount: obs.rows,
    matrices,
    columns: obs.columns,
    column: (name) => readLabels(file, obs, name),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

async function readLabels(file: Hdf5File, obs: FrameReader, name: string): Promise<Categorical> {
  const labels = labelsOf(await obs.column(name));
  if (labels?.codes.length === obs.rows) return labels;
  throw new SthelarError("CorruptData", {
    action: `Cannot read the column "${name}" of obs in "${file.path}"`,
    found: `${labels?.codes.length ?? "no"} values`,
    expected: `${obs.rows}, one a cell`,
    path: file.path,
  });
}

async function readGenes(frame: FrameReader): Promise<AtlasGenes> {
  return await genesOf(
    await frame.names(),
    frame.columns,
    async (name) => columnTexts(await frame.column(name)),
  );
}

interface MatrixPlace {
  readonly name: string;
  readonly node: string;
  readonly cells: number;
  readonly genes: AtlasGenes;
}

/** A matrix without reading its values; `undefined` for a node that holds none. */
async function openMatrix(
  file: Hdf5File,
  source: Hdf5Source,
  { name, node, cells, genes }: MatrixPlace,
): Promise<AtlasMatrix | undefined> {
  const info = await source.info(node);
  if (info === undefined || (info.kind === "array" && info.shape === undefined)) return undefined;
  const { attributes } = info;
  const format = attributes["encoding-type"] ?? attributes.h5sparse_format;
  const layout = info.kind === "array"
    ? "dense"
    : ({ csr_matrix: "csr", csr: "csr", csc_matrix: "csc", csc: "csc" } as const)[String(format)];
  if (layout === undefined) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read "${node}" of "${file.path}"`,
      found: `a matrix of type ${JSON.stringify(format)}`,
      expected: "csr_matrix, csc_matrix or a dense array",
      path: file.path,
    });
  }
  const stored = info.kind === "array" ? info.shape : attributes.shape ?? attributes.h5sparse_shape;
  const shape = checkedShape(source, node, stored);
  if (shape[0] === cells && shape[1] === genes.names.length) {
    return hdf5Matrix(file, { name, node, layout, shape, genes });
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot read "${node}" of "${file.path}"`,
    found: shape.join(" x "),
    expected: `${cells} cells x ${genes.names.length} genes, as obs and var have`,
    path: file.path,
  });
}

function noMatrix(file: Hdf5File): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot use "${file.path}" as an atlas`,
    found: "no matrix in it",
    expected: "X, raw/X or a layer",
    path: file.path,
  });
}
