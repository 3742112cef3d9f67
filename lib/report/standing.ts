/**
 * When one strategy is ahead of another: more return for its risk, and never by less money than doing nothing keeps. It weighs
 * no luck and no trials.
 * @module
 */

/** What a strategy is held against others by. */
export interface Contender {
  /** What was run. */
  readonly strategy: string;
  /** Its net figures. */
  readonly metrics: { readonly sharpe: number | null; readonly totalReturn: number | null };
  /** When its equity fell to 0, ms UTC; null if it never did. */
  readonly ruinedAt: number | null;
  /** What it owes beyond that, in account currency. */
  readonly owed: number;
}

/** Doing nothing, which every strategy is held against. */
const CASH: Contender = { strategy: "cash", metrics: { sharpe: null, totalReturn: 0 }, ruinedAt: null, owed: 0 };

/** Net Sharpe ratio; 0 where it is undefined, as for a strategy that never trades. */
function sharpeOf({ metrics: { sharpe } }: Contender): number {
  return sharpe ?? 0;
}

/** Net return, as a fraction. */
export function netOf({ metrics: { totalReturn } }: Contender): number {
  return totalReturn ?? 0;
}

/** True when the equity never moved. */
function isIdle({ metrics: { sharpe, totalReturn } }: Contender): boolean {
  return sharpe === null && totalReturn === 0;
}

/**
 * True when `one` has the higher net Sharpe ratio, was not ruined and, where `other` never trades, has the more money too: a
 * mean return above 0 can still lose everything where returns vary much. A ruined account is behind every other.
 */
export function isAhead(one: Contender, other: Contender): boolean {
  if (one.ruinedAt !== null || other.ruinedAt !== null) return one.ruinedAt === null;
  return sharpeOf(one) > sharpeOf(other) && (!isIdle(other) || netOf(one) > netOf(other));
}

/** The baselines that a strategy is not ahead of; cash, where it is behind that and no baseline says so. */
export function notBeaten(one: Contender, baselines: readonly Contender[]): Contender[] {
  const better = baselines.filter((other) => !isAhead(one, other));
  return better.some(isIdle) || isAhead(one, CASH) ? better : [...better, CASH];
}

/** A fraction in percent. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(1).replace("-", "−")}%`;
}

function ratio(one: Contender): string {
  return sharpeOf(one).toFixed(2).replace("-", "−");
}

/** Both of what a strategy is judged by: `0.32, −51.9%`. */
export function standing(one: Contender): string {
  return `${ratio(one)}, ${one.ruinedAt === null ? percent(netOf(one)) : "ruined"}`;
}

/** The first sentence of a verdict: what a strategy does not beat, or that it is ahead of everything it was held against. */
export function standingSentence(one: Contender, baselines: readonly Contender[]): string {
  const kept = one.ruinedAt === null ? `return ${percent(netOf(one))}` : "ruined";
  const mine = `After costs ${one.strategy} (net Sharpe ${ratio(one)}, ${kept})`;
  const better = notBeaten(one, baselines);
  if (better.length > 0) {
    return `${mine} does not beat ${better.map((other) => `${other.strategy} (${standing(other)})`).join(", ")}.`;
  }
  return baselines.length > 0 ? `${mine} is ahead of every baseline.` : `${mine} was held against no baseline.`;
}

/** That an account was ruined, when, and what is owed beyond it; none where it was not. */
export function ruinSentences({ strategy, ruinedAt, owed }: Contender): string[] {
  if (ruinedAt === null) return [];
  const debt = owed > 0 ? `, and ${owed.toFixed(2)} beyond it is owed` : "";
  return [`${strategy} was ruined on ${new Date(ruinedAt).toISOString().slice(0, 10)}: its equity fell to 0${debt}.`];
}
