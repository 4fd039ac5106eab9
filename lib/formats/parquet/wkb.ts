import { SthelarError } from "@/core/errors.ts";
import { geometryCount, type MultiPolygons } from "@/core/polygons.ts";

const POINT = 1;
const POLYGON = 3;
const MULTI_POLYGON = 6;

/**
 * Encodes geometries `start .. end` as well-known binary (little-endian): a Polygon where a geometry
 * has one polygon, else a MultiPolygon.
 *
 * @returns One byte string a geometry; all share one buffer.
 * @throws {SthelarError} `InvalidArgument` if a ring is open or has fewer than four vertices.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { decodeWkb, encodeWkb } from "@/formats/parquet/mod.ts";
 *
 * const triangle = packPolygons([[[[0, 0, 1, 0, 0, 1, 0, 0]]]]);
 * assertEquals(decodeWkb(encodeWkb(triangle)).xy, triangle.xy);
 * ```
 */
export function encodeWkb(
  polygons: MultiPolygons,
  start = 0,
  end = geometryCount(polygons),
): Uint8Array[] {
  const { geometryStart } = polygons;
  const size = wkbSize(polygons, start, end);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const result = new Array<Uint8Array>(end - start);
  let at = 0;
  for (let g = start; g < end; g++) {
    const from = at;
    const first = geometryStart[g];
    const last = geometryStart[g + 1];
    if (last - first !== 1) {
      at = writeHeader(view, at, MULTI_POLYGON, last - first);
    }
    for (let p = first; p < last; p++) at = writePolygon(view, at, polygons, p);
    result[g - start] = bytes.subarray(from, at);
  }
  return result;
}

function wkbSize(polygons: MultiPolygons, start: number, end: number): number {
  const { geometryStart, polygonStart, ringStart } = polygons;
  const firstPolygon = geometryStart[start];
  const lastPolygon = geometryStart[end];
  const rings = polygonStart[lastPolygon] - polygonStart[firstPolygon];
  const vertices = ringStart[polygonStart[lastPolygon]] - ringStart[polygonStart[firstPolygon]];
  let multi = 0;
  for (let g = start; g < end; g++) if (geometryStart[g + 1] - geometryStart[g] !== 1) multi++;
  return 9 * (multi + lastPolygon - firstPolygon) + 4 * rings + 16 * vertices;
}

function writeHeader(view: DataView, at: number, type: number, count: number): number {
  view.setUint8(at, 1);
  view.setUint32(at + 1, type, true);
  view.setUint32(at + 5, count, true);
  return at + 9;
}

function writePolygon(view: DataView, at: number, polygons: MultiPolygons, p: number): number {
  const { xy, ringStart, polygonStart } = polygons;
  at = writeHeader(view, at, POLYGON, polygonStart[p + 1] - polygonStart[p]);
  for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
    checkRing(polygons, r);
    view.setUint32(at, ringStart[r + 1] - ringStart[r], true);
    at += 4;
    for (let i = 2 * ringStart[r]; i < 2 * ringStart[r + 1]; i++, at += 8) {
      view.setFloat64(at, xy[i], true);
    }
  }
  return at;
}

/** GEOS refuses the whole file for one ring that is open or has fewer than four vertices. */
function checkRing({ xy, ringStart }: MultiPolygons, ring: number): void {
  const first = ringStart[ring];
  const last = ringStart[ring + 1] - 1;
  if (
    last - first >= 3 && xy[2 * first] === xy[2 * last] && xy[2 * first + 1] === xy[2 * last + 1]
  ) {
    return;
  }
  throw new SthelarError("InvalidArgument", {
    action: `Cannot encode ring ${ring}`,
    found: last - first < 3
      ? `${last - first + 1} vertices`
      : `a ring from (${xy[2 * first]}, ${xy[2 * first + 1]}) to (${xy[2 * last]}, ${
        xy[2 * last + 1]
      })`,
    expected: "at least 4 vertices, the last equal to the first",
  });
}

/**
 * Decodes well-known binary Polygons and MultiPolygons (either byte order; z and m are dropped).
 *
 * @throws {SthelarError} `CorruptData` if a geometry is cut short or of another type.
 */
export function decodeWkb(geometries: readonly Uint8Array[], path?: string): MultiPolygons {
  const counts = { xy: 0, rings: 0, polygons: 0 };
  geometries.forEach((bytes, g) =>
    visitPolygons(new WkbReader(bytes, g, path), {
      polygon: () => counts.polygons++,
      ring: (reader, vertices) => {
        counts.rings++;
        counts.xy += 2 * vertices;
        reader.skip(vertices);
      },
    })
  );
  const xy = new Float64Array(counts.xy);
  const ringStart = new Int32Array(counts.rings + 1);
  const polygonStart = new Int32Array(counts.polygons + 1);
  const geometryStart = new Int32Array(geometries.length + 1);
  let [at, ring, polygon] = [0, 0, 0];
  geometries.forEach((bytes, g) => {
    visitPolygons(new WkbReader(bytes, g, path), {
      polygon: () => polygonStart[++polygon] = ring,
      ring: (reader, vertices) => {
        at = reader.copyVertices(xy, at, vertices);
        ringStart[++ring] = at / 2;
        polygonStart[polygon] = ring;
      },
    });
    geometryStart[g + 1] = polygon;
  });
  return { xy, ringStart, polygonStart, geometryStart };
}

