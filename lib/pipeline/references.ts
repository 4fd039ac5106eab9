import type { Disk } from "@/core/disk.ts";
import type { DownloadLink } from "@/fetch/mod.ts";
import { tissueOf } from "@/labels/mod.ts";
import { SIMULATED_FILES } from "@/simulate/mod.ts";
import referenceFile from "../../data/references.json" with { type: "json" };
import { isSimulatedBundle } from "./simulated_bundle.ts";

/** A single-cell atlas that the published analysis used. */
export interface Reference {
  /** `disco_heart_v01`: its name among the files. */
  readonly key: string;
  /** Tissues that it stands for. */
  readonly tissues: readonly string[];
  /** Who made it. */
  readonly source: string;
  /** Address of those who offer it. */
  readonly page: string;
  /** `h5ad`, or `3CA` for a folder of the Curated Cancer Cell Atlas. */
  readonly format: string;
  /** Published number of cells. */
  readonly cells: number;
  /** Published number of genes. */
  readonly genes: number;
  /** Column of the types. */
  readonly labelKey: string;
  /** Links to its files, where they are known. */
  readonly downloads?: readonly DownloadLink[];
}

/** Every reference of the published analysis. */
export const references: readonly Reference[] = referenceFile.references;

/**
 * The reference of a tissue, `undefined` for one that was not published.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { referenceOf } from "@/pipeline/references.ts";
 *
 * assertEquals(referenceOf("cervix")?.key, "disco_ovarian_cancer_v1.0");
 * ```
 */
export function referenceOf(tissue: string): Reference | undefined {
  return references.find(({ tissues }) => tissues.includes(tissue));
}

/**
 * Finds the reference of a slide: of its tissue under `data/references`, by the published name or the
 * tissue's, else the one that was simulated with the bundle.
 *
 * @param data Folder of what users bring, absolute.
 * @param bundle The slide's bundle, if it has one.
 */
export async function findReference(
  disk: Disk,
  data: string,
  slide: string,
  bundle: string | undefined,
): Promise<string | undefined> {
  const tissue = tissueOf(slide);
  const names = [referenceOf(tissue)?.key, tissue].filter((name) => name !== undefined);
  for (const name of names.flatMap((name) => [`${name}.h5ad`, `${name}.h5`, name])) {
    const path = `${data}/references/${name}`;
    if (await disk.stat(path) !== undefined) return path;
  }
  if (!await isSimulatedBundle(disk, bundle)) return undefined;
  const simulated = `${bundle}/${SIMULATED_FILES.reference}`;
  return await disk.stat(simulated) === undefined ? undefined : simulated;
}
