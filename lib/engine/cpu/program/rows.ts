/**
 * Kernels of rows by index, of rows added at their index, and of symmetric positive definite systems.
 * Addresses are parameters: what is read, the result, and for a system n² numbers of scratch.
 * @module
 */
import { Code, F64, I32, type Local, OP, type Procedure, SIMD } from "./assembler.ts";
import type { RowsSpec } from "./spec.ts";

/** Bytes of a number. */
const LANE = 4;

/** Runs `body` for a local from 0 up to (not including) the number that `end` pushes. */
function count(code: Code, end: () => void, body: (i: Local) => void): void {
  const i = code.local(I32);
  code.i32(0).set(i).forever(() => {
    code.get(i);
    end();
    code.op(OP.i32GeS).op(OP.branchIf, 1);
    body(i);
    code.raise(i, 1).op(OP.branch, 0);
  });
}

/** Pushes base + (i · width + j) · 4; `j` absent is 0. */
function address(code: Code, base: Local, i: Local, width: number, j?: Local): void {
  code.get(i).i32(width).op(OP.i32Mul);
  if (j !== undefined) code.get(j).op(OP.i32Add);
  code.i32(LANE).op(OP.i32Mul).get(base).op(OP.i32Add);
}

/** Runs `found(row)` for each of `entries` of the index at local 1, where it names a row, else `outside`. */
function byIndex(
  code: Code,
  { entries, rows }: { readonly entries: number; readonly rows: number },
  found: (i: Local, row: Local) => void,
  outside?: (i: Local) => void,
): void {
  const row = code.local(I32);
  count(code, () => code.i32(entries), (i) => {
    address(code, 1, i, 1);
    // Rows are whole numbers: what is not (NaN too) becomes row 0 or is cut; the interpreter asks the same of its callers.
    code.scalar(OP.f32Load, 0).op(0xfc, 0).tee(row).i32(0).op(OP.i32GeS);
    code.get(row).i32(rows).op(OP.i32LtS).op(OP.i32And);
    code.when(() => found(i, row), outside && (() => outside(i)));
  });
}

function copyRow(code: Code, width: number, to: () => void, from: () => void): void {
  to();
  from();
  code.i32(width * LANE).copyBytes();
}

function emitGather({ rows, from, width }: RowsSpec): Procedure {
  const code = new Code(3);
  byIndex(
    code,
    { entries: rows, rows: from },
    (i, row) => copyRow(code, width, () => address(code, 2, i, width), () => address(code, 0, row, width)),
    (i) => {
      address(code, 2, i, width);
      code.i32(0).i32(width * LANE).fillBytes();
    },
  );
  return { parameters: 3, body: code.finish() };
}

function emitScatter({ rows, from, width }: RowsSpec): Procedure {
  const code = new Code(3);
  code.get(2).i32(0).i32(rows * width * LANE).fillBytes();
  byIndex(code, { entries: from, rows }, (i, row) => {
    count(code, () => code.i32(width), (j) => {
      address(code, 2, row, width, j);
      address(code, 2, row, width, j);
      code.simd(SIMD.loadSplat, 0, 0);
      address(code, 0, i, width, j);
      code.simd(SIMD.loadSplat, 0, 0).simd(SIMD.add).memory(SIMD.storeLane, 0, 0);
    });
  });
  return { parameters: 3, body: code.finish() };
}

/** x −= Σ a·b over k from `first` up to `end`; sums in float64. */
function emitSolve({ rows: n, width: m }: RowsSpec): Procedure {
  const [a, b, out, lower] = [0, 1, 2, 3];
  const code = new Code(4);
  const rest = code.local(F64);
  const load = (base: Local, i: Local, width: number, j: Local): void => {
    address(code, base, i, width, j);
    code.scalar(OP.f32Load, 0).op(OP.f64Promote);
  };
  const subtract = (x: () => void, y: () => void): void => {
    code.get(rest);
    x();
    y();
    code.op(OP.f64Mul).op(OP.f64Sub).set(rest);
  };
  const put = (base: Local, i: Local, width: number, j: Local, value: () => void): void => {
    address(code, base, i, width, j);
    value();
    code.op(OP.f32Demote).scalar(OP.f32Store, 0);
  };
  const rows = (body: (i: Local) => void): void => count(code, () => code.i32(n), body);
  const above = (i: Local, body: (k: Local) => void): void => count(code, () => code.get(i), body);
  rows((i) => {
    count(code, () => code.get(i), (j) => {
      load(a, i, n, j);
      code.set(rest);
      above(j, (k) => subtract(() => load(lower, i, n, k), () => load(lower, j, n, k)));
      put(lower, i, n, j, () => {
        code.get(rest);
        load(lower, j, n, j);
        code.op(OP.f64Div);
      });
    });
    load(a, i, n, i);
    code.set(rest);
    above(i, (k) => subtract(() => load(lower, i, n, k), () => load(lower, i, n, k)));
    put(lower, i, n, i, () => code.get(rest).op(OP.f64Sqrt));
  });
  const divide = (i: Local, column: Local): void =>
    put(out, i, m, column, () => {
      code.get(rest);
      load(lower, i, n, i);
      code.op(OP.f64Div);
    });
  const row = code.local(I32);
  count(code, () => code.i32(m), (column) => {
    rows((i) => {
      load(b, i, m, column);
      code.set(rest);
      above(i, (k) => subtract(() => load(lower, i, n, k), () => load(out, k, m, column)));
      divide(i, column);
    });
    rows((done) => {
      code.i32(n - 1).get(done).op(OP.i32Sub).set(row);
      load(out, row, m, column);
      code.set(rest);
      const below = code.local(I32);
      above(done, (k) => {
        code.i32(n - 1).get(k).op(OP.i32Sub).set(below);
        subtract(() => load(lower, below, n, row), () => load(out, below, m, column));
      });
      divide(row, column);
    });
  });
  return { parameters: 4, body: code.finish() };
}

/** The kernel of a gather, a scatter or a solve. */
export function emitRows(spec: RowsSpec): Procedure {
  if (spec.kind === "gather") return emitGather(spec);
  return spec.kind === "scatter" ? emitScatter(spec) : emitSolve(spec);
}
