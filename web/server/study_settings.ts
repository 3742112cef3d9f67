/**
 * What a study was asked, in words: its range, how it trades, its forecaster by hash. It reads no files.
 * @module
 */
import type { StudyRecord } from "@adaptrade/adaptrade/search";
import { dateUtc, percent } from "../components/format.ts";

/** What `runStudy` keeps of what a study was asked. */
interface Asked {
  readonly forecaster?: string;
  readonly others?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly backtest?: Readonly<Record<string, unknown>>;
}

/** Digits of a hash that tell one from another. */
const SHORT = 12;

/** What was asked, by name, as text; nothing where what is kept is of another shape. */
export function studySettings(description: StudyRecord["description"]): (readonly [string, string])[] {
  if (typeof description !== "object" || description === null || Array.isArray(description)) return [];
  const { forecaster, others = [], from, to, backtest } = description as Asked;
  return [
    ["First decision", typeof from === "number" ? dateUtc(from) : "the first that can be forecast"],
    ["Last decision", typeof to === "number" ? `before ${dateUtc(to)}` : "the last bar"],
    ["Traded", backtest === undefined ? "not at all" : tradedAs(backtest)],
    ["Markets whose means it reads", others.length === 0 ? "none" : String(others.length)],
    ["Forecaster", forecaster === undefined ? "–" : `${forecaster.slice(0, SHORT)}…`],
  ];
}

/** "costs of 0.1% of what is traded, held at a volatility of 0.9% a bar". */
function tradedAs({ costRate, sizing, ...rest }: Readonly<Record<string, unknown>>): string {
  const size = sizing as { readonly kind?: string; readonly target?: number } | undefined;
  const more = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [
    ...(typeof costRate === "number" ? [`costs of ${percent(costRate)} of what is traded`] : []),
    ...(size === undefined ? [] : [
      size.kind === "volatility" && size.target !== undefined
        ? `held at a volatility of ${percent(size.target)} a bar`
        : `size ${size.kind}`,
    ]),
    ...more,
  ].join(", ") || "by default";
}
