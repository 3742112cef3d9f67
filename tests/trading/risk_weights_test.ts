// Shrunk covariances and the weights made of them, against scikit-learn 1.9, a quadratic program (CVXPY), skfolio 1.12 and
// López de Prado's own program on the data of his paper.
import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { random } from "../../lib/net/random.ts";
import { shrunkCovariance } from "../../lib/trading/covariance.ts";
import { hierarchicalWeights } from "../../lib/trading/hierarchical_risk_parity.ts";
import { minimumVarianceWeights } from "../../lib/trading/minimum_variance.ts";
import { riskParityWeights } from "../../lib/trading/risk_parity.ts";

/** 40 bars of 5 markets, three of which share a wave that the other two turn round. */
const RETURNS = Float64Array.from({ length: 200 }, (_, i) => {
  const [t, j] = [Math.floor(i / 5), i % 5];
  const shared = 0.008 * Math.sin(0.9 * t) * (j < 3 ? 1 : -0.4);
  return 0.01 * Math.sin(1.7 * t * (j + 1) + j) + shared + 0.001 * j * Math.cos(t * t);
});
/** Rows of its upper triangle by `sklearn.covariance.LedoitWolf`. */
const LEDOIT_WOLF = [
  [
    7.626882091240427e-05,
    1.4804576548041806e-05,
    1.6964395768311917e-05,
    -5.041422083837244e-06,
    -3.9012288333327636e-06,
  ],
  [7.808884924902259e-05, 1.524506299463853e-05, -5.517197752868885e-06, -5.324262395631273e-06],
  [7.80373729204713e-05, -5.6007620318871e-07, -1.0663796579759483e-06],
  [6.740425492711823e-05, 5.247828067031476e-06],
  [6.34999840350382e-05],
];
/** Upper triangle of the covariance of the paper's ten markets (its generateData, 10,000 bars), to four decimals. */
const PAPER = [
  [1.0006, -0.0031, 0.01, -0.0108, -0.005, -0.012, 0.9982, 0.0137, 0.0118, -0.0094],
  [1.009, 0.0086, 0.0073, -0.0095, 0.0118, -0.0094, 0.0028, 0.0101, 1.0133],
  [1.0007, -0.0006, 0.0018, 0.0002, 0.0064, 1.0009, 1.005, 0.008],
  [1.0119, 0.0058, 1.0134, -0.0119, -0.0059, 0.0046, 0.0096],
  [1.0058, 0.0096, -0.0096, 0.0045, 0.0051, -0.0079],
  [1.0768, -0.0139, -0.0051, 0.0053, 0.0132],
  [1.0582, 0.0093, 0.0077, -0.0162],
  [1.0646, 1.0053, 0.0022],
  [1.0726, 0.0099],
  [1.0786],
];

function symmetric(upper: readonly (readonly number[])[]): Float64Array {
  const n = upper.length;
  return Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n].sort((a, b) => a - b);
    return upper[i][j - i];
  });
}

function assertClose(found: Float64Array, expected: readonly number[], tolerance: number): void {
  assertEquals(found.length, expected.length);
  expected.forEach((value, i) =>
    assertAlmostEquals(found[i], value, tolerance, `weight ${i}: ${found[i]} for ${value}`)
  );
}

const paper = symmetric(PAPER);

Deno.test("shrunkCovariance() is scikit-learn's LedoitWolf", () => {
  const before = RETURNS.slice();
  const { covariance, shrinkage } = shrunkCovariance(RETURNS, 5);
  assertAlmostEquals(shrinkage, 0.46586434683467004, 1e-9);
  assertClose(covariance, [...symmetric(LEDOIT_WOLF)], 1e-13);
  assertEquals(RETURNS, before);
});

Deno.test("minimumVarianceWeights() is the quadratic program's, with markets left out where that is least", () => {
  assertClose(
    minimumVarianceWeights(symmetric(LEDOIT_WOLF)),
    [0.17429515079373548, 0.1807370387102012, 0.1377483585217684, 0.24674723494321368, 0.2604722170310814],
    1e-7,
  );
  const weights = minimumVarianceWeights(paper);
  const expected = [
    0.14513055988639564,
    0.19928997432421683,
    0.18282611630674564,
    0.19869906520670327,
    0.20169486172464704,
    0,
    0.05786895955849284,
    0.014490462990267084,
    0,
    0,
  ];
  assertClose(weights, expected, 1e-7);
  assertEquals([weights[5], weights[8], weights[9]], [0, 0, 0]);
});

