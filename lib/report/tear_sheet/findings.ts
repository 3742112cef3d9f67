/**
 * What looks wrong in the bars that a page's figures come from, bar by bar.
 * @module
 */
import type { MarketFinding } from "../../backtest/data_findings.ts";
import { findingName } from "../data_sentences.ts";
import { part } from "./shell.ts";
import { absent, count, dataTable, moment, prose } from "./text.ts";

/** Findings that are listed; the JSON beside a page has all. */
const MOST_FINDINGS = 100;

/** Renders findings as a part of their own; nothing where there are none. */
export function findingsPart(findings: readonly MarketFinding[]): string {
  if (findings.length === 0) return "";
  const rows = findings.slice(0, MOST_FINDINGS).map(({ market, kind, time, message }) => [
    Number.isFinite(time) ? moment(time) : String(time),
    market,
    findingName(kind, 1),
    prose(message),
  ]);
  const left = findings.length - rows.length;
  return part(
    "Data",
    dataTable("Findings in the bars used, from the first of each market on", [
      "Bar",
      "Market",
      "Finding",
      prose("What"),
    ], rows) +
      (left > 0 ? absent(`${count(left, "finding")} more ${left === 1 ? "is" : "are"} not listed.`) : ""),
  );
}
