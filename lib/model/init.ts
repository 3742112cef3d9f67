/**
 * Initial parameters by the shape of their part.
 * @module
 */
import type { Random } from "../net/random.ts";
import type { Shape } from "../program/value.ts";
import { type ModelPart, partsOf } from "./model.ts";

/** Standard deviation of a part: Glorot's for what multiplies (Glorot & Bengio 2010, eq. 12), 0 for vectors. */
function glorot({ shape }: ModelPart): number {
  if (shape.length < 2) return 0;
  const [inputs, outputs] = shape.slice(-2);
  const taps = shape.slice(0, -2).reduce((product, length) => product * length, 1);
  return Math.sqrt(2 / (taps * inputs + outputs));
}

/**
 * Draws parts one after another: normal with Glorot's variance, 2 / (taps · in + out), where a part is a matrix or a stack of
 * them, zeros where it is a vector.
 *
 * @param shapes Shapes by name.
 * @param stream Where to draw from; it advances.
 * @param given Numbers to use instead, by name.
 */
export function drawParts(
  shapes: Readonly<Record<string, Shape>>,
  stream: Random,
  given: Readonly<Record<string, ArrayLike<number>>> = {},
): Float32Array {
  const parts = partsOf(shapes);
  const flat = new Float32Array(parts[parts.length - 1].end);
  for (const part of parts) {
    const deviation = glorot(part);
    if (Object.hasOwn(given, part.name)) flat.set(given[part.name], part.start);
    else if (deviation > 0) {
      for (let i = part.start; i < part.end; i++) flat[i] = deviation * stream.normal();
    }
  }
  return flat;
}
