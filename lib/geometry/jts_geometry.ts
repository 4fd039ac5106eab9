import type { MultiPolygons } from "@/core/polygons.ts";

/** A point of the library. */
interface JtsPoint {
  readonly x: number;
  readonly y: number;
}

interface JtsRing {
  getCoordinates(): readonly JtsPoint[];
}

/** What is used of a geometry of the library. */
export interface JtsGeometry {
  getNumGeometries(): number;
  getGeometryN(k: number): JtsGeometry;
  isEmpty(): boolean;
  getExteriorRing(): JtsRing;
  getNumInteriorRing(): number;
  getInteriorRingN(k: number): JtsRing;
}

/** What is wrong with a geometry, in the words of JTS. */
export interface JtsFault {
  readonly reason: string;
  readonly x: number;
  readonly y: number;
}

/** JSTS, the port of JTS that GEOS is one of too: its verdicts and repairs are those of shapely. */
export interface Jts {
  /** @returns A polygon, or a multi-polygon if the geometry has not exactly one. */
  geometryOf(polygons: MultiPolygons, g: number): JtsGeometry;
  /** What makes a geometry invalid, `undefined` if nothing does. */
  faultOf(geometry: JtsGeometry): JtsFault | undefined;
  /** `buffer(0)`. */
  bufferByZero(geometry: JtsGeometry): JtsGeometry;
}

interface Factory {
  createLinearRing(points: readonly JtsPoint[]): unknown;
  createPolygon(shell: unknown, holes: readonly unknown[]): JtsGeometry;
  createMultiPolygon(polygons: readonly JtsGeometry[]): JtsGeometry;
}

interface ValidOp {
  isValid(): boolean;
  getValidationError(): { getMessage(): string; getCoordinate(): JtsPoint };
}

interface OrientationClass {
  isCCW(ring: readonly JtsPoint[]): boolean;
}

/**
 * Of a ring that crosses itself GEOS keeps in `buffer(0)` the loops that turn as the whole area does
 * (`isCCWArea`); this version of the library still asks how the ring turns at its topmost vertex. For
 * a simple ring that is the same.
 */
function turnByArea(orientation: OrientationClass): void {
  const atTop = orientation.isCCW;
  orientation.isCCW = (ring) => {
    if (!Array.isArray(ring)) return atTop(ring);
    let twice = 0;
    for (let k = 0; k + 1 < ring.length; k++) {
      twice += (ring[k].x - ring[0].x) * (ring[k + 1].y - ring[0].y) -
        (ring[k + 1].x - ring[0].x) * (ring[k].y - ring[0].y);
    }
    return twice > 0;
  };
}

let loading: Promise<Jts> | undefined;

/** Loads the library, which few slides need. */
export function loadJts(): Promise<Jts> {
  return loading ??= load();
}

async function load(): Promise<Jts> {
  const [orientation, coordinate, factory, valid, buffer] = await Promise.all([
    import("jsts/org/locationtech/jts/algorithm/Orientation.js"),
    import("jsts/org/locationtech/jts/geom/Coordinate.js"),
    import("jsts/org/locationtech/jts/geom/GeometryFactory.js"),
    import("jsts/org/locationtech/jts/operation/valid/IsValidOp.js"),
    import("jsts/org/locationtech/jts/operation/buffer/BufferOp.js"),
  ]);
  turnByArea(orientation.default as unknown as OrientationClass);
  const Coordinate = coordinate.default as new (x: number, y: number) => JtsPoint;
  const Valid = valid.default as unknown as new (geometry: JtsGeometry) => ValidOp;
  const make = new (factory.default as unknown as new () => Factory)();
  const { bufferOp } = buffer.default as unknown as {
    bufferOp(geometry: JtsGeometry, distance: number): JtsGeometry;
  };
  return {
    geometryOf: (polygons, g) => geometryOf(polygons, g, make, Coordinate),
    faultOf(geometry) {
      const check = new Valid(geometry);
      if (check.isValid()) return undefined;
      const error = check.getValidationError();
      const { x, y } = error.getCoordinate();
      return { reason: error.getMessage(), x, y };
    },
    bufferByZero: (geometry) => bufferOp(geometry, 0),
  };
}

function geometryOf(
  { xy, ringStart, polygonStart, geometryStart }: MultiPolygons,
  g: number,
  make: Factory,
  Coordinate: new (x: number, y: number) => JtsPoint,
): JtsGeometry {
  const ring = (r: number) => {
    const points: JtsPoint[] = [];
    for (let k = ringStart[r]; k < ringStart[r + 1]; k++) {
      points.push(new Coordinate(xy[2 * k], xy[2 * k + 1]));
    }
    return make.createLinearRing(points);
  };
  const polygons: JtsGeometry[] = [];
  for (let p = geometryStart[g]; p < geometryStart[g + 1]; p++) {
    const holes: unknown[] = [];
    for (let r = polygonStart[p] + 1; r < polygonStart[p + 1]; r++) holes.push(ring(r));
    polygons.push(make.createPolygon(ring(polygonStart[p]), holes));
  }
  return polygons.length === 1 ? polygons[0] : make.createMultiPolygon(polygons);
}

/** The polygons of a geometry, each a list of rings. */
export function ringsOfJts(geometry: JtsGeometry): number[][][] {
  const flat = (ring: JtsRing) => ring.getCoordinates().flatMap(({ x, y }) => [x, y]);
  return Array.from({ length: geometry.getNumGeometries() }, (_, k) => geometry.getGeometryN(k))
    .filter((polygon) => !polygon.isEmpty())
    .map((polygon) => [
      flat(polygon.getExteriorRing()),
      ...Array.from(
        { length: polygon.getNumInteriorRing() },
        (_, k) => flat(polygon.getInteriorRingN(k)),
      ),
    ]);
}
