/** A vector with memory of its own. */
export type Vector = Float64Array<ArrayBuffer>;

/** The inner product; two sums hide each other's latency. */
export function dot(a: Float64Array, b: Float64Array): number {
  let [even, odd] = [0, 0];
  const last = a.length - 1;
  for (let i = 0; i < last; i += 2) {
    even += a[i] * b[i];
    odd += a[i + 1] * b[i + 1];
  }
  return even + odd + (last % 2 === 0 ? a[last] * b[last] : 0);
}

/** Length. */
export function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

/** Adds `factor` times a vector to another. */
export function addInto(into: Float64Array, added: Float64Array, factor: number): void {
  for (let i = 0; i < into.length; i++) into[i] += factor * added[i];
}

/** Multiplies a vector by a number. */
export function scale(vector: Float64Array, factor: number): void {
  for (let i = 0; i < vector.length; i++) vector[i] *= factor;
}

/**
 * Takes out of a vector what lies along others at right angles: twice, if what is left is small (Kahan).
 *
 * @returns How far it lay along each.
 */
export function orthogonalise(
  vector: Float64Array,
  basis: readonly Float64Array[],
): Float64Array<ArrayBuffer> {
  const overlaps = new Float64Array(basis.length);
  for (let pass = 0; pass < 2; pass++) {
    const before = norm(vector);
    for (const [k, axis] of basis.entries()) {
      // Loops of their own: calls of dot() and addInto() take half as long again.
      let overlap = 0;
      for (let i = 0; i < vector.length; i++) overlap += vector[i] * axis[i];
      for (let i = 0; i < vector.length; i++) vector[i] -= overlap * axis[i];
      overlaps[k] += overlap;
    }
    if (norm(vector) > 0.7 * before) break;
  }
  return overlaps;
}
