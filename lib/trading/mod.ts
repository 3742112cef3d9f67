/**
 * From a forecast to money: signals, sizes, exits, costs, weights over markets, and the account that all money goes through.
 * @module
 */
export { openAccount, openTrades, stepAccount } from "./account.ts";
export type { AccountRules, EntryRule, FillRule, Rebalance } from "./account_rules.ts";
export type { Account, AccountStep, BarOrder, Holding, Ruin } from "./account_state.ts";
export { tradeCost } from "./cost.ts";
export {
  type ConstantFunding,
  type CostBreakdown,
  type CostedFill,
  type CostModel,
  type FundingSeries,
  NO_COSTS,
  totalCosts,
} from "./cost_model.ts";
export { type ShrunkCovariance, shrunkCovariance } from "./covariance.ts";
export type { ExitDistance, ExitRules } from "./exits.ts";
export type { ExitReason, Fill } from "./fill.ts";
export { hierarchicalWeights } from "./hierarchical_risk_parity.ts";
export { minimumVarianceWeights } from "./minimum_variance.ts";
export {
  type PortfolioTargetOptions,
  portfolioTargets,
  type PortfolioWeighting,
  type WeighedMarket,
} from "./portfolio_weights.ts";
export { riskParityWeights } from "./risk_parity.ts";
export {
  type RegimeCandidate,
  type RegimeChoice,
  type RegimeScore,
  selectByRegime,
  type SelectByRegimeOptions,
  type ValidationRun,
} from "./select_by_regime.ts";
export { type SignalMode, type SignalOptions, signalPosition } from "./signal.ts";
export {
  type DrawdownBrake,
  drawdownBrake,
  kellyPosition,
  positionSize,
  proportionalPosition,
  type Sizing,
  type SizingInput,
  type SizingOptions,
  volatilityPosition,
} from "./sizing.ts";
export {
  smoothPositions,
  type SmoothRiskData,
  type SmoothRiskRules,
  type SmoothRiskSettings,
  type SmoothRiskValue,
  smoothRiskValue,
} from "./smooth_risk.ts";
export { type Switching, type SwitchingInput, switchingPositions } from "./switching_positions.ts";
export type { OpenTrade, Trade } from "./trade.ts";
export {
  type RiskEvaluator,
  riskObjective,
  type RiskSettings,
  type RiskTrial,
  type TunedRisk,
  tuneRisk,
  type TuneRiskOptions,
  type ValidationWindow,
} from "./tune_risk.ts";
export { type TunedSmoothRisk, tuneSmoothRisk, type TuneSmoothRiskOptions } from "./tune_smooth_risk.ts";
export { type VolatilityTargetOptions, volatilityTargetPositions } from "./volatility_target.ts";
