/**
 * The runs that pages offer to choose from.
 * @module
 */
import { isForecasterRun, type RunConfig } from "./run_config.ts";
import { runManager } from "./run_manager.ts";

/** A run to choose. */
export interface RunChoice {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Outer steps made. */
  readonly step: number;
  /** What it forecasts. */
  readonly target: RunConfig["target"];
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Id of the market that it never sees. */
  readonly unseen: string;
  /** Ids of the markets it trains on. */
  readonly markets: readonly string[];
}

/** Runs that have a trained network, newest first; those of earlier versions have none that forecasts. */
export async function runChoices(): Promise<RunChoice[]> {
  const { store } = await runManager();
  return store.list().flatMap(({ id, name, step, config }) => {
    if (!isForecasterRun(config) || store.checkpoint(id, "latest") === undefined) return [];
    const { target, horizon, unseen, markets } = config;
    return [{ id, name, step, target, horizon, unseen, markets }];
  });
}
