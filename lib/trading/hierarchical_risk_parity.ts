/**
 * Weights by a tree of markets that move together: capital is halved from the root down, in inverse proportion to the variance of
 * each half. It inverts no matrix, so it stands a covariance that is hardly known.
 * @module
 */
import { requireCovariance } from "./covariance.ts";

/** Distance of two markets by their correlations with all: Euclidean, of the columns of √((1 − ρ) / 2). `[n, n]` */
function distances(covariance: Float64Array, markets: number): Float64Array {
  const near = covariance.map((value, i) => {
    const [row, column] = [Math.floor(i / markets), i % markets];
    const correlation = value /
      Math.sqrt(covariance[row * markets + row] * covariance[column * markets + column]);
    return Math.sqrt(Math.max(0, (1 - correlation) / 2));
  });
  return covariance.map((_, i) => {
    const [row, column] = [Math.floor(i / markets), i % markets];
    let squares = 0;
    for (let k = 0; k < markets; k++) squares += (near[row * markets + k] - near[column * markets + k]) ** 2;
    return Math.sqrt(squares);
  });
}

/** Markets in the order of the leaves of their tree by single linkage, the cluster that was made first on the left. */
function leafOrder(distance: Float64Array, markets: number): number[] {
  let clusters = Array.from({ length: markets }, (_, i) => ({ id: i, leaves: [i] }));
  const between = (a: readonly number[], b: readonly number[]): number => {
    let least = Infinity;
    for (const i of a) for (const j of b) least = Math.min(least, distance[i * markets + j]);
    return least;
  };
  for (let id = markets; clusters.length > 1; id++) {
    let nearest = { left: clusters[0], right: clusters[1], distance: Infinity };
    clusters.forEach((left, i) => {
      for (const right of clusters.slice(i + 1)) {
        const apart = between(left.leaves, right.leaves);
        if (apart < nearest.distance) nearest = { left, right, distance: apart };
      }
    });
    const { left, right } = nearest;
    clusters = [
      ...clusters.filter((one) => one !== left && one !== right),
      { id, leaves: [...left.leaves, ...right.leaves] },
    ];
  }
  return clusters[0].leaves;
}

/** Variance of some markets held in inverse proportion to their own variances. */
function clusterVariance(covariance: Float64Array, markets: number, members: readonly number[]): number {
  const calm = members.map((i) => 1 / covariance[i * markets + i]);
  const sum = calm.reduce((total, value) => total + value, 0);
  let variance = 0;
  members.forEach((i, a) =>
    members.forEach((j, b) => variance += calm[a] * calm[b] * covariance[i * markets + j] / (sum * sum))
  );
  return variance;
}

/**
 * Hierarchical risk parity (López de Prado 2016, "Building diversified portfolios that outperform out of sample"): tree
 * clustering by single linkage, quasi-diagonalisation, recursive bisection, as its snippets have it.
 *
 * @param covariance `[markets, markets]` row-major, symmetric, such as from `shrunkCovariance`.
 * @returns Weights above 0 that sum to 1, `[markets]`.
 * @throws {TypeError} The matrix is not square.
 * @throws {RangeError} It is not symmetric, or a variance is not above 0.
 *
 * @example Two markets that are one share what the third has alone
 * ```ts
 * import { hierarchicalWeights } from "@adaptrade/adaptrade/trading";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [, , alone] = hierarchicalWeights(Float64Array.of(1, 0.99, 0, 0.99, 1, 0, 0, 0, 1));
 * assertAlmostEquals(alone, 0.5, 0.01);
 * ```
 */
export function hierarchicalWeights(covariance: Float64Array): Float64Array {
  const markets = requireCovariance("Cannot weigh by a hierarchy", covariance);
  const weights = new Float64Array(markets).fill(1);
  let parts = [leafOrder(distances(covariance, markets), markets)];
  while (parts.length > 0) {
    parts = parts.flatMap((part) => {
      if (part.length < 2) return [];
      const half = Math.floor(part.length / 2);
      const [left, right] = [part.slice(0, half), part.slice(half)];
      const [risk, other] = [left, right].map((members) => clusterVariance(covariance, markets, members));
      const share = 1 - risk / (risk + other);
      for (const i of left) weights[i] *= share;
      for (const i of right) weights[i] *= 1 - share;
      return [left, right];
    });
  }
  return weights;
}
