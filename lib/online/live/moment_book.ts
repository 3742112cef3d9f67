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
  readonly #all: readonly string[];
  #symbols: readonly string[];
  readonly #step: number;
  readonly #pending = new Map<number, Map<string, Bar>>();
  /** Times of the pending bars, ascending, from `#head` on: a long history would be slow to search or to shift. */
  #times: number[] = [];
  #head = 0;
  /** Open time of the last moment handed out, or just before the first one allowed. */
  #done: number;
  #handedOut = false;
  /** Open time up to which everything that exists is known to be here. */
  #covered = -Infinity;
  /** Open time of some bar: all others lie whole steps from it. */
  #anchor: number | undefined;

  /** A book of these markets' bars of `step` ms that open at `start` or later. */
  constructor(symbols: readonly string[], options: { readonly step: number; readonly start: number }) {
    this.#symbols = this.#all = symbols;
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

  /** Markets whose bars are waited for. */
  get symbols(): readonly string[] {
    return this.#symbols;
  }

  /** Waits for a market no longer, until a bar of it comes; what it brought so far is handed out with the others' bars. */
  drop(symbol: string): void {
    this.#symbols = this.#symbols.filter((one) => one !== symbol);
    for (const [time, bars] of this.#pending) {
      if ([...bars.keys()].some((one) => this.#symbols.includes(one))) continue;
      this.#pending.delete(time);
      this.#times = this.#times.filter((one, i) => i < this.#head || one !== time);
    }
  }

  /**
   * Open times up to `to` at which a market has no bar here: behind what was handed out or, before anything was, behind the
   * market's own first bar.
   */
  missing(symbol: string, to: number): number[] {
    const from = this.#handedOut ? this.#done + this.#step : this.#times.slice(this.#head)
      .find((time) => this.#pending.get(time)!.has(symbol)) ?? Infinity;
    const found: number[] = [];
    for (let time = from; time <= to; time += this.#step) {
      if (!this.#pending.get(time)?.has(symbol)) found.push(time);
    }
    return found;
  }

  /** Takes a bar; undefined when it did, or why not. */
  add({ symbol, bar }: MarketBar): Refusal | undefined {
    if (!this.#all.includes(symbol)) return "unknown";
    if (bar.time <= this.#done) return "late";
    // One that was waited for no longer has come back.
    if (!this.#symbols.includes(symbol)) {
      this.#symbols = this.#all.filter((one) => one === symbol || this.#symbols.includes(one));
    }
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
    const bars = this.#pending.get(next)!;
    if (this.#covered >= next || this.#symbols.every((symbol) => bars.has(symbol))) return "nothing";
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
    this.#handedOut = true;
    // A later bar has closed: nobody could have traded at the close of these.
    return moment(next, bars, { symbols: this.#all, lived: !(this.latest > next) });
  }

  #insert(time: number): void {
    let at = this.#times.length;
    while (at > this.#head && this.#times[at - 1] > time) at--;
    this.#times.splice(at, 0, time);
  }
}
