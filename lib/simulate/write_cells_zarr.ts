import type { Disk } from "@/core/disk.ts";
import { closedRing } from "./cell_rings.ts";
import type { CellShapes, Outlines } from "./cell_shapes.ts";
import { MaskPainter } from "./draw_mask.ts";
import type { BundlePreset, RingStyle } from "./presets.ts";
import { segmentationMethods } from "./segmentation_methods.ts";
import { PIXEL_UM, type SlidePlan } from "./slide_plan.ts";
import { measureCells } from "./write_cell_tables.ts";
import type { CellNames } from "./write_transcripts.ts";
import { MASK_CHUNK, writeZarrV2Zip, type ZarrV2Zip } from "./zarr_v2_zip.ts";

const SUMMARY = [
  ["cell_centroid_x", "Cell centroid in X"],
  ["cell_centroid_y", "Cell centroid in Y"],
  ["cell_area", "Cell area"],
  ["nucleus_centroid_x", "Nucleus centroid in X"],
  ["nucleus_centroid_y", "Nucleus centroid in Y"],
  ["nucleus_area", "Nucleus area"],
  ["z_level", "z-level"],
  ["nucleus_count", "Nucleus count"],
] as const;
const OLD_VERTICES = 13;
const SUFFIX = 1;

/** Writes `cells.zarr.zip`: ids, summary, masks and polygons in the layout of the preset. */
export async function writeCellsZarr(
  disk: Disk,
  path: string,
  plan: SlidePlan,
  shapes: CellShapes,
  names: CellNames,
): Promise<void> {
  const { preset, cellCount } = plan;
  const { nucleusCount } = measureCells(shapes);
  await writeZarrV2Zip(disk, path, async (store) => {
    await store.group("", rootAttributes(plan, nucleusCount));
    const { ids, shape } = cellIdArray(preset, names);
    await store.array("cell_id", ids, shape);
    await writeSummary(store, plan, shapes);
    if (!preset.ranger?.isImport) await writeMasks(store, plan, shapes);
    if (preset.cellsZarr === "polygon-sets") {
      const rows = Uint32Array.from({ length: cellCount }, (_, i) => i);
      const { codes } = segmentationMethods(plan, nucleusCount);
      const { nuclei, cells, owner } = shapes;
      await store.group("polygon_sets");
      const nucleusMethods = Uint32Array.from(owner, (row) => codes[row]);
      await writePolygonSet(store, 0, nuclei, Uint32Array.from(owner), nucleusMethods, 25);
      await writePolygonSet(store, 1, cells, rows, codes, preset.rings);
    } else {
      await writeOldPolygons(store, shapes);
      if (preset.cellsZarr === "seg-mask-value") {
        const labels = Uint32Array.from({ length: cellCount }, (_, i) => i + 1);
        await store.array("seg_mask_value", labels, [cellCount]);
      }
    }
  });
}

