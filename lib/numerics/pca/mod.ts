export { type Pca, pca, type PcaOptions } from "./pca.ts";
