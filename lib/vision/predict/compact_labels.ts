/**
 * The map with labels that fit a table: those larger than its pixels are many are numbered anew, in their
 * order. A file may number nuclei as it likes, and tables by label are as long as the largest.
 *
 * @param labels From 0.
 * @returns The map itself where its labels are small.
 */
export function compactLabels(labels: Int32Array): Int32Array {
  let largest = 0;
  for (let p = 0; p < labels.length; p++) if (labels[p] > largest) largest = labels[p];
  if (largest <= labels.length) return labels;
  const ascending = Int32Array.from(new Set(labels).add(0)).sort();
  const codeOf = new Map(Array.from(ascending, (label, code) => [label, code]));
  return labels.map((label) => codeOf.get(label)!);
}
