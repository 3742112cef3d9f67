/**
 * The primitives of linear algebra: products of matrices, and the solution of a symmetric positive definite system.
 * @module
 */
import { refuse } from "../errors.ts";
import type { Primitive } from "../primitive.ts";
import { sameShape, type Shape, showShape, sizeOf } from "../value.ts";

/** A·B over the last two axes; axes before them must agree. `transposeA` reads A as Aᵀ, `transposeB` B as Bᵀ. */
export const matmul: Primitive<"matmul"> = {
  shape([a, b], { transposeA, transposeB }): Shape {
    const at = a.length - 2;
    const received = `${showShape(a)}${transposeA ? "ᵀ" : ""} and ${showShape(b)}${transposeB ? "ᵀ" : ""}`;
    if (at < 0 || a.length !== b.length || !sameShape(a.slice(0, at), b.slice(0, at))) {
      refuse("multiply matrices", "two matrices, or stacks of them of one size", received);
    }
    const [n, k] = transposeA ? [a[at + 1], a[at]] : [a[at], a[at + 1]];
    const [inner, m] = transposeB ? [b[at + 1], b[at]] : [b[at], b[at + 1]];
    if (k !== inner) refuse("multiply matrices", "inner sizes that agree", received);
    return [...a.slice(0, at), n, m];
  },
  value({ out, outShape, ins: [a, b], shapes: [shapeA], attributes: { transposeA, transposeB } }): void {
    const [n, m] = outShape.slice(-2);
    const k = transposeA ? shapeA[shapeA.length - 2] : shapeA[shapeA.length - 1];
    const [rowA, columnA] = transposeA ? [1, n] : [k, 1];
    const [rowB, columnB] = transposeB ? [1, k] : [m, 1];
    for (let batch = 0; batch * n * m < out.length; batch++) {
      const [atA, atB, at] = [batch * n * k, batch * k * m, batch * n * m];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < m; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) sum += a[atA + i * rowA + l * columnA] * b[atB + l * rowB + j * columnB];
          out[at + i * m + j] = sum;
        }
      }
    }
  },
  // C = A'B' with A' = A or Aᵀ: ∂A' = G B'ᵀ and ∂B' = A'ᵀ G, each transposed back by exchanging the operands.
  gradient(g, { inputs: [a, b], attributes: { transposeA, transposeB } }, upstream) {
    return [
      transposeA
        ? g.matmul(b, upstream, { transposeA: transposeB, transposeB: true })
        : g.matmul(upstream, b, { transposeB: !transposeB }),
      transposeB
        ? g.matmul(upstream, a, { transposeA: true, transposeB: transposeA })
        : g.matmul(a, upstream, { transposeA: !transposeA }),
    ];
  },
};

/** A⁻¹B for A `[n, n]` symmetric positive definite (its lower triangle is read) and B `[n, m]`, by Cholesky. */
export const solve: Primitive<"solve"> = {
  shape([a, b]): Shape {
    if (a.length !== 2 || a[0] !== a[1] || b.length !== 2 || b[0] !== a[0]) {
      refuse("solve", "a square matrix [n, n] and right sides [n, m]", `${showShape(a)} and ${showShape(b)}`);
    }
    return b;
  },
  value({ out, ins: [a, b], shapes: [[n]] }): void {
    const lower = new Float64Array(sizeOf([n, n]));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = a[i * n + j];
        for (let k = 0; k < j; k++) rest -= lower[i * n + k] * lower[j * n + k];
        lower[i * n + j] = i === j ? Math.sqrt(rest) : rest / lower[j * n + j];
      }
    }
    const m = out.length / n;
    out.set(b);
    for (let column = 0; column < m; column++) {
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < i; k++) out[i * m + column] -= lower[i * n + k] * out[k * m + column];
        out[i * m + column] /= lower[i * n + i];
      }
      for (let i = n - 1; i >= 0; i--) {
        for (let k = i + 1; k < n; k++) out[i * m + column] -= lower[k * n + i] * out[k * m + column];
        out[i * m + column] /= lower[i * n + i];
      }
    }
  },
  // X = A⁻¹B: ∂B = A⁻¹G (A is symmetric) and ∂A = −∂B Xᵀ.
  gradient(g, node, upstream) {
    const right = g.solve(node.inputs[0], upstream);
    return [g.neg(g.matmul(right, node, { transposeB: true })), right];
  },
};
