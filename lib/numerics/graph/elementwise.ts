import { sumTo, unexpanded } from "./broadcast.ts";
import { both, cast, greater, greaterOrEqual, lessOrEqual, sign } from "./compare.ts";
import { asTensors, type Operand, type Tensor, type Vjp } from "./tape.ts";
import { broadcastShape, misfit, requireFloat } from "./tensor_type.ts";

/** `a + b`, broadcast. */
export function add(a: Operand, b: Operand): Tensor {
  return binary("add", "Add", a, b, () => [(g) => g, (g) => g]);
}

/** `a − b`, broadcast. */
export function sub(a: Operand, b: Operand): Tensor {
  return binary("sub", "Sub", a, b, () => [(g) => g, (g) => neg(g)]);
}

/** `a · b`, value by value, broadcast. */
export function mul(a: Operand, b: Operand): Tensor {
  return binary("mul", "Mul", a, b, (x, y) => [(g) => mul(g, y), (g) => mul(g, x)]);
}

/** `a / b`, value by value, broadcast. */
export function div(a: Operand, b: Operand): Tensor {
  return binary("div", "Div", a, b, (_, y) => [
    (g) => div(g, y),
    (g, quotient) => neg(mul(div(g, y), quotient)),
  ]);
}

/** `a` to the power `b`, broadcast. For a gradient in `b`, `a` must be positive. */
export function pow(a: Operand, b: Operand): Tensor {
  return binary("pow", "Pow", a, b, (x, y) => [
    (g) => mul(g, mul(y, pow(x, typeof b === "number" ? b - 1 : sub(y, 1)))),
    (g, power) => mul(g, mul(power, log(x))),
  ]);
}

/** `a` where `condition`, else `b`, broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const [x, y] = asTensors("where", a, b);
  const branches = broadcastShape(x.shape, y.shape);
  const shape = branches && broadcastShape(condition.shape, branches);
  if (shape === undefined || condition.dtype !== "bool" || x.dtype !== y.dtype) {
    throw misfit("where", [condition, x, y], "bool, then two of one type, and shapes that fit");
  }
  return x.tape.emit({
    operation: "where",
    onnx: "Where",
    inputs: [condition, x, y],
    shape,
    dtype: x.dtype,
    differentiation: [
      undefined,
      (g) => sumTo(where(condition, g, 0), x.shape),
      (g) => sumTo(where(condition, 0, g), y.shape),
    ],
  });
}

/** The larger of `a` and `b`, broadcast; equal ones share the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  const share = (x: Tensor, y: Tensor) =>
    mul(add(cast(greater(x, y), x.dtype), cast(greaterOrEqual(x, y), x.dtype)), 0.5);
  return binary("maximum", "Max", a, b, (x, y) => [
    (g) => mul(g, share(x, y)),
    (g) => mul(g, share(y, x)),
  ]);
}

/** `−x`. */
export function neg(x: Tensor): Tensor {
  return unary("neg", "Neg", x, (g) => neg(g));
}

/** `e` to the power `x`. */
export function exp(x: Tensor): Tensor {
  return unary("exp", "Exp", x, (g, y) => mul(g, y));
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return unary("log", "Log", x, (g) => div(g, x));
}

/** Square root; its gradient at 0 is not finite. */
export function sqrt(x: Tensor): Tensor {
  return unary("sqrt", "Sqrt", x, (g, y) => div(mul(g, 0.5), y));
}

/** `x · x`. */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** Absolute value; its gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return unary("abs", "Abs", x, (g) => mul(g, sign(x)));
}

/** `max(x, 0)`; its gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return unary("relu", "Relu", x, (g) => mul(g, cast(greater(x, 0), x.dtype)));
}

/** `1 / (1 + e^−x)`. */
export function sigmoid(x: Tensor): Tensor {
  return unary("sigmoid", "Sigmoid", x, (g, y) => mul(g, mul(y, sub(1, y))));
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return unary("tanh", "Tanh", x, (g, y) => mul(g, sub(1, square(y))));
}

/** `log(1 + e^x)`; float32 alone. */
export function softplus(x: Tensor): Tensor {
  requireFloat32("softplus", x);
  return unary("softplus", "Softplus", x, (g) => mul(g, sigmoid(x)));
}

/** The error function; float32 alone. */
export function erf(x: Tensor): Tensor {
  requireFloat32("erf", x);
  const slope = 2 / Math.sqrt(Math.PI);
  return unary("erf", "Erf", x, (g) => mul(g, mul(exp(neg(square(x))), slope)));
}

/** `x` limited to `[low, high]`; its gradient passes at the limits, as in PyTorch. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  requireFloat("clip", x);
  const limits = [x.tape.literal(low, x.dtype), x.tape.literal(high, x.dtype)];
  const inside = () => both(greaterOrEqual(x, low), lessOrEqual(x, high));
  return x.tape.emit({
    operation: "clip",
    onnx: "Clip",
    inputs: [x, ...limits],
    shape: x.shape,
    differentiation: [(g) => where(inside(), g, 0), undefined, undefined],
  });
}

/** The values of `x` through which no gradient flows. */
export function stopGradient(x: Tensor): Tensor {
  return x.tape.emit({
    operation: "stopGradient",
    onnx: "Identity",
    inputs: [x],
    shape: x.shape,
    differentiation: "constant",
  });
}

function requireFloat32(operation: string, x: Tensor): void {
  if (x.dtype !== "float32") throw misfit(operation, [x], "float32");
}

function unary(operation: string, onnx: string, x: Tensor, vjp: Vjp): Tensor {
  requireFloat(operation, x);
  return x.tape.emit({ operation, onnx, inputs: [x], shape: x.shape, differentiation: [vjp] });
}

/** `vjps` work on the broadcast shape; what was repeated is summed here. */
function binary(
  operation: string,
  onnx: string,
  a: Operand,
  b: Operand,
  vjps: (x: Tensor, y: Tensor) => readonly [Vjp, Vjp],
): Tensor {
  const [first, second] = asTensors(operation, a, b);
  const shape = broadcastShape(first.shape, second.shape);
  if (shape === undefined) throw misfit(operation, [first, second], "shapes that broadcast");
  if (first.dtype !== second.dtype || first.dtype === "bool") {
    throw misfit(operation, [first, second], "numbers of one type");
  }
  const x = unexpanded(first, second.shape, shape);
  const y = unexpanded(second, x.shape, shape);
  const [forX, forY] = vjps(x, y);
  return x.tape.emit({
    operation,
    onnx,
    inputs: [x, y],
    shape,
    differentiation: [
      (gradient, output) => sumTo(forX(gradient, output), x.shape),
      (gradient, output) => sumTo(forY(gradient, output), y.shape),
    ],
  });
}
