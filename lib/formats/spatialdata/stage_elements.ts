import { createHash } from "node:crypto";
import { SthelarError } from "@/core/errors.ts";
import type {
  Input,
  OutputSink,
  OutputWriter,
  ReturnedOutput,
  StreamedOutput,
} from "@/core/stage.ts";
import {
  type AnnData,
  type AnnDataHandle,
  type Element,
  openAnnDataZarr,
  writeElement,
} from "@/formats/anndata/mod.ts";
import { type ImagePyramid, openImage } from "./image_pyramid.ts";
import { createImageWriter, type ImageSpec, type ImageWriter } from "./image_writer.ts";
import {
  createPointsWriter,
  openPoints,
  type Points,
  type PointsSpec,
  type PointsWriter,
} from "./points.ts";
import { readShapes, type Shapes, type ShapesSpec, writeShapes } from "./shapes.ts";
import { type TableLink, writeTable } from "./tables.ts";

/** Creates the writer of an element once its size and place are known. */
export interface ElementFactory<S, W extends OutputWriter> extends OutputWriter {
  /** The writer; called once. */
  create(spec: S): Promise<W>;
}

/** An output that is created once its size is known, and written piece by piece. */
export function streamedElement<S, W extends OutputWriter>(
  node: string,
  create: (sink: OutputSink, spec: S) => Promise<W> | W,
): StreamedOutput<ElementFactory<S, W>> {
  const open = (sink: OutputSink): ElementFactory<S, W> => {
    let writer: W | undefined;
    return {
      create: async (spec) => writer = await create(sink, spec),
      finish: async () => {
        if (writer === undefined) {
          throw new SthelarError("PipelineConflict", {
            action: `Cannot finish "${node}"`,
            found: "nothing written to it",
            expected: "the stage to create and write it",
          });
        }
        await writer.finish();
      },
    };
  };
  return { kind: "streamed", node, open };
}

/** An image that a stage writes tile by tile. */
export function imageOutput(
  name: string,
): StreamedOutput<ElementFactory<Omit<ImageSpec, "name">, ImageWriter>> {
  return streamedElement(
    `images/${name}`,
    ({ disk, root }, spec) => createImageWriter(disk, root, { ...spec, name }),
  );
}

/** Points that a stage writes from a query. */
export function pointsOutput(
  name: string,
): StreamedOutput<ElementFactory<PointsSpec, PointsWriter>> {
  return streamedElement(
    `points/${name}`,
    ({ disk, root }, spec) => createPointsWriter(disk, root, name, spec),
  );
}

/** Shapes that a stage returns. */
export function shapesOutput(name: string): ReturnedOutput<ShapesSpec> {
  return {
    kind: "returned",
    node: `shapes/${name}`,
    write: (shapes, { disk, root }) => writeShapes(disk, root, name, shapes),
  };
}

/** A whole table that a stage returns; later stages add parts to it. */
export function tableOutput(name: string, link: TableLink): ReturnedOutput<AnnData> {
  const node = `tables/${name}`;
  return {
    kind: "returned",
    node,
    write: async (table, sink) => {
      await writeTable(sink.disk, sink.root, name, table, link);
      await recordRows(sink, name, "obs", table.obs.index);
      await recordRows(sink, name, "var", table.var.index);
    },
  };
}

/** A value for the rows of a table that an earlier stage wrote, or for its columns. */
export interface TablePart<V = Element> {
  /** Names of the rows that `value` is for, those of the table, in its order; of its columns for var. */
  readonly rowIds: readonly string[];
  /** A column, a layer, coordinates. */
  readonly value: V;
}

/**
 * A part of a table whose base belongs to another stage: a column of obs or var, a layer, an entry of
 * obsm, varm or obsp.
 *
 * @param table Name of the table.
 * @param part Where it goes, as in `obs/label1`, `layers/log_norm` or `obsm/X_pca`.
 */
export function tablePartOutput(table: string, part: string): ReturnedOutput<TablePart> {
  const node = `tables/${table}/${part}`;
  return {
    kind: "returned",
    node,
    write: async ({ rowIds, value }, sink) => {
      await writeElement(sink.disk, `${sink.root}/${node}`, value);
      await recordRows(sink, table, part, rowIds);
    },
  };
}

/**
 * Parts of a table whose names follow from the stage's parameters, as clusterings do.
 *
 * @param parts What they begin with and a star: `obs/pca_*`.
 */
export function tablePartsOutput(
  table: string,
  parts: `${string}*`,
): ReturnedOutput<TablePart<ReadonlyMap<string, Element>>> {
  const { node, group, nodeOf } = namedParts(table, parts);
  return {
    kind: "returned",
    node,
    nodesOf: ({ value }) => [...value.keys()].map(nodeOf),
    write: async ({ rowIds, value }, sink) => {
      for (const [name, element] of value) {
        await writeElement(sink.disk, `${sink.root}/${nodeOf(name)}`, element);
        await recordRows(sink, table, `${group}/${name}`, rowIds);
      }
    },
  };
}