Deno.test("riskParityWeights() is skfolio's, and the exact solution", () => {
  const weights = riskParityWeights(symmetric(LEDOIT_WOLF));
  assertClose(
    weights,
    [0.1840824772043646, 0.18659749665970068, 0.1714227823213654, 0.22594355556568543, 0.23195368824888396],
    1e-9,
  );
  // skfolio stops sooner.
  assertClose(
    weights,
    [0.18407977155180683, 0.18659286186403612, 0.1714322849280739, 0.2259448875769411, 0.231950194079142],
    2e-5,
  );
});

Deno.test("hierarchicalWeights() is what the paper's program gives, on its own data and on others", () => {
  assertClose(
    hierarchicalWeights(symmetric(LEDOIT_WOLF)),
    [0.17349952023006904, 0.1694557413007443, 0.2047167622354815, 0.21941855739098717, 0.232909418842718],
    1e-9,
  );
  assertClose(
    hierarchicalWeights(paper),
    [
      0.10994888488009794,
      0.06759836326862523,
      0.07596337234568014,
      0.09754174097876085,
      0.19335838354547852,
      0.09166278575075047,
      0.10396414119356082,
      0.07140385751110474,
      0.12532210065940796,
      0.0632363698665333,
    ],
    1e-9,
  );
});

Deno.test("weights of any returns are at least 0, sum to 1, and are what they claim to be", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 1e6 }), (markets, seed) => {
      const stream = random(seed);
      const shared = Float64Array.from({ length: 30 }, () => stream.normal());
      const returns = Float64Array.from(
        { length: 30 * markets },
        (_, i) => (0.3 + i % markets) * stream.normal() + 2 * stream.uniform() * shared[Math.floor(i / markets)],
      );
      const { covariance, shrinkage } = shrunkCovariance(returns, markets);
      assert(shrinkage >= 0 && shrinkage <= 1);
      const times = (w: Float64Array) =>
        w.map((_, i) => w.reduce((sum, value, j) => sum + covariance[i * markets + j] * value, 0));
      const variance = (w: Float64Array) => times(w).reduce((sum, value, i) => sum + value * w[i], 0);
      const [least, even, tree] = [minimumVarianceWeights, riskParityWeights, hierarchicalWeights].map((weigh) => {
        const weights = weigh(covariance);
        assert(weights.every((weight) => weight >= 0));
        assertAlmostEquals(weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-12);
        return weights;
      });
      assert(variance(least) <= Math.min(variance(even), variance(tree)) * (1 + 1e-9));
      // Karush-Kuhn-Tucker: the same marginal variance in all that are held, no less in the others.
      times(least).forEach((marginal, i) => {
        if (least[i] > 0) assertAlmostEquals(marginal / variance(least), 1, 1e-7);
        else assert(marginal >= variance(least) * (1 - 1e-9));
      });
      times(even).forEach((marginal, i) => assertAlmostEquals(marginal * even[i] * markets / variance(even), 1, 1e-9));
    }),
    { numRuns: 200 },
  );
});

Deno.test("covariances and weights refuse what is none", () => {
  assertThrows(() => shrunkCovariance(Float64Array.of(1, 2, 3), 2), TypeError, "at least 2 bars");
  assertThrows(() => shrunkCovariance(Float64Array.of(1, NaN, 3, 4), 2), TypeError, "got NaN at 1");
  for (const weigh of [minimumVarianceWeights, riskParityWeights, hierarchicalWeights]) {
    assertThrows(() => weigh(Float64Array.of(1, 0, 0)), TypeError, "square");
    assertThrows(() => weigh(Float64Array.of(1, 0.5, 0, 1)), RangeError, "symmetric");
    assertThrows(() => weigh(Float64Array.of(1, 0, 0, 0)), RangeError, "above 0");
  }
  assertThrows(() => minimumVarianceWeights(Float64Array.of(1, -2, -2, 1)), RangeError, "positive definite");
});
