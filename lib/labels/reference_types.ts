import finalLabelFile from "../../data/ontology/label1_to_final_label.json" with { type: "json" };
import typeFile from "../../data/ontology/reference_types.json" with { type: "json" };

/** What a cell type of a reference is called in the annotation of slides. */
export interface TypeLabel {
  /** Broad name, as a person who annotates clusters gives it; `Unknown` if nothing fits. */
  readonly label1: string;
  /** Its category. */
  readonly finalLabel: string;
  /** How it was found: by its name, by how its name ends, or not at all. */
  readonly by: "name" | "ending" | "none";
}

const FINAL_LABELS: Readonly<Record<string, string>> = finalLabelFile;
const BY_NAME = folded(typeFile.types);
const BY_TISSUE = new Map(
  Object.entries(typeFile.byTissue).map(([tissue, types]) => [tissue, folded(types)]),
);
const BY_ENDING = [...folded(typeFile.endings)];

/** Every broad label. */
export const LABEL1: readonly string[] = Object.keys(FINAL_LABELS);

/**
 * The label of a reference's cell type, from `data/ontology/reference_types.json`: by its name in this
 * tissue, by its name, or by how the name ends (`… fibroblast`, `… EC`). Capitals, separators, a
 * plural and the word "cell" at the end do not count.
 *
 * @param type Its name in the reference.
 * @param tissue `heart`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelOfType } from "@/labels/reference_types.ts";
 *
 * assertEquals(labelOfType("CD4_T cells", "lung").label1, "T");
 * assertEquals(labelOfType("LUM+ fibroblast", "lung").by, "ending");
 * assertEquals(labelOfType("Unheard of", "lung").finalLabel, "Unknown");
 * ```
 */
export function labelOfType(type: string, tissue: string): TypeLabel {
  const key = foldType(type);
  const named = BY_TISSUE.get(tissue)?.get(key) ?? BY_NAME.get(key);
  const label1 = named ?? BY_ENDING.find(([ending]) => key.endsWith(ending))?.[1];
  if (label1 === undefined) return { label1: "Unknown", finalLabel: "Unknown", by: "none" };
  return {
    label1,
    finalLabel: FINAL_LABELS[label1],
    by: named === undefined ? "ending" : "name",
  };
}

/** The category of a broad label; `Unknown` if it is none. */
export function finalLabelOf(label1: string): string {
  return Object.hasOwn(FINAL_LABELS, label1) ? FINAL_LABELS[label1] : "Unknown";
}

/**
 * The tissue of a slide: its id up to the last underscore.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tissueOf } from "@/labels/reference_types.ts";
 *
 * assertEquals(tissueOf("bone_marrow_s0"), "bone_marrow");
 * ```
 */
export function tissueOf(slide: string): string {
  const end = slide.lastIndexOf("_");
  return end < 0 ? slide : slide.slice(0, end);
}

function folded(labels: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(labels).map(([type, label1]) => [foldType(type), label1]));
}

function foldType(type: string): string {
  const bare = type.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return bare.replace(/(?:cells?|s)$/, "") || bare;
}
