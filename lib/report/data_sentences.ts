/**
 * What is wrong with the bars that figures were computed from, in words: beside each verdict, because a figure is worth no more
 * than its data. It finds nothing itself; see `checkCandles`.
 * @module
 */
import type { MarketFinding } from "../backtest/data_findings.ts";

/** What a kind of finding is called, one of them and several. */
const NAMES: Readonly<Record<MarketFinding["kind"], readonly [one: string, several: string]>> = {
  order: ["bar out of order", "bars out of order"],
  duplicate: ["duplicate", "duplicates"],
  overlap: ["overlapping bar", "overlapping bars"],
  gap: ["gap", "gaps"],
  "non-finite": ["value that is no number", "values that are no numbers"],
  "non-positive": ["value of 0 or below", "values of 0 or below"],
  "negative-volume": ["negative volume", "negative volumes"],
  "high-low": ["bar out of its own range", "bars out of their own range"],
  jump: ["jump", "jumps"],
  "possible-split": ["possible split", "possible splits"],
  "possible-relisting": ["possible relisting", "possible relistings"],
  flat: ["price that never moves", "prices that never move"],
  irregular: ["irregular stretch", "irregular stretches"],
  unclosed: ["bar that has not closed", "bars that have not closed"],
};

/** Markets that are named one by one. */
const MOST_MARKETS = 5;

/** A kind of finding in words. */
export function findingName(kind: MarketFinding["kind"], count: number): string {
  const [one, several] = NAMES[kind] ?? [kind, kind];
  return count === 1 ? one : several;
}

/** Findings of several results over the same bars, each once, by market and bar. */
export function distinctFindings(results: readonly { readonly findings: readonly MarketFinding[] }[]): MarketFinding[] {
  const found = new Map(
    results.flatMap(({ findings }) => findings).map((one) => [`${one.market} ${one.index} ${one.kind}`, one]),
  );
  return [...found.values()].sort((a, b) => a.market === b.market ? a.index - b.index : a.market < b.market ? -1 : 1);
}

/** Findings in one sentence: how many of each kind in each market, and when the first was; none without findings. */
export function dataSentences(findings: readonly MarketFinding[]): string[] {
  const markets = [...new Set(findings.map(({ market }) => market))];
  if (markets.length === 0) return [];
  const listed = markets.slice(0, MOST_MARKETS).map((market) => {
    const own = findings.filter((finding) => finding.market === market);
    const kinds = [...new Set(own.map(({ kind }) => kind))].map((kind) => {
      const those = own.filter((finding) => finding.kind === kind);
      const first = new Date(those[0].time);
      const day = Number.isNaN(first.getTime()) ? "at no time" : first.toISOString().slice(0, 10);
      return `${those.length} ${findingName(kind, those.length)} (${those.length > 1 ? "first " : ""}${day})`;
    });
    return `${market} has ${kinds.join(", ")}`;
  });
  const others = markets.length - MOST_MARKETS;
  return [`Of the data used ${listed.join("; ")}${others > 0 ? `; and ${others} more markets have findings` : ""}.`];
}
