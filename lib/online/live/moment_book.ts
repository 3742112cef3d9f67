/**
 * Bars as they arrive, in any order and more than once, put together into moments. It says when something is missing and
 * hands nothing out over a hole; filling the hole is the feed's affair.
 * @module
 */
import type { Bar } from "../../data/bar.ts";
import { type MarketBar, type Moment, moment } from "./moment.ts";

/** What the book lacks before it can hand out its next moment. */
export type Lack =
  /** Nothing: it is empty, or has a moment ready. */
  | "nothing"
  /** Bars before one that it holds. */
  | "earlier bars"
  /** Some markets' bars of the latest time: they may be on their way. */
  | "other markets";

/** Why a bar was not taken. */
export type Refusal = "duplicate" | "late" | "misaligned" | "unknown";

/** A book of moments in the making. It holds state; one feed owns it. */
export class MomentBook {
  readonly #symbols: readonly string[];
  readonly #step: number;
  readonly #pending = new Map<number, Map<string, Bar>>();
  /** Times of the pending bars, ascending, from `#head` on: a long history would be slow to search or to shift. */
  #times: number[] = [];
  #head = 0;
  /** Open time of the last moment handed out, or just before the first one allowed. */
  #done: number;
  /** Open time up to which everything that exists is known to be here. */
  #covered = -Infinity;
  /** Open time of some bar: all others lie whole steps from it. */
  #anchor: number | undefined;

  /** A book of these markets' bars of `step` ms that open at `start` or later. */
  constructor(symbols: readonly string[], options: { readonly step: number; readonly start: number }) {
    this.#symbols = symbols;
    this.#step = options.step;
    this.#done = options.start - 1;
  }

  /** No bar that opens before it is wanted, ms UTC. */
  get from(): number {
    return this.#done + 1;
  }

  /** Open time of the latest bar taken, ms UTC; −Infinity when there is none. */
  get latest(): number {
    return this.#times.length > this.#head ? this.#times[this.#times.length - 1] : -Infinity;
  }

  /** Takes a bar; undefined when it did, or why not. */
  add({ symbol, bar }: MarketBar): Refusal | undefined {
    if (!this.#symbols.includes(symbol)) return "unknown";
    if (bar.time <= this.#done) return "late";
    this.#anchor ??= bar.time;
    if ((bar.time - this.#anchor) % this.#step !== 0) return "misaligned";
    const bars = this.#pending.get(bar.time) ?? new Map<string, Bar>();
    if (bars.has(symbol)) return "duplicate";
    if (bars.size === 0) this.#insert(bar.time);
    this.#pending.set(bar.time, bars.set(symbol, bar));
    return undefined;
  }

  /** Notes that every bar which exists and opened at `time` or before has been taken. */
  cover(time: number): void {
    this.#covered = Math.max(this.#covered, time);
  }

  /** What must come before the next moment can be handed out. */
  get lack(): Lack {
    const next = this.#times[this.#head];
    if (next === undefined) return "nothing";
    const follows = next === this.#done + this.#step || this.#covered >= next - this.#step;
    if (!follows) return "earlier bars";
    if (this.#pending.get(next)!.size === this.#symbols.length || this.#covered >= next) return "nothing";
    return this.latest > next ? "earlier bars" : "other markets";
  }

  /** The next moment; undefined when there is none, or something before it or of it is missing. */
  take(): Moment | undefined {
    const next = this.#times[this.#head];
    if (next === undefined || this.lack !== "nothing") return undefined;
    const bars = this.#pending.get(next)!;
    this.#pending.delete(next);
    this.#head++;
    if (2 * this.#head > this.#times.length) {
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
    this.#done = next;
    return moment(next, bars, this.#symbols);
  }

  #insert(time: number): void {
    let at = this.#times.length;
    while (at > this.#head && this.#times[at - 1] > time) at--;
    this.#times.splice(at, 0, time);
  }
}
