import { localDisk } from "@/formats/disk/mod.ts";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import {
  describeSpatialData,
  ELEMENT_KINDS,
  openSpatialData,
  type SpatialDataStore,
} from "@/formats/spatialdata/mod.ts";
import { openZip } from "@/formats/zip/mod.ts";
import { diskOf, FIXTURES } from "../seed_files.ts";
import { type Bytes, expectThat, type NamedSample, type Target } from "../target.ts";
import { checkPolygons } from "./parquet.ts";

const ROOT = "/s.zarr";

/** SpatialData stores with all kinds of elements, in zarr versions 2 and 3. */
export const spatialdata: Target = {
  name: "spatialdata",
  seeds: () => Promise.all([smallStore(2), smallStore(3)]),
  async read(files) {
    const disk = diskOf(files);
    const store = await openSpatialData(disk, ROOT);
    const elements = new Map<string, unknown>();
    elements.set("", [store.zarrFormat, store.attributes, await describeSpatialData(store)]);
    for (const kind of ELEMENT_KINDS) {
      for (const name of store.names(kind)) {
        elements.set(`${kind}/${name}`, await readElement(store, kind, name, disk));
      }
    }
    return elements;
  },
};

async function smallStore(version: 2 | 3): Promise<NamedSample> {
  const archive = await openZip(localDisk, `${FIXTURES}spatialdata/small_v${version}.zarr.zip`);
  const files = new Map<string, Bytes>();
  for (const name of archive.entries.keys()) {
    if (name.endsWith("/")) continue;
    files.set(ROOT + name.slice(name.indexOf("/")), await archive.read(name));
  }
  return { name: `v${version}`, files };
}

async function readElement(
  store: SpatialDataStore,
  kind: typeof ELEMENT_KINDS[number],
  name: string,
  disk: ReturnType<typeof diskOf>,
): Promise<unknown> {
  switch (kind) {
    case "images":
    case "labels": {
      const image = kind === "images" ? await store.image(name) : await store.labels(name);
      expectThat(image.levels.length > 0, "an image without levels");
      const levels = [];
      for (const [level, { shape, scale }] of image.levels.entries()) {
        const [height, width] = shape.slice(-2);
        const region = { y0: 0, y1: Math.min(64, height), x0: 0, x1: Math.min(64, width) };
        expectThat(scale.every(Number.isFinite), `scale ${scale}`);
        levels.push([shape, scale, await image.readRegion(level, region)]);
      }
      return [image.axes, image.dtype, image.channels, image.transformations, levels];
    }
    case "points": {
      const { axes, columns, rowCount, transformations, featureKey } = await store.points(name);
      expectThat(Number.isSafeInteger(rowCount) && rowCount >= 0, `${rowCount} points`);
      return [axes, columns, rowCount, transformations, featureKey];
    }
    case "shapes": {
      const { ids, geometries, columns, transformations } = await store.shapes(name);
      if (geometries.kind === "polygons") checkPolygons(geometries.polygons);
      return [ids, geometries, columns.byName, transformations];
    }
    case "tables": {
      const { path, shape, link } = await store.table(name);
      expectThat(shape.every((extent) => Number.isSafeInteger(extent)), `a table of ${shape}`);
      return [shape, link, await readAnnDataZarr(disk, path)];
    }
  }
}
