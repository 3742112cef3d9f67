import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  covarianceWindow,
  portfolioTargets,
  type PortfolioWeighting,
  type WeighedMarket,
} from "../../lib/trading/portfolio_weights.ts";

const MARKET: WeighedMarket = { size: 1, prediction: 0.01, volatility: 0.02, horizon: 1, held: 0 };

Deno.test("portfolioTargets() by return over risk maximises its objective, the no-trade zone included", () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(
      real(-0.02, 0.02),
      real(0.005, 0.05),
      real(-1, 1),
      real(0, 0.01),
      (prediction, volatility, held, kappa) => {
        const weighting = { kind: "return-over-risk", riskAversion: 3, turnoverPenalty: kappa } as const;
        const [target] = portfolioTargets([{ ...MARKET, prediction, volatility, held }], { weighting, maxGross: 1e9 });
        const value = (f: number): number =>
          f * prediction - 1.5 * f * f * volatility * volatility - kappa * Math.abs(f - held);
        for (const step of [1e-3, 0.1, 2]) {
          assert(value(target) >= value(target + step) - 1e-15);
          assert(value(target) >= value(target - step) - 1e-15);
        }
      },
    ),
    { seed: 4 },
  );
});

Deno.test("portfolioTargets() does not trade where the forecast earns less than the turnover", () => {
  const weighting: PortfolioWeighting = { kind: "return-over-risk", turnoverPenalty: 0.02 };
  assertEquals(portfolioTargets([{ ...MARKET, held: 0.3 }], { weighting }), [0.3]);
});

Deno.test("portfolioTargets() by inverse volatility gives each market the same risk", () => {
  const markets = [0.01, 0.02, 0.05].map((volatility) => ({ ...MARKET, volatility }));
  const targets = portfolioTargets(markets, { weighting: { kind: "inverse-volatility" } });
  targets.forEach((target, i) => assertAlmostEquals(target * markets[i].volatility, targets[0] * 0.01, 1e-15));
  assertAlmostEquals(targets.reduce((sum, target) => sum + target, 0), 1, 1e-12);
  const unknown = portfolioTargets([MARKET, { ...MARKET, volatility: NaN }], {
    weighting: { kind: "inverse-volatility" },
  });
  assertEquals(unknown, [1, 0]);
});

Deno.test("portfolioTargets() never passes the gross limit, nor sells short when long-flat", () => {
  const markets = [MARKET, { ...MARKET, prediction: -0.02 }, { ...MARKET, prediction: 0.03 }];
  const weighting: PortfolioWeighting = { kind: "return-over-risk", riskAversion: 1, turnoverPenalty: 0 };
  const both = portfolioTargets(markets, { weighting, maxGross: 1.5 });
  assertAlmostEquals(both.reduce((sum, target) => sum + Math.abs(target), 0), 1.5, 1e-12);
  assert(both[1] < 0);
  assertEquals(portfolioTargets(markets, { weighting, mode: "long-flat" })[1], 0);
});

Deno.test("portfolioTargets() names an option that is out of range", () => {
  const weigh = (options: object) => () => portfolioTargets([MARKET], options);
  assertThrows(weigh({ maxGross: 0 }), RangeError, "maxGross must be finite and above 0, got 0");
  assertThrows(weigh({ weighting: { kind: "best" } }), RangeError, "got best");
  assertThrows(weigh({ weighting: { kind: "return-over-risk", riskAversion: 0 } }), RangeError, "riskAversion");
  assertThrows(weigh({ weighting: { kind: "return-over-risk", turnoverPenalty: -1 } }), RangeError, "turnoverPenalty");
});

Deno.test("portfolioTargets() divides by a function of one's own, within the limit and the mode", () => {
  const market = { size: 1, prediction: 0.01, volatility: 0.01, horizon: 1, held: 0 };
  const markets = [market, { ...market, size: -1 }];
  const own = (weigh: () => readonly number[]): PortfolioWeighting => ({ kind: "custom", name: "own", weigh });
  assertEquals(portfolioTargets(markets, { weighting: own(() => [0.5, -0.25]) }), [0.5, -0.25]);
  assertEquals(portfolioTargets(markets, { weighting: own(() => [3, -1]) }), [0.75, -0.25]);
  assertEquals(portfolioTargets(markets, { weighting: own(() => [0.5, -0.25]), mode: "long-flat" }), [0.5, 0]);
  assertEquals(covarianceWindow({ kind: "custom", name: "own", weigh: () => [], window: 30 }), 30);
  assertThrows(() => portfolioTargets(markets, { weighting: own(() => [1]) }), TypeError, "own must give 2 positions");
  assertThrows(() => portfolioTargets(markets, { weighting: own(() => [1, NaN]) }), RangeError, "got NaN at 1");
});
