/**
 * Builds values: checks shapes, simplifies, and gives equal operations on equal values one value (hash-consing), so that
 * what gradients share is computed once.
 * @module
 */
import { derivedOps } from "./derived.ts";
import { refuse, showReceived } from "./errors.ts";
import type { Axes, Graph, Operand } from "./graph_type.ts";
import { PRIMITIVES } from "./primitives.ts";
import { simplify } from "./simplify.ts";
import {
  type AttributesOf,
  type ElementwiseOp,
  type LeafOp,
  type Op,
  type PrimitiveOp,
  sameShape,
  type Shape,
  showShape,
  sizeOf,
  type Value,
} from "./value.ts";

/** Constants up to this long are compared by content, longer ones by identity. */
const CONTENT_LENGTH = 1024;

/** A number as text that no other number has. */
function numberKey(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A text that two attributes share where they mean the same: their values in the order in which this file lists them. */
function attributesKey(attributes: object, identity: (data: object) => number): string {
  let key = "";
  for (const value of Object.values(attributes)) {
    if (typeof value === "number") key += ` ${numberKey(value)}`;
    else if (value instanceof Float64Array) {
      key += value.length <= CONTENT_LENGTH ? ` ${Array.from(value, numberKey).join()}` : ` data ${identity(value)}`;
    } else key += ` ${value}`;
  }
  return key;
}

/** The attributes of an operation that has none. */
const NONE: object = Object.freeze({});

/** The shape to which operands broadcast, as NumPy does. */
function commonShape(op: string, operands: readonly Operand[]): Shape {
  const values = operands.filter((operand) => typeof operand !== "number");
  if (values.length > 0 && values.every(({ shape }) => sameShape(shape, values[0].shape))) return values[0].shape;
  let common: Shape = [];
  for (const operand of operands) {
    if (typeof operand === "number") continue;
    const { shape } = operand;
    const rank = Math.max(shape.length, common.length);
    common = Array.from({ length: rank }, (_, i) => {
      const a = common[i - rank + common.length] ?? 1;
      const b = shape[i - rank + shape.length] ?? 1;
      if (a !== b && a !== 1 && b !== 1) {
        const shapes = operands.flatMap((given) => typeof given === "number" ? [] : [showShape(given.shape)]);
        refuse(op, "shapes that broadcast", shapes.join(" and "));
      }
      return a === 1 ? b : a;
    });
  }
  return common;
}

/**
 * Opens an empty graph.
 *
 * @returns The operations that build values in it.
 *
 * @example
 * ```ts
 * import { createGraph, grad, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", [3]);
 * const [slope] = grad(g, g.sum(g.mul(x, g.square(x))), [x]);
 * assertEquals(interpreter(toProgram({ slope }))({ x: [1, 2, 3] }).slope, Float64Array.of(3, 12, 27));
 * ```
 */
export function createGraph(): Graph {
  const values: Value[] = [];
  const known = new Map<string, Value>();
  const identities = new WeakMap<object, number>();
  const inputs = new Map<string, Value>();
  let seen = 0;
  const identity = (data: object): number => {
    if (!identities.has(data)) identities.set(data, seen++);
    return identities.get(data)!;
  };

  function keep<O extends Op>(op: O, inputs: readonly Value[], attributes: AttributesOf[O], shape: Shape): Value {
    let key: string = op;
    for (const { id } of inputs) key += ` ${id}`;
    if (attributes !== NONE) key += attributesKey(attributes, identity);
    const found = known.get(key);
    if (found) return found;
    const value = Object.freeze({
      id: values.length,
      op,
      inputs: Object.freeze(inputs),
      attributes: Object.freeze(attributes),
      shape: Object.freeze(shape),
    }) as unknown as Value;
    values.push(value);
    known.set(key, value);
    return value;
  }

  function leaf<O extends LeafOp>(op: O, attributes: AttributesOf[O], shape: Shape): Value {
    if (listed(`build ${op}`, shape).some((length) => !Number.isInteger(length) || length < 1)) {
      refuse(`build ${op}`, "a shape of whole numbers of at least 1", showShape(shape));
    }
    return keep(op, [], attributes, shape);
  }

  function owns(given: unknown): given is Value {
    return typeof given === "object" && given !== null && values[(given as Value).id] === given;
  }

  function own(op: string, value: Value): Value {
    if (!owns(value)) refuse(op, "a value of this graph", showReceived(value));
    return value;
  }

  function listed(op: string, shape: Shape): Shape {
    if (!Array.isArray(shape)) refuse(op, "a shape such as [4, 2]", showReceived(shape));
    return shape;
  }

  function make<O extends PrimitiveOp>(op: O, inputs: readonly Value[], attributes: AttributesOf[O]): Value {
    for (const input of inputs) own(op, input);
    const shape = PRIMITIVES[op].shape(inputs.map((input) => input.shape), attributes);
    return simplify(g, { op, inputs, attributes, shape }) ?? keep(op, inputs, attributes, shape);
  }

  function constant(data: number | ArrayLike<number>, shape?: Shape): Value {
    const copy = typeof data === "number" ? Float64Array.of(data) : Float64Array.from(data);
    const size = shape ? [...shape] : typeof data === "number" ? [] : [copy.length];
    if (typeof data === "number") return leaf("fill", { value: data, shape: size }, size);
    if (sizeOf(size) !== copy.length) {
      refuse("build a constant", `${sizeOf(size)} numbers for ${showShape(size)}`, `${copy.length}`);
    }
    if (copy.every((value) => Object.is(value, copy[0]))) return leaf("fill", { value: copy[0], shape: size }, size);
    return leaf("constant", { data: copy, shape: size }, size);
  }

  function broadcast(x: Operand, shape: Shape): Value {
    if (typeof x === "number") return constant(x, shape);
    own("broadcast", x);
    listed("broadcast", shape);
    if (sameShape(x.shape, shape)) return x;
    if (x.shape.length > shape.length) {
      refuse("broadcast", `a shape of ${x.shape.length} axes or more`, showShape(shape));
    }
    const lead = new Array<number>(shape.length - x.shape.length).fill(1);
    return make("broadcast", [reshape(x, [...lead, ...x.shape])], { shape: [...shape] });
  }

  const reshape = (x: Value, shape: Shape): Value => make("reshape", [x], { shape: [...listed("reshape", shape)] });

  function elementwise(op: ElementwiseOp): (...operands: Operand[]) => Value {
    return (...operands) => {
      for (const operand of operands) if (typeof operand !== "number") own(op, operand);
      const shape = commonShape(op, operands);
      const inputs = operands.map((operand) => broadcast(operand, shape));
      // The operands of a sum and of a product in one order, so that a + b and b + a are one value.
      if (op === "add" || op === "mul") inputs.sort((a, b) => a.id - b.id);
      return make(op, inputs, NONE);
    };
  }

  function axisOf(x: Value, axis: number): number {
    return axis < 0 ? axis + own("find an axis", x).shape.length : axis;
  }

  function axesOf(x: Value, axes: Axes | undefined): number[] {
    if (axes === undefined) return own("reduce", x).shape.map((_, axis) => axis);
    const list = typeof axes === "number" ? [axes] : axes;
    return [...new Set(list.map((axis) => axisOf(x, axis)))].sort((a, b) => a - b);
  }

  function reduced(x: Value, kept: Value, axes: readonly number[], keep = false): Value {
    return keep ? kept : reshape(kept, x.shape.filter((_, axis) => !axes.includes(axis)));
  }

  const unary = (op: ElementwiseOp): (x: Operand) => Value => elementwise(op);
  const binary = (op: ElementwiseOp): (a: Operand, b: Operand) => Value => elementwise(op);
  const primitives = {
    input(name: string, shape: Shape): Value {
      const found = inputs.get(name);
      if (found && !sameShape(found.shape, shape)) {
        refuse(`take input ${name}`, `the shape that it has, ${showShape(found.shape)}`, showShape(shape));
      }
      const value = found ?? leaf("input", { name }, [...listed(`take input ${name}`, shape)]);
      inputs.set(name, value);
      return value;
    },
    constant,
    add: binary("add"),
    mul: binary("mul"),
    recip: unary("recip"),
    exp: unary("exp"),
    log: unary("log"),
    sqrt: unary("sqrt"),
    abs: unary("abs"),
    sign: unary("sign"),
    step: unary("step"),
    tanh: unary("tanh"),
    softplus: unary("softplus"),
    stop: unary("stop"),
    select: elementwise("select") as Graph["select"],
    matmul: (a, b, { transposeA = false, transposeB = false } = {}) =>
      make("matmul", [a, b], { transposeA, transposeB }),
    solve: (a, b) => make("solve", [a, b], NONE),
    sum(x, axes, { keep } = {}): Value {
      const over = axesOf(x, axes);
      return reduced(x, make("sum", [x], { axes: over }), over, keep);
    },
    max(x, axes, { keep } = {}): Value {
      const over = axesOf(x, axes);
      return reduced(x, over.reduce((rest, axis) => make("max", [rest], { axis }), x), over, keep);
    },
    broadcast,
    reshape,
    transpose(x, order): Value {
      const last = own("transpose", x).shape.length - 1;
      const swapped = x.shape.map((_, axis) => axis < last - 1 ? axis : 2 * last - 1 - axis);
      return make("transpose", [x], { order: [...order ?? swapped] });
    },
    slice(x, axis, { start = 0, end }): Value {
      const at = axisOf(own("slice", x), axis);
      return make("slice", [x], { axis: at, start, end: end ?? x.shape[at] });
    },
    concat(list, axis): Value {
      if (list.length === 0) refuse("concat", "at least one value", "none");
      return make("concat", [...list], { axis: axisOf(own("concat", list[0]), axis) });
    },
    after: (x, earlier) => make("after", [x, earlier], NONE),
    segment(result, roots, others): Value {
      for (const value of [result, ...roots, ...others]) own("mark a segment", value);
      return keep("segment", [result, ...roots, ...others], { roots: roots.length }, result.shape);
    },
    count: () => values.length,
    owns,
    like({ op, attributes, shape }, inputs): Value {
      for (const input of inputs) own(`build ${op} again`, input);
      return keep(op, inputs, attributes, shape);
    },
    gather: (x, index) => make("gather", [x, index], NONE),
    scatter: (x, index, rows) => make("scatter", [x, index], { rows }),
  } satisfies Partial<Graph>;
  const g: Graph = Object.freeze({ ...primitives, ...derivedOps(primitives) });
  return g;
}