async function writeMasks(
  store: ZarrV2Zip,
  { width, height }: SlidePlan,
  { nuclei, cells }: CellShapes,
): Promise<void> {
  await store.group("masks");
  for (const [set, outlines] of [nuclei, cells].entries()) {
    const painter = new MaskPainter(outlines, width, height);
    await store.mask(`masks/${set}`, width, height, (x, y) => painter.paint(x, y, MASK_CHUNK));
  }
  const scale = 1 / PIXEL_UM;
  const transform = [scale, 0, 0, 0, 0, scale, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  await store.array("masks/homogeneous_transform", Float32Array.from(transform), [4, 4]);
}

function rootAttributes(plan: SlidePlan, nucleusCount: Int32Array): Record<string, unknown> {
  const { preset, cellCount } = plan;
  const isNew = preset.cellsZarr === "polygon-sets";
  return {
    name: "CellSegmentationDataset",
    number_cells: cellCount,
    spatial_units: "microns",
    polygon_set_names: ["nucleus", "cell"],
    polygon_set_display_names: ["Nucleus boundaries", "Cell boundaries"],
    polygon_set_descriptions: [
      "DAPI-based nuclei segmentation",
      `Cells: nuclei expanded by ${preset.expansionUm} µm`,
    ],
    major_version: preset.images === "named-channels" ? 6 : 5,
    minor_version: 0,
    ...(isNew ? { segmentation_methods: segmentationMethods(plan, nucleusCount).names } : {}),
  };
}

/** Ids of the cells as zarr files hold them: pairs of prefix and suffix, numbers in the oldest. */
export function cellIdArray({ cellsZarr }: BundlePreset, { prefixes }: CellNames) {
  const count = prefixes.length;
  if (cellsZarr === "integer-id") {
    return { ids: Uint32Array.from({ length: count }, (_, i) => i + 1), shape: [count] };
  }
  const ids = new Uint32Array(2 * count).fill(SUFFIX);
  prefixes.forEach((prefix, i) => ids[2 * i] = prefix);
  return { ids, shape: [count, 2] };
}

async function writeSummary(store: ZarrV2Zip, plan: SlidePlan, shapes: CellShapes): Promise<void> {
  const { cells, nuclei, nucleusStart } = shapes;
  const sizes = measureCells(shapes);
  const names = SUMMARY.slice(0, plan.preset.cellsZarr === "polygon-sets" ? 8 : 7);
  const values = new Float64Array(plan.cellCount * names.length);
  for (let i = 0; i < plan.cellCount; i++) {
    const p = nucleusStart[i], has = nucleusStart[i + 1] > p;
    values.set(
      [
        cells.x[i],
        cells.y[i],
        sizes.cellAreaUm2[i],
        has ? nuclei.x[p] : NaN,
        has ? nuclei.y[p] : NaN,
        sizes.nucleusAreaUm2[i],
        0,
        sizes.nucleusCount[i],
      ].slice(0, names.length),
      i * names.length,
    );
  }
  await store.array("cell_summary", values, [plan.cellCount, names.length], {
    column_names: names.map(([name]) => name),
    column_descriptions: names.map(([, description]) => description),
  });
}

/** Rings one after the other, each padded with its last vertex to the same length. */
function paddedRings(outlines: Outlines, style: RingStyle, slots: number) {
  const count = outlines.x.length;
  const xy = new Float32Array(count * slots * 2);
  const lengths = new Int32Array(count);
  for (let p = 0; p < count; p++) {
    const ring = closedRing(outlines, p, style);
    lengths[p] = ring.length / 2;
    for (let v = 0; v < slots; v++) {
      const from = 2 * Math.min(v, lengths[p] - 1);
      xy.set([ring[from], ring[from + 1]], (p * slots + v) * 2);
    }
  }
  return { xy, lengths };
}

async function writePolygonSet(
  store: ZarrV2Zip,
  set: number,
  outlines: Outlines,
  owner: Uint32Array,
  methods: Uint32Array,
  style: RingStyle,
): Promise<void> {
  const { xy, lengths } = paddedRings(outlines, style, 25);
  const path = `polygon_sets/${set}`, count = owner.length;
  await store.group(path);
  await store.array(`${path}/cell_index`, owner, [count]);
  await store.array(`${path}/method`, methods, [count]);
  await store.array(`${path}/num_vertices`, lengths, [count]);
  await store.array(`${path}/vertices`, xy, [count, 50]);
}

async function writeOldPolygons(store: ZarrV2Zip, { nuclei, cells }: CellShapes): Promise<void> {
  const count = cells.x.length;
  const sets = [nuclei, cells].map((outlines) => paddedRings(outlines, 13, OLD_VERTICES));
  const xy = new Float32Array(2 * count * OLD_VERTICES * 2);
  const lengths = new Int32Array(2 * count);
  sets.forEach((set, s) => {
    xy.set(set.xy, s * count * OLD_VERTICES * 2);
    lengths.set(set.lengths, s * count);
  });
  await store.array("polygon_vertices", xy, [2, count, OLD_VERTICES * 2]);
  await store.array("polygon_num_vertices", lengths, [2, count]);
}
