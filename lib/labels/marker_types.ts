import markerFile from "../../data/ontology/markers.json" with { type: "json" };
import { LABEL1 } from "./reference_types.ts";

/** A cell type as its marker genes tell it. */
export interface MarkerType {
  /** Broad label that its cells get. */
  readonly label1: string;
  /** Its own name: `pancreatic acinar cell`. */
  readonly kind: string;
  /** Genes that its cells express, by the key of the source that says so. */
  readonly markers: Readonly<Record<string, readonly string[]>>;
  /** Genes whose expression speaks against it, by source. */
  readonly absent: Readonly<Record<string, readonly string[]>>;
  /** Tissues that it belongs to; empty if to any. */
  readonly tissues: readonly string[];
  /** Whether cells of several types can be so (dividing): taken only where no type fits. */
  readonly isState: boolean;
}

/** Where a marker is taken from. */
export interface MarkerSource {
  /** Title. */
  readonly title: string;
  /** Its DOI. */
  readonly doi: string;
}

interface StoredType extends Partial<Omit<MarkerType, "isState">> {
  readonly label1: string;
  readonly kind: string;
  readonly markers: Readonly<Record<string, readonly string[]>>;
  readonly state?: boolean;
}

/** Sources of the markers, by key. */
export const MARKER_SOURCES: Readonly<Record<string, MarkerSource>> = markerFile.sources;

/** Cell types with their markers, from `data/ontology/markers.json`. */
export const MARKER_TYPES: readonly MarkerType[] = readTypes(markerFile.types as StoredType[]);

/** A cell type's markers on a panel. */
export interface PanelMarkers {
  /** The type. */
  readonly type: MarkerType;
  /** Columns of the genes that its cells express. */
  readonly markers: readonly number[];
  /** Columns of the genes that speak against it. */
  readonly absent: readonly number[];
}

/** A type is recognised by no fewer markers. */
const FEWEST_MARKERS = 2;

/**
 * The cell types that a panel can tell: those with two markers or more among its genes.
 *
 * @param genes Names of the matrix' columns; of a name that is there twice, the first counts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { panelMarkers } from "@/labels/marker_types.ts";
 *
 * const found = panelMarkers(["CPA3", "MS4A1", "TPSAB1", "NegControlProbe_1"]);
 * assertEquals(found.map(({ type, markers }) => [type.label1, markers]), [["Mast", [0, 2]]]);
 * ```
 */
export function panelMarkers(
  genes: readonly string[],
  types: readonly MarkerType[] = MARKER_TYPES,
): PanelMarkers[] {
  const columnOf = new Map<string, number>();
  genes.forEach((gene, column) => {
    const key = gene.toUpperCase();
    if (!columnOf.has(key)) columnOf.set(key, column);
  });
  const columns = (bySource: Readonly<Record<string, readonly string[]>>) =>
    Object.values(bySource).flat()
      .map((gene) => columnOf.get(gene.toUpperCase()))
      .filter((column) => column !== undefined);
  return types
    .map((type) => ({ type, markers: columns(type.markers), absent: columns(type.absent) }))
    .filter(({ markers }) => markers.length >= FEWEST_MARKERS);
}

function readTypes(types: readonly StoredType[]): MarkerType[] {
  return types.map(({ state = false, ...type }) => {
    if (!LABEL1.includes(type.label1)) {
      throw new TypeError(`Cannot read markers of "${type.kind}": no label "${type.label1}"`);
    }
    return { absent: {}, tissues: [], ...type, isState: state };
  });
}
