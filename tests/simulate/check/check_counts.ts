import { type BundleParts, namesIn } from "./bundle_parts.ts";
import { sameCounts, type StoredMatrix } from "./stored_matrix.ts";

const MIN_QV = 20;
/** Columns of `cells` by the features that they count; blank codewords have none. */
const TYPE_COLUMNS = new Map([
  ["Gene Expression", "transcript_counts"],
  ["Negative Control Probe", "control_probe_counts"],
  ["Genomic Control", "genomic_control_counts"],
  ["Negative Control Codeword", "control_codeword_counts"],
  ["Unassigned Codeword", "unassigned_codeword_counts"],
  ["Deprecated Codeword", "deprecated_codeword_counts"],
]);
const PROTEIN = "Protein Expression";

/** Matrix, columns of `cells` and good transcripts of cells count the same. */
export function countFaults(parts: BundleParts): string[] {
  const tally = tallyTranscripts(parts);
  if (typeof tally === "string") return [tally];
  return [
    ...typeFaults(parts),
    ...parts.matrices.flatMap((matrix) => matrixFaults(parts, matrix, tally)),
    ...agreementFaults(parts.matrices),
  ];
}

/** The id of a transcript that is in no cell. */
export function unassignedId({ preset }: BundleParts): string {
  return preset.ids === "integer" ? "-1" : "UNASSIGNED";
}

/** Good transcripts of each cell by feature name, or what is wrong with one. */
function tallyTranscripts(parts: BundleParts): Map<string, number>[] | string {
  const { transcripts, cells, matrices: [matrix] } = parts;
  const rowOf = new Map(namesIn(cells, "cell_id").map((id, row) => [id, row]));
  const known = new Set(matrix.names);
  const tally = Array.from(rowOf, () => new Map<string, number>());
  const qv = transcripts.numbers("qv"), lost = unassignedId(parts);
  const ids = namesIn(transcripts, "cell_id"), features = namesIn(transcripts, "feature_name");
  for (let i = 0; i < transcripts.rowCount; i++) {
    if (!known.has(features[i])) return `a transcript of "${features[i]}"`;
    if (ids[i] === lost) continue;
    const row = rowOf.get(ids[i]);
    if (row === undefined) return `a transcript in "${ids[i]}"`;
    if (qv[i] < MIN_QV) continue;
    tally[row].set(features[i], (tally[row].get(features[i]) ?? 0) + 1);
  }
  return tally;
}

/** Types are those of the version. */
function typeFaults({ preset, matrices }: BundleParts): string[] {
  const expected = [
    "Gene Expression",
    "Negative Control Probe",
    "Negative Control Codeword",
    preset.unassignedType,
    ...(preset.deprecatedCodewords ? ["Deprecated Codeword"] : []),
    ...(preset.genomicControls ? ["Genomic Control"] : []),
    ...(preset.proteins.length > 0 ? [PROTEIN] : []),
  ];
  return matrices.flatMap(({ format, types, scalingFactor }) => {
    const found = [...new Set(types)];
    const hasFactor = scalingFactor !== undefined;
    return [
      ...(String(found) === String(expected) ? [] : [`${format}: feature types ${found}`]),
      ...(hasFactor === (format === "h5" && preset.proteins.length > 0)
        ? []
        : [`${format}: protein_scaling_factor is ${scalingFactor}`]),
    ];
  });
}

function matrixFaults(
  { cells }: BundleParts,
  { format, cells: counts, names, types, faults }: StoredMatrix,
  tally: readonly ReadonlyMap<string, number>[],
): string[] {
  const totals = new Float64Array(counts.length);
  const byColumn = new Map([...TYPE_COLUMNS.values()].map((name) => [name, totals.slice()]));
  for (const [row, cell] of counts.entries()) {
    let pairs = 0;
    for (const [feature, count] of cell) {
      if (types[feature] === PROTEIN) continue;
      pairs++;
      if (tally[row].get(names[feature]) !== count) {
        return [...faults, `${format}: cell ${row}, ${names[feature]}: the tally differs`];
      }
      totals[row] += count;
      const column = byColumn.get(TYPE_COLUMNS.get(types[feature]) ?? "");
      if (column !== undefined) column[row] += count;
    }
    if (pairs !== tally[row].size) return [...faults, `${format}: cell ${row} lacks features`];
  }
  byColumn.set("total_counts", totals);
  const different = [...byColumn].filter(([name, sums]) =>
    cells.has(name) && sums.some((sum, row) => sum !== Number(cells.numbers(name)[row]))
  );
  return [...faults, ...different.map(([name]) => `${format}: ${name} differs from the matrix`)];
}

/** Copies of the matrix in several formats are equal, proteins included. */
function agreementFaults([first, ...others]: readonly StoredMatrix[]): string[] {
  return others.flatMap(({ format, names, types, cells }) => {
    const isSame = String(names) === String(first.names) && String(types) === String(first.types) &&
      cells.every((cell, row) => sameCounts(cell, first.cells[row]));
    return isSame ? [] : [`${format} and ${first.format} differ`];
  });
}
