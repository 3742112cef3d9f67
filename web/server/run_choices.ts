/**
 * The runs that pages offer to choose from.
 * @module
 */
import type { RunConfig } from "./run_config.ts";
import { runManager } from "./run_manager.ts";

/** A run to choose. */
export interface RunChoice {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Outer steps made. */
  readonly step: number;
  /** Its preset. */
  readonly preset: string;
  /** Id of the market that it never sees. */
  readonly unseen: string;
  /** Ids of the markets it trains on. */
  readonly markets: readonly string[];
}

/** Runs that have a checkpoint, newest first. */
export async function runChoices(): Promise<RunChoice[]> {
  const { store } = await runManager();
  return store.list().filter(({ id }) => store.checkpoint(id, "latest") !== undefined).map((run) => {
    const { preset, unseen, markets } = run.config as RunConfig;
    return { id: run.id, name: run.name, step: run.step, preset, unseen, markets };
  });
}