/** Entries of a table's `uns` whose names follow from the stage's parameters: `uns/pca_*`. */
export function tableUnsPartsOutput(
  table: string,
  parts: `uns/${string}*`,
): ReturnedOutput<ReadonlyMap<string, Element>> {
  const { node, nodeOf } = namedParts(table, parts);
  return {
    kind: "returned",
    node,
    nodesOf: (entries) => [...entries.keys()].map(nodeOf),
    write: async (entries, { disk, root }) => {
      for (const [name, element] of entries) {
        await writeElement(disk, `${root}/${nodeOf(name)}`, element);
      }
    },
  };
}

function namedParts(table: string, parts: string) {
  const group = parts.slice(0, parts.indexOf("/"));
  return {
    group,
    node: `tables/${table}/${parts}`,
    nodeOf: (name: string) => `tables/${table}/${group}/${name}`,
  };
}

/** An entry of a table's `uns`, which belongs to no row. */
export function tableUnsOutput(table: string, entry: string): ReturnedOutput<Element> {
  const node = `tables/${table}/uns/${entry}`;
  return {
    kind: "returned",
    node,
    write: (value, { disk, root }) => writeElement(disk, `${root}/${node}`, value),
  };
}

/**
 * Findings of a stage that are no element: kept beside the store, as JSON.
 *
 * @param recover Tells them from the elements of a store that others made.
 */
export function reportOutput<T>(
  name: string,
  recover?: ReturnedOutput<T>["recover"],
): ReturnedOutput<T> {
  const node = `reports/${name}`;
  return {
    kind: "returned",
    node,
    ...(recover === undefined ? {} : { recover }),
    write: (report, { disk, root }) =>
      disk.write(
        `${root}/${node}.json`,
        new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`),
      ),
  };
}

/** An image that an earlier stage wrote, as a lazy pyramid. */
export function imageInput(name: string): Input<ImagePyramid> {
  return nodeInput(`images/${name}`, openImage);
}

/** Points that an earlier stage wrote, to be queried. */
export function pointsInput(name: string): Input<Points> {
  return nodeInput(`points/${name}`, openPoints);
}

/** Shapes that an earlier stage wrote. */
export function shapesInput(name: string): Input<Shapes> {
  return nodeInput(`shapes/${name}`, readShapes);
}

/** The base of a table that an earlier stage wrote, read lazily. */
export function tableInput(name: string): Input<AnnDataHandle> {
  return nodeInput(`tables/${name}`, openAnnDataZarr);
}

/** Findings that an earlier stage kept. */
export function reportInput<T>(name: string): Input<T> {
  return nodeInput(`reports/${name}`, async (disk, path) => {
    const bytes = await disk.read(`${path}.json`);
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  });
}

function nodeInput<T>(
  node: string,
  open: (disk: OutputSink["disk"], path: string) => Promise<T>,
): Input<T> {
  return {
    kind: "nodes",
    names: [node],
    doc: node,
    open: ({ resolve, disk }) => open(disk, resolve(node)),
  };
}

/** Which rows a part of a table is for. */
export interface RowRecord {
  /** Name of the table; of its var for a part that belongs to columns, as in `table_nuclei/var`. */
  readonly table: string;
  /** `obs` for the table itself, else as in `obs/label1`. */
  readonly part: string;
  /** How many rows. */
  readonly rows: number;
  /** Hash of their names, in order. */
  readonly sha256: string;
}

/** Records which rows a part is for, so that parts of other rows are never put together. */
function recordRows(
  { disk, root }: OutputSink,
  table: string,
  part: string,
  rowIds: readonly string[],
): Promise<void> {
  const of = /^varm?(\/|$)/.test(part) ? `${table}/var` : table;
  const record: RowRecord = { table: of, part, rows: rowIds.length, sha256: hashRows(rowIds) };
  return disk.write(
    `${root}/rows/${table}/${part.replaceAll("/", "--")}.json`,
    new TextEncoder().encode(JSON.stringify(record)),
  );
}

/** Hash of the names of rows, in order. */
export function hashRows(rowIds: readonly string[]): string {
  const hash = createHash("sha256");
  for (const id of rowIds) hash.update(`${id}\n`);
  return hash.digest("hex");
}

/** The records that the parts of tables below `root` left. */
export async function readRowRecords(disk: OutputSink["disk"], root: string): Promise<RowRecord[]> {
  const records: RowRecord[] = [];
  for (const table of await disk.list(`${root}/rows`)) {
    for (const name of await disk.list(`${root}/rows/${table}`)) {
      const bytes = await disk.read(`${root}/rows/${table}/${name}`);
      records.push(JSON.parse(new TextDecoder().decode(bytes)));
    }
  }
  return records;
}
