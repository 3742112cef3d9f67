/**
 * Searches over configurations: spaces, methods that decide what to try next from what was found, the same whoever computes it
 * and in whatever order results come, and the run of a search on a pool, kept in SQLite; studies of
 * any number of markets by one forecaster.
 * @module
 */
export { applyConfiguration } from "./apply_configuration.ts";
export { bohb, type BohbOptions } from "./bohb.ts";
export { type DeflatedSearch, deflatedSearch } from "./deflated_search.ts";
export type { Rung } from "./halving.ts";
export {
  hyperband,
  type HyperbandOptions,
  hyperbandRungs,
  successiveHalving,
  type SuccessiveHalvingOptions,
} from "./hyperband.ts";
export { metaLoss, type MetaLossProblem, type MetaLossSettings } from "./objectives/meta_loss.ts";
export { netSharpe, type NetSharpeSettings } from "./objectives/net_sharpe.ts";
export type { PlainTraining, TrainingSettings } from "./objectives/training.ts";
export { validationLoss } from "./objectives/validation_loss.ts";
export { walkForwardSkill, type WalkForwardSkillSettings } from "./objectives/walk_forward_skill.ts";
export { populationBased, type PopulationOptions } from "./population.ts";
export { randomSearch, type RandomSearchOptions } from "./random_search.ts";
export { runSearch, type RunSearchOptions, type Search, type SearchProgress, type SearchResult } from "./run_search.ts";
export type { ScoredTrial, SearchLog } from "./search_log.ts";
export {
  bestTrial,
  type FinishedTrial,
  nextTrials,
  type SearchMethod,
  type SearchSoFar,
  type Trial,
  type TrialWish,
} from "./search_method.ts";
export { openSearches, type SearchRecord, type SearchStore, type TrialRow } from "./search_store.ts";
export {
  type ChoiceParameter,
  type Conditional,
  type Configuration,
  defineSpace,
  type IntegerParameter,
  type LogUniformParameter,
  type Parameter,
  requireConfiguration,
  type Setting,
  type Space,
  type UniformParameter,
} from "./space.ts";
export { stopEarly, type StopEarlyOptions } from "./stop_early.ts";
export { type Spread, SPREAD_LEVELS, type StudyDistribution, studyDistribution } from "./study/distribution.ts";
export { renderStudy } from "./study/render_study.ts";
export type { StudyPageOptions } from "./study/study_page_options.ts";
export {
  type MarketSource,
  runStudy,
  type RunStudyOptions,
  type Study,
  type StudyProgress,
} from "./study/run_study.ts";
export type { StudyOutcome, StudySeries } from "./study/study_kind.ts";
export {
  type MarketStudy,
  type StudiedMarket,
  studyMarket,
  type StudyMarketOptions,
  type StudyMoney,
  type StudyScore,
} from "./study/study_market.ts";
export { studySentences } from "./study/study_sentences.ts";
export { openStudies, type RefusedMarket, type StudyRecord, type StudyStore } from "./study/study_store.ts";
export { defineTrialKind, type Objective, type TrialKind, type TrialOutcome, type TrialTask } from "./trial_job.ts";
export { drawConfiguration } from "./unit.ts";
