import { SthelarError } from "@/core/errors.ts";
import type { CountSource } from "@/numerics/scvi/mod.ts";
import type { CountFile } from "./count_file.ts";
import type { GatheredCounts } from "./gather_counts.ts";

/** Fewer cells than this cannot be split into those to train on and those to validate with. */
const FEWEST_CELLS = 10;

/** What a model is trained on: some genes, and the cells that have any of them. */
export interface ModelCounts extends CountSource {
  /** Names of the kept genes. */
  readonly geneNames: readonly string[];
  /** Row of the file of each row. */
  readonly fileRows: Int32Array;
  /** Place of the slide of each row. */
  readonly samples: Int32Array;
  /** Cells that have none of the genes. */
  readonly withoutCounts: number;
}

/**
 * The genes that are not zero in too many slides.
 *
 * @param zeroShare Genes that sum to zero in this share of the slides, or more, are dropped.
 * @returns Columns, rising.
 */
export function sharedGenes(
  { genes, slides }: Pick<GatheredCounts, "genes" | "slides">,
  zeroShare: number,
): Int32Array {
  const kept = genes.flatMap((_, gene) => {
    const zero = slides.filter(({ geneSums }) => geneSums[gene] === 0).length;
    return zero < zeroShare * slides.length - 1e-9 ? [gene] : [];
  });
  return Int32Array.from(kept);
}

/**
 * The counts that a model is trained on.
 *
 * @throws {SthelarError} `InvalidArgument` if hardly a gene or cell is left.
 */
export function modelCounts(gathered: GatheredCounts, zeroShare: number): ModelCounts {
  const { file, genes, slides } = gathered;
  const kept = sharedGenes(gathered, zeroShare);
  if (kept.length < 2) {
    throw tooFew(`${kept.length} of ${genes.length} genes that enough slides have`, "2");
  }
  const columnOf = new Int32Array(genes.length).fill(-1);
  kept.forEach((gene, column) => columnOf[gene] = column);
  const { fileRows, samples } = countedRows(file, slides.map(({ rows }) => rows.length), columnOf);
  if (fileRows.length < FEWEST_CELLS) {
    throw tooFew(`${fileRows.length} cells that have any of them`, String(FEWEST_CELLS));
  }
  return {
    rows: fileRows.length,
    genes: kept.length,
    geneNames: Array.from(kept, (gene) => genes[gene]),
    ...{ fileRows, samples },
    withoutCounts: file.rows - fileRows.length,
    fill(rows, into) {
      into.fill(0);
      rows.forEach((row, i) => file.addRow(fileRows[row], into, i * kept.length, columnOf));
    },
  };
}

/** Rows that have any of the kept genes, and the place of the slide of each. */
function countedRows(file: CountFile, sizes: readonly number[], columnOf: Int32Array) {
  const fileRows = new Int32Array(file.rows);
  const samples = new Int32Array(file.rows);
  let count = 0, row = 0;
  for (const [sample, size] of sizes.entries()) {
    for (const end = row + size; row < end; row++) {
      if (!file.hasAny(row, columnOf)) continue;
      fileRows[count] = row;
      samples[count++] = sample;
    }
  }
  return { fileRows: fileRows.slice(0, count), samples: samples.slice(0, count) };
}

function tooFew(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot train scVI on the slides together",
    found,
    expected: `at least ${expected}`,
    remedy: "raise zeroShare, lower minTranscripts, or take slides of one panel",
  });
}
