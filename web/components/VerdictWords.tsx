/**
 * A verdict on forecasts in one line and its sentences: by how much the squared error is less than the reference's. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { RunVerdict } from "../server/run_verdict.ts";
import { percent } from "./format.ts";

/** The words. */
export function VerdictWords({ verdict }: { readonly verdict: RunVerdict }): JSX.Element {
  const { reference, less, beyondChance, sentences, scores } = verdict;
  const isLevel = reference === "RiskMetrics" && scores.every(({ name }) => name !== reference);
  return (
    <>
      <p>
        <span class="badge" data-tone={beyondChance ? "good" : "warn"}>
          {beyondChance ? `beats ${reference}` : less > 0 ? "ahead, not beyond chance" : `does not beat ${reference}`}
        </span>{" "}
        <strong data-testid="verdict">
          {percent(Math.abs(less)) === "0.0%"
            ? `as much squared error as ${reference}`
            : `${percent(Math.abs(less))} ${less >= 0 ? "less" : "more"} squared error than ${reference}`}
        </strong>
      </p>
      <ul class="sentences">{sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
      {isLevel && (
        <p class="small muted">
          These are closing prices alone, of which RiskMetrics is the exponentially weighted level: EWMA, its bias taken
          out.
        </p>
      )}
    </>
  );
}