/** Encodes points `x0, y0, x1, y1, …` as well-known binary. */
export function encodeWkbPoints(xy: Float64Array): Uint8Array[] {
  const bytes = new Uint8Array(21 * (xy.length / 2));
  const view = new DataView(bytes.buffer);
  return Array.from({ length: xy.length / 2 }, (_, i) => {
    view.setUint8(21 * i, 1);
    view.setUint32(21 * i + 1, POINT, true);
    view.setFloat64(21 * i + 5, xy[2 * i], true);
    view.setFloat64(21 * i + 13, xy[2 * i + 1], true);
    return bytes.subarray(21 * i, 21 * i + 21);
  });
}

/**
 * Decodes well-known binary points.
 *
 * @returns `x0, y0, x1, y1, …`
 * @throws {SthelarError} `CorruptData` if one is no point.
 */
export function decodeWkbPoints(geometries: readonly Uint8Array[], path?: string): Float64Array {
  const xy = new Float64Array(2 * geometries.length);
  geometries.forEach((bytes, i) => {
    const reader = new WkbReader(bytes, i, path);
    if (reader.header() !== POINT) reader.fail("another geometry type", "a Point");
    reader.copyVertices(xy, 2 * i, 1);
  });
  return xy;
}

/** Whether the first geometry is a point. */
export function isWkbPoint(bytes: Uint8Array): boolean {
  return bytes.length >= 5 && new WkbReader(bytes, 0, undefined).header() === POINT;
}

interface PolygonVisitor {
  polygon(): void;
  ring(reader: WkbReader, vertices: number): void;
}

function visitPolygons(reader: WkbReader, visitor: PolygonVisitor): void {
  const type = reader.header();
  if (type !== POLYGON && type !== MULTI_POLYGON) {
    reader.fail(`geometry type ${type}`, "a Polygon (3) or MultiPolygon (6)");
  }
  const polygons = type === POLYGON ? 1 : reader.uint32();
  for (let p = 0; p < polygons; p++) {
    if (type === MULTI_POLYGON && reader.header() !== POLYGON) {
      reader.fail("a part that is no polygon", "polygons");
    }
    visitor.polygon();
    const rings = reader.uint32();
    for (let r = 0; r < rings; r++) visitor.ring(reader, reader.uint32());
  }
}

class WkbReader {
  readonly #view: DataView;
  #at = 0;
  #little = true;
  #dimensions = 2;

  constructor(
    readonly bytes: Uint8Array,
    readonly row: number,
    readonly path: string | undefined,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads byte order and type; PostGIS flags and ISO thousands tell of z and m. */
  header(): number {
    this.#need(5);
    this.#little = this.#view.getUint8(this.#at) === 1;
    const raw = this.#view.getUint32(this.#at + 1, this.#little);
    this.#at += 5;
    const iso = Math.floor((raw & 0xffff) / 1000);
    this.#dimensions = 2 + (raw & 0x80000000 || iso === 1 || iso === 3 ? 1 : 0) +
      (raw & 0x40000000 || iso === 2 || iso === 3 ? 1 : 0);
    if (raw & 0x20000000) this.#at += 4;
    return (raw & 0xffff) % 1000;
  }

  uint32(): number {
    this.#need(4);
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, this.#little);
  }

  skip(vertices: number): void {
    this.#need(8 * this.#dimensions * vertices);
    this.#at += 8 * this.#dimensions * vertices;
  }

  copyVertices(xy: Float64Array, to: number, vertices: number): number {
    const from = this.#at;
    this.skip(vertices);
    const stride = 8 * this.#dimensions;
    for (let i = 0; i < vertices; i++) {
      xy[to++] = this.#view.getFloat64(from + i * stride, this.#little);
      xy[to++] = this.#view.getFloat64(from + i * stride + 8, this.#little);
    }
    return to;
  }

  fail(found: string, expected: string): never {
    throw new SthelarError("CorruptData", {
      action: `Cannot decode geometry ${this.row}${
        this.path === undefined ? "" : ` of "${this.path}"`
      }`,
      found,
      expected,
      ...(this.path === undefined ? {} : { path: this.path }),
    });
  }

  #need(length: number): void {
    if (this.#at + length > this.bytes.length) {
      this.fail(`${this.bytes.length} bytes`, `at least ${this.#at + length}`);
    }
  }
}
