/**
 * A kernel density over configurations as positions: a product of one kernel a parameter, normal and cut to [0, 1] for numbers,
 * Aitchison & Aitken's (1976) for choices. What is not there in a point is filled in by draws before.
 * @module
 */
import type { Random } from "../net/random.ts";
import { normalCdf, normalQuantile } from "../statistics/normal.ts";
import { type Configuration, isThere, type Parameter, type Space } from "./space.ts";
import { positionOf } from "./unit.ts";

/** No kernel is narrower, on the unit interval. */
const LEAST_WIDTH = 1e-3;

/** A density, from points. */
export interface Density {
  /** Points, `[points][parameters]`, positions on the unit interval. */
  readonly points: readonly (readonly number[])[];
  /** Width of the kernel of each parameter; for a choice, the probability of another value. */
  readonly widths: readonly number[];
  /** How many values each parameter has, 0 for numbers. */
  readonly counts: readonly number[];
}

function countOf(parameter: Parameter): number {
  return parameter.kind === "choice" ? parameter.values.length : 0;
}

/**
 * Configurations as positions; a parameter that is not there gets the position of one of the others that has it, or any.
 *
 * @param space The space.
 * @param configurations What was tried.
 * @param stream Draws what is not there.
 */
export function pointsOf(
  space: Space,
  configurations: readonly Configuration[],
  stream: Random,
): readonly (readonly number[])[] {
  const parameters = Object.entries(space);
  const known = parameters.map(([name, parameter]) =>
    configurations.filter((configuration) => isThere(parameter, configuration))
      .map((configuration) => positionOf(parameter, configuration[name]))
  );
  return configurations.map((configuration) =>
    parameters.map(([name, parameter], j) => {
      if (isThere(parameter, configuration)) return positionOf(parameter, configuration[name]);
      return known[j].length > 0 ? known[j][stream.integer(known[j].length)] : stream.uniform();
    })
  );
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
}

/**
 * Fits a density: widths by the normal reference rule, `1.06 σ n^(−1/(4 + d))`, σ of a choice that of its values' numbers.
 *
 * @param space The space.
 * @param points From {@linkcode pointsOf}, at least one.
 */
export function fitDensity(space: Space, points: readonly (readonly number[])[]): Density {
  const counts = Object.values(space).map(countOf);
  const shrink = 1.06 * points.length ** (-1 / (4 + counts.length));
  const widths = counts.map((count, j) => {
    const spread = shrink * deviation(points.map((point) => point[j] * Math.max(1, count)));
    return Math.max(LEAST_WIDTH, count === 0 ? spread : Math.min((count - 1) / count, spread));
  });
  return { points, widths, counts };
}

function choiceAt(position: number, count: number): number {
  return Math.min(count - 1, Math.floor(position * count));
}

/** One parameter's kernel around a point's position; up to a factor that all points share for equal `at`: none. */
function kernel(at: number, position: number, { width, count }: { width: number; count: number }): number {
  if (count === 1) return 1;
  if (count > 0) return choiceAt(at, count) === choiceAt(position, count) ? 1 - width : width / (count - 1);
  const inside = normalCdf((1 - position) / width) - normalCdf(-position / width);
  return Math.exp(-0.5 * ((at - position) / width) ** 2) / (width * Math.sqrt(2 * Math.PI) * inside);
}

/** The density at positions, `[parameters]`. */
export function densityAt({ points, widths, counts }: Density, at: readonly number[]): number {
  let sum = 0;
  for (const point of points) {
    let product = 1;
    for (let j = 0; j < at.length; j++) {
      product *= kernel(at[j], point[j], { width: widths[j], count: counts[j] });
    }
    sum += product;
  }
  return sum / points.length;
}

/** Draws positions around one of the points, from kernels `factor` times as wide. */
export function drawNear({ points, widths, counts }: Density, stream: Random, factor: number): readonly number[] {
  const point = points[stream.integer(points.length)];
  return point.map((position, j) => {
    const [count, drawn] = [counts[j], stream.uniform()];
    if (count > 0) {
      const width = Math.min(1, widths[j] * factor);
      return drawn < width ? stream.uniform() : position;
    }
    const width = widths[j] * factor;
    const low = normalCdf(-position / width);
    const high = normalCdf((1 - position) / width);
    const share = low + drawn * (high - low);
    const z = share > 0 && share < 1 ? normalQuantile(share) : 0;
    return Math.min(1, Math.max(0, position + width * z));
  });
}
