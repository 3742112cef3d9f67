/**
 * Rules of an account drawn at random, every option among them: for properties that must hold whatever the rules.
 */
import fc from "fast-check";
import type { AccountRules } from "../../lib/trading/account_rules.ts";
import type { CostModel } from "../../lib/trading/cost_model.ts";

const rate = fc.constantFrom(0, 0.0002, 0.01);
const squareRoot: NonNullable<CostModel["impact"]> = ({ quantity, price, maker }) =>
  Math.min(0.5, (maker ? 1e-5 : 1e-4) * Math.sqrt(Math.abs(quantity) * price));
const shared = {
  impact: fc.constantFrom(() => 0, squareRoot),
  takerFee: rate,
  makerFee: fc.constantFrom(-0.0001, 0, 0.0005),
  spread: rate,
  slippage: rate,
  rangeSlippage: fc.constantFrom(0, 0.1),
  minOrder: fc.constantFrom(0, 0.7),
  maxPosition: fc.constantFrom(0.4, 2, 20),
};
const borrow = fc.constantFrom(0, 0.3);
const maintenanceMargin = fc.constantFrom(0, 0.05);
const liquidationFee = fc.constantFrom(0, 0.01);
const funding = fc.record({ rate: fc.constantFrom(-0.001, 0, 0.0001), hours: fc.constantFrom(1, 8) });
const costs: fc.Arbitrary<CostModel> = fc.oneof(
  fc.record({ ...shared, borrow, maintenanceMargin, liquidationFee, funding }),
  fc.record({ ...shared, kind: fc.constant("spot" as const), borrow, maintenanceMargin, liquidationFee }),
  fc.record({ ...shared, kind: fc.constant("perpetual" as const), funding, liquidationFee }),
  fc.record({ ...shared, kind: fc.constant("cash-only" as const) }),
);
const distance = fc.constantFrom({ fraction: 0.01 }, { fraction: 0.08 }, { volatility: 1.5 }, { volatility: 4 });
/** Rules of an account, every option drawn at random. */
export const drawnRules: fc.Arbitrary<AccountRules> = fc.record({
  costs,
  rebalance: fc.constantFrom("always" as const, "never" as const, { kind: "band" as const, width: 0.02 }),
  order: fc.constantFrom<Pick<AccountRules, "fill" | "entry">>(
    { fill: "next-open" },
    { fill: "close" },
    { entry: { kind: "limit", offset: 0.003 } },
    { entry: { kind: "limit", offset: 0, through: 0.001 } },
  ),
  exits: fc.record({
    stop: fc.tuple(distance, fc.boolean()).map(([far, trailing]) => ({ ...far, trailing })),
    takeProfit: distance,
    reentry: fc.constantFrom("signal" as const, "bar" as const),
  }, { requiredKeys: ["reentry"] }),
  brake: fc.constant({ start: 0.02, stop: 0.3 }),
  maxGross: fc.constantFrom(0.7, 3),
  initialCapital: fc.constantFrom(100, 1e6),
}, { requiredKeys: ["costs", "order", "exits", "initialCapital"] }).map(({ order, ...others }) => ({
  ...others,
  ...order,
}));
