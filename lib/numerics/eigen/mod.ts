export type { Eigensystem } from "./eigensystem.ts";
export { largestEigenvectors, type LargestOptions } from "./largest_eigenvectors.ts";
export {
  leadingEigenvectors,
  type LeadingOptions,
  type SymmetricOperator,
} from "./leading_eigenvectors.ts";
export { symmetricEigensystem } from "./symmetric_eigensystem.ts";
