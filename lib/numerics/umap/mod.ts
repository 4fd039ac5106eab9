export { type Curve, fitCurve } from "./fit_curve.ts";
export { umap, type UmapOptions } from "./umap.ts";
