import type { ImagePyramid } from "./image_pyramid.ts";
import { compareNaturally } from "./natural_order.ts";
import type { SpatialDataStore } from "./open_spatial_data.ts";
import { shapesExtent } from "./shapes.ts";
import { ELEMENT_KINDS, type ElementKind } from "./store_root.ts";
import type { Transformations } from "./transformation.ts";

/** A line about an element, and where the element lies. */
interface ElementSummary {
  readonly kind: ElementKind;
  readonly name: string;
  readonly text: string;
  readonly transformations: Transformations;
}

/**
 * Describes a store's elements and coordinate systems, word for word as Python's `print(sdata)`.
 *
 * @throws {SthelarError} As the readers of its elements do.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { describeSpatialData, openSpatialData, writeStoreRoot } from "@/formats/spatialdata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeStoreRoot(disk, "/empty.zarr");
 * assertEquals(
 *   await describeSpatialData(await openSpatialData(disk, "/empty.zarr")),
 *   "SpatialData object, with associated Zarr store: /empty.zarr\nwith coordinate systems:\n",
 * );
 * ```
 */
export async function describeSpatialData(store: SpatialDataStore): Promise<string> {
  const summaries: ElementSummary[] = [];
  for (const kind of ELEMENT_KINDS) {
    for (const name of store.names(kind).toSorted(compareNaturally)) {
      summaries.push({ kind, name, ...await summarize(store, kind, name) });
    }
  }
  return [
    `SpatialData object, with associated Zarr store: ${store.root}`,
    ...elementTree(summaries),
    "with coordinate systems:",
    coordinateSystems(summaries).join("\n"),
  ].join("\n");
}

async function summarize(
  store: SpatialDataStore,
  kind: ElementKind,
  name: string,
): Promise<Pick<ElementSummary, "text" | "transformations">> {
  switch (kind) {
    case "images":
    case "labels": {
      const image = await (kind === "images" ? store.image(name) : store.labels(name));
      return { text: rasterText(image), transformations: image.transformations };
    }
    case "points": {
      const { columns, axes, transformations } = await store.points(name);
      const text = `DataFrame with shape: (<Delayed>, ${columns.length}) (${axes.length}D points)`;
      return { text, transformations };
    }
    case "shapes": {
      const shapes = await store.shapes(name);
      const text = `GeoDataFrame shape: ${tuple(shapesExtent(shapes))} (2D shapes)`;
      return { text, transformations: shapes.transformations };
    }
    case "tables": {
      const { shape } = await store.table(name);
      return { text: `AnnData ${tuple(shape)}`, transformations: new Map() };
    }
  }
}

function rasterText({ axes, levels }: ImagePyramid): string {
  const type = levels.length > 1 ? "DataTree" : "DataArray";
  return `${type}[${axes.join("")}] ${levels.map(({ shape }) => tuple(shape)).join(", ")}`;
}

function tuple(values: readonly number[]): string {
  return `(${values.join(", ")})`;
}

function elementTree(summaries: readonly ElementSummary[]): string[] {
  const kinds = ELEMENT_KINDS.filter((kind) => summaries.some((summary) => summary.kind === kind));
  return kinds.flatMap((kind, i) => {
    const isLastKind = i === kinds.length - 1;
    const elements = summaries.filter((summary) => summary.kind === kind);
    return [
      `${isLastKind ? "└──" : "├──"} ${capitalize(kind)}`,
      ...elements.map(({ name, text }, j) => {
        const branch = j === elements.length - 1 ? "└──" : "├──";
        return `${isLastKind ? " " : "│"}     ${branch} ${quote(name)}: ${text}`;
      }),
    ];
  });
}

function coordinateSystems(summaries: readonly ElementSummary[]): string[] {
  const systems = new Set(summaries.flatMap(({ transformations }) => [...transformations.keys()]));
  return [...systems].sort(compareNaturally).map((system) => {
    const elements = summaries
      .filter(({ transformations }) => transformations.has(system))
      .map(({ kind, name }) => `${name} (${capitalize(kind)})`);
    return `    ▸ ${quote(system)}, with elements:\n        ${elements.join(", ")}`;
  });
}

function capitalize(kind: string): string {
  return kind[0].toUpperCase() + kind.slice(1);
}

/** Python's quotes of a text. */
function quote(text: string): string {
  return text.includes("'") && !text.includes('"')
    ? `"${text}"`
    : `'${text.replaceAll("'", "\\'")}'`;
}
