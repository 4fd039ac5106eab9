/**
 * The binomial of ten sums of neighbours, and nine of these and a difference: done without products, and
 * known by their identity.
 */
export const BINOMIAL_10 = Float64Array.of(1, 10, 45, 120, 210, 252, 210, 120, 45, 10, 1);
export const DERIVATIVE_10 = Float64Array.of(-1, -8, -27, -48, -42, 0, 42, 48, 27, 8, 1);

/**
 * Convolves the first `length` values of a line with the factors of a kernel, one after another, in
 * place. Each factor takes its number of weights less one from the length; the result begins at 0.
 * Values that are needed again stay in registers.
 *
 * @param factors Weights; six and odd numbers of them are symmetric (but `DERIVATIVE_10`).
 */
export function filterLine(
  line: Float64Array,
  length: number,
  factors: readonly Float64Array[],
): void {
  let left = length;
  for (const weights of factors) {
    left -= weights.length - 1;
    if (weights === BINOMIAL_10) addTenTimes(line, left, 1);
    else if (weights === DERIVATIVE_10) addTenTimes(line, left, -1);
    else if (weights.length === 2) filterTwo(line, left, weights);
    else if (weights.length === 3) filterThree(line, left, weights);
    else if (weights.length === 5) filterFive(line, left, weights);
    else if (weights.length === 6) filterSix(line, left, weights);
    else if (weights.length % 2 === 1) filterOdd(line, left, weights);
    else filterEven(line, left, weights);
  }
}

/**
 * Adds to each value the one before it, ten times over; the first time with a sign. `a` to `j` are the
 * values before, of the line as it is and after one to nine times. Two values a turn: `t` and `u`.
 */
function addTenTimes(line: Float64Array, length: number, sign: 1 | -1): void {
  let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0;
  for (let from = 0; from < length + 10; from += 2) {
    const t0 = line[from], u0 = line[from + 1];
    const t1 = t0 + sign * a, u1 = u0 + sign * t0;
    const t2 = t1 + b, u2 = u1 + t1, t3 = t2 + c, u3 = u2 + t2, t4 = t3 + d, u4 = u3 + t3;
    const t5 = t4 + e, u5 = u4 + t4, t6 = t5 + f, u6 = u5 + t5, t7 = t6 + g, u7 = u6 + t6;
    const t8 = t7 + h, u8 = u7 + t7, t9 = t8 + i, u9 = u8 + t8;
    if (from >= 10) {
      line[from - 10] = t9 + j;
      line[from - 9] = u9 + t9;
    }
    a = u0;
    b = u1;
    c = u2;
    d = u3;
    e = u4;
    f = u5;
    g = u6;
    h = u7;
    i = u8;
    j = u9;
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
