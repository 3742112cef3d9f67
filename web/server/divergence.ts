/**
 * What a run that diverged says to the person who started it: by the names of its form's fields, and none that the form lacks.
 * @module
 */
import type { DivergedError } from "@adaptrade/adaptrade";
import { RUN_LABELS } from "../components/form_fields.ts";
import type { RunConfig } from "./run_config.ts";

/** The divergence of a training in words: where, what the loss was, and which settings steady it. */
export function divergenceInWords(
  { state, loss }: Pick<DivergedError, "state" | "loss">,
  { innerLr, innerSteps, tasks }: RunConfig,
): string {
  const setting = (field: keyof RunConfig, value: number) => `“${RUN_LABELS[field]}” (now ${value})`;
  if (state.config.method !== undefined) {
    return `The reading of supports diverged: its loss became ${loss}. Raise ${
      setting("tasks", tasks)
    } and start again`;
  }
  // Pretraining adapts nothing: its inner settings are out of play, and only larger batches steady it.
  if (state.config.inner.steps === 0) {
    return `The pretraining diverged: its loss became ${loss}. Raise ${setting("tasks", tasks)} and start again, ` +
      "or look on the data page for prices that are wrong";
  }
  return `The adaptation diverged: its loss became ${loss}. Lower ${setting("innerLr", innerLr)} or ${
    setting("innerSteps", innerSteps)
  } and start again`;
}
