/**
 * The process behind the lab: `deno run web/worker/lab.ts`. It reads questions from standard input and writes answers to standard
 * output, a line of JSON each, and ends when standard input closes. It holds the markets and models that it was asked about, so
 * that neither a large file nor an adaptation holds up the pages.
 * @module
 */
import { HttpError } from "fresh";
import { refusing } from "../server/api.ts";
import { jsonLines } from "../server/json_process.ts";
import { forecastView } from "../server/forecast_view.ts";
import { forecastWorth, marketSkill } from "../server/forecast_worth.ts";
import { labCandles } from "../server/lab_candles.ts";
import type { LabQuery } from "../server/lab_query.ts";
import { labExplanation, labView } from "../server/lab_view.ts";

/** What the lab is asked. */
export type LabQuestion =
  /** The bars of a market, and where a run can begin on it. */
  | { readonly kind: "candles"; readonly market: string; readonly run: string }
  /** A moment, adapted. */
  | { readonly kind: "view"; readonly query: LabQuery }
  /** Why a forecast is what it is. */
  | { readonly kind: "explain"; readonly query: LabQuery; readonly steps: unknown }
  /** A market's forecasts after the training. */
  | { readonly kind: "forecast"; readonly market: string; readonly run: string }
  /** What they are worth. */
  | { readonly kind: "worth"; readonly market: string; readonly run: string }
  /** What a run saves on one of its markets. */
  | { readonly kind: "skill"; readonly market: string; readonly run: string };

/** What is answered to the question of that number. */
export type LabAnswer =
  | { readonly id: number; readonly value: unknown }
  /** Refused, with the status and the words for the reader. */
  | { readonly id: number; readonly status: number; readonly message: string };

function answerTo(question: LabQuestion): Promise<unknown> {
  if (question.kind === "candles") return labCandles(question.market, question.run);
  if (question.kind === "view") return labView(question.query);
  if (question.kind === "forecast") return forecastView(question.run, question.market);
  if (question.kind === "worth") return forecastWorth(question.run, question.market);
  if (question.kind === "skill") return marketSkill(question.run, question.market);
  return labExplanation(question.query, question.steps);
}

async function answer(id: number, question: LabQuestion): Promise<LabAnswer> {
  try {
    return { id, value: await refusing(() => answerTo(question)) };
  } catch (error) {
    if (error instanceof HttpError) return { id, status: error.status, message: error.message };
    return { id, status: 500, message: (error as Error).message };
  }
}

if (import.meta.main) {
  const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const { id, question } of jsonLines<{ readonly id: number; readonly question: LabQuestion }>(input)) {
    answer(id, question).then((line) => console.log(JSON.stringify(line)));
  }
  Deno.exit(0);
}
