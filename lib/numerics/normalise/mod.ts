export { type FloatMatrix, log1p, normaliseTotal, rowTotals } from "./normalise_total.ts";
export { takeRows } from "./take_rows.ts";
