/**
 * Convolves the first `length` values of a line with the factors of a kernel, one after another, in
 * place. Each factor takes its number of weights less one from the length; the result begins at 0.
 * Values that are needed again stay in registers.
 *
 * @param factors Weights; six and odd numbers of them are symmetric.
 */
export function filterLine(
  line: Float64Array,
  length: number,
  factors: readonly Float64Array[],
): void {
  let left = length;
  for (const weights of factors) {
    left -= weights.length - 1;
    if (weights.length === 2) filterTwo(line, left, weights);
    else if (weights.length === 3) filterThree(line, left, weights);
    else if (weights.length === 5) filterFive(line, left, weights);
    else if (weights.length === 6) filterSix(line, left, weights);
    else if (weights.length % 2 === 1) filterOdd(line, left, weights);
    else filterEven(line, left, weights);
  }
}

function filterTwo(line: Float64Array, length: number, weights: Float64Array): void {
  const left = weights[0], right = weights[1];
  for (let i = 0; i < length; i++) line[i] = line[i] * left + line[i + 1] * right;
}

function filterThree(line: Float64Array, length: number, weights: Float64Array): void {
  const middle = weights[1], side = weights[0];
  let a = line[0], b = line[1];
  for (let i = 0; i < length; i++) {
    const c = line[i + 2];
    line[i] = b * middle + (a + c) * side;
    a = b;
    b = c;
  }
}

function filterFive(line: Float64Array, length: number, weights: Float64Array): void {
  const middle = weights[2], near = weights[1], end = weights[0];
  let a = line[0], b = line[1], c = line[2], d = line[3];
  for (let i = 0; i < length; i++) {
    const e = line[i + 4];
    line[i] = c * middle + (b + d) * near + (a + e) * end;
    a = b;
    b = c;
    c = d;
    d = e;
  }
}

function filterSix(line: Float64Array, length: number, weights: Float64Array): void {
  const near = weights[2], far = weights[1], end = weights[0];
  let a = line[0], b = line[1], c = line[2], d = line[3], e = line[4];
  for (let i = 0; i < length; i++) {
    const f = line[i + 5];
    line[i] = (c + d) * near + (b + e) * far + (a + f) * end;
    a = b;
    b = c;
    c = d;
    d = e;
    e = f;
  }
}

function filterOdd(line: Float64Array, length: number, weights: Float64Array): void {
  const middle = weights.length >> 1;
  for (let i = 0; i < length; i++) {
    let sum = line[i + middle] * weights[middle];
    for (let k = 0; k < middle; k++) sum += (line[i + k] + line[i + 2 * middle - k]) * weights[k];
    line[i] = sum;
  }
}

function filterEven(line: Float64Array, length: number, weights: Float64Array): void {
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let k = 0; k < weights.length; k++) sum += line[i + k] * weights[k];
    line[i] = sum;
  }
}
