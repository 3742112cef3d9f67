/**
 * Learning bar by bar: the learner that observes, updates, predicts and explains, and the paper trader that runs it on a feed.
 * @module
 */
export { type RowInfluence, rowInfluence, type RowInfluenceOptions } from "../meta/row_influence.ts";
export {
  type OnlineBounds,
  type OnlineConfig,
  onlineConfig,
  type OnlineOptions,
  type OnlineReplay,
  type OnlineTrust,
  type Timescale,
} from "./config.ts";
export {
  type BarInfluence,
  type DecisionExplanation,
  explainDecision,
  type FeatureContribution,
  type LearnedChange,
  type RateChange,
} from "./explain.ts";
export { renderExplanation } from "./explanation_chart.ts";
export type { OnlinePrediction } from "./forecast.ts";
export type { OnlineForecaster, OnlineForecasterConfig, OnlineForecasterOptions } from "./forecaster_state.ts";
export { type Attribution, type AttributionPoint, integratedGradients } from "../meta/integrated_gradients.ts";
export { type Broker, paperBroker } from "./live/broker.ts";
export { bybitFeed } from "./live/bybit_feed.ts";
export type { BybitFeedOptions } from "./live/bybit_feed_state.ts";
export { type Clock, SYSTEM_CLOCK } from "./live/clock.ts";
export type { FeedEvent, FeedEventKind } from "./live/feed_events.ts";
export { type MarketBar, type Moment, momentsOf } from "./live/moment.ts";
export { paperTrade, type PaperTradeOptions, type TraderLog } from "./live/paper_trader.ts";
export { replayFeed, type ReplayOptions } from "./live/replay_feed.ts";
export { openTrader, type Trader, type TraderOptions, type TraderSettings, type Wish } from "./live/trader.ts";
export { decodeTrader, encodeTrader } from "./live/trader_snapshot.ts";
export {
  type LearnedRecord,
  type MarketPosition,
  type TraderRecord,
  type TraderStep,
  traderStep,
  type TraderStepOptions,
} from "./live/trader_step.ts";
export type { OnlineMarket, OnlineRow } from "./market.ts";
export type { OnlineObjective } from "./objective.ts";
export { observe } from "./observe.ts";
export { calibration, type Coverage, type OnlineScore, type PendingForecast } from "./score.ts";
export { decodeOnline, encodeOnline } from "./snapshot.ts";
export type { OnlineStart, ReplayWindow, StartState } from "./start.ts";
export { type MarketName, onlineInit, onlineLearner, type OnlineState } from "./state.ts";
export type { RatesState, TimescaleState } from "./timescales.ts";
export { type OnlineUpdate, updateAndPredict } from "./update.ts";
export { onlineWindow } from "./windows.ts";
