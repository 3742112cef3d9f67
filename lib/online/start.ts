/**
 * The start θ_0 that every window is adapted from, the numbers of the rule that adapts it, or what a method of one pass learns, and
 * how they move if they are learned: online MAML follows the meta-leader over the present window and a buffer of past ones (Finn,
 * Rajeswaran, Kakade & Levine 2019, algorithm 1).
 * @module
 */
import type { OuterMoments } from "../engine/problem.ts";
import { joinOthers, metaInit, type MetaInitOptions } from "../meta/state.ts";
import { initParams } from "../net/init.ts";
import { random } from "../net/random.ts";
import type { MarketTask } from "../tasks/market_task.ts";
import type { OnlineConfig } from "./config.ts";

/** A start and its optimiser. Frozen. */
export interface StartState {
  /** θ_0, `[parameterCount]`. */
  readonly params: Float32Array;
  /** Moments, `[parameterCount]`. */
  readonly moments: OuterMoments;
}

/** What an online learner begins with. */
export interface OnlineStart {
  /** θ_0, `[parameterCount]`. */
  readonly params?: Float32Array;
  /** The inner rule's own numbers. */
  readonly rule?: Float32Array;
  /** Of a method of one pass: what it learns, by name, as in the `values` of a state that was trained. */
  readonly values?: MetaInitOptions["values"];
}

/** A past window and whose it was. */
export interface ReplayWindow {
  /** Index of the market. */
  readonly market: number;
  /** The window. */
  readonly task: MarketTask;
}

/**
 * A start before the first update: the one given, or seeded features under a last layer of zeros, which forecast the mean; of a
 * method of one pass what it draws itself.
 */
export function initStart(config: OnlineConfig, { params, values }: OnlineStart = {}): StartState {
  const { net, method } = config.meta;
  const head = net.groups[net.groups.length - 1].start;
  const drawn = (): Float32Array =>
    method
      ? metaInit(config.meta, { seed: config.seed, ...given({ values }) }).params
      : initParams(net, config.seed).fill(0, head);
  return Object.freeze({ params: params?.slice() ?? drawn(), moments: config.optimizer.init(net.parameterCount) });
}

/**
 * The inner rule's own numbers, or what a method of one pass learns beside its theta, before the first update: those given, or drawn
 * from the config's seed; absent where there are none.
 */
export function initRule(config: OnlineConfig, start: OnlineStart): StartState | undefined {
  const state = metaInit(config.meta, { seed: config.seed, ...given(start) });
  if (!state.others) return undefined;
  const params = joinOthers(state, state.others);
  return Object.freeze({ params, moments: config.optimizer.init(params.length) });
}

/** What was given of a state's values. */
function given({ rule, values }: Pick<OnlineStart, "rule" | "values">): MetaInitOptions {
  return { values: { ...values, ...(rule && { rule }) } };
}

/** The start, or the rule, after one step on a finite gradient, moved at most `trust.params · max(‖θ‖, 1)` and held within ± `bounds.params`. */
export function stepStart(
  config: OnlineConfig,
  start: StartState,
  { gradient, lr }: { readonly gradient: Float32Array; readonly lr: number },
): StartState {
  const { optimizer, trust, bounds } = config;
  const { values, moments } = optimizer.update(start.params, gradient, { moments: start.moments, lr });
  let [moved, size] = [0, 0];
  values.forEach((value, j) => {
    moved += (value - start.params[j]) ** 2;
    size += start.params[j] ** 2;
  });
  const most = trust.params * Math.max(Math.sqrt(size), 1);
  const share = Math.sqrt(moved) > most ? most / Math.sqrt(moved) : 1;
  const params = values.map((value, j) => {
    const next = start.params[j] + share * (value - start.params[j]);
    return Math.min(bounds.params, Math.max(-bounds.params, next));
  });
  return Object.freeze({ params, moments });
}

/** Draws past windows without replacement, the same ones for the same seed and update. */
export function drawReplay(
  config: OnlineConfig,
  windows: readonly ReplayWindow[],
  { update, start }: { readonly update: number; readonly start: number },
): MarketTask[] {
  const own = config.starts === "own" ? windows.filter(({ market }) => market === start) : windows;
  const stream = random(config.seed).fork(2 * update + 1).fork(start);
  const rest = own.map(({ task }) => task);
  const drawn: MarketTask[] = [];
  while (drawn.length < config.replay.batch && rest.length > 0) {
    const i = stream.integer(rest.length);
    drawn.push(rest[i]);
    rest[i] = rest[rest.length - 1];
    rest.pop();
  }
  return drawn;
}

/** The buffer with the present windows added, the oldest dropped; per market it holds `replay.size` windows at most. */
export function keepWindows(
  config: OnlineConfig,
  windows: readonly ReplayWindow[],
  { added, markets }: { readonly added: readonly ReplayWindow[]; readonly markets: number },
): readonly ReplayWindow[] {
  return Object.freeze([...windows, ...added].slice(-config.replay.size * markets));
}
