/**
 * Blurs an image in place with the separable kernel `side2 side1 centre side1 side2`; the outermost
 * two pixels keep their values.
 *
 * @param scratch As long as `image`.
 */
export function blurInPlace(
  image: Float32Array,
  width: number,
  height: number,
  kernel: readonly [number, number, number],
  scratch: Float32Array,
): void {
  const [k0, k1, k2] = kernel;
  scratch.set(image);
  for (let y = 0; y < height; y++) {
    for (let n = y * width + 2, end = (y + 1) * width - 2; n < end; n++) {
      scratch[n] = k0 * image[n] + k1 * (image[n - 1] + image[n + 1]) +
        k2 * (image[n - 2] + image[n + 2]);
    }
  }
  image.set(scratch);
  for (let y = 2; y < height - 2; y++) {
    for (let n = y * width, end = n + width; n < end; n++) {
      image[n] = k0 * scratch[n] + k1 * (scratch[n - width] + scratch[n + width]) +
        k2 * (scratch[n - 2 * width] + scratch[n + 2 * width]);
    }
  }
}

/** The kernel of a Gaussian of `sigma` pixels, cut at two. */
export function gaussianKernel(sigma: number): readonly [number, number, number] {
  const weights = [0, 1, 2].map((d) => Math.exp(-d * d / (2 * sigma * sigma)));
  const sum = weights[0] + 2 * weights[1] + 2 * weights[2];
  return [weights[0] / sum, weights[1] / sum, weights[2] / sum];
}
