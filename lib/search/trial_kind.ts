/**
 * The job `trial`: one of the built-in objectives, by name. A training that diverges is a failure of its configuration; all else
 * that is thrown is one of the search.
 * @module
 */
import { DivergedError } from "../meta/errors.ts";
import type { JobKind } from "../pool/job_kind.ts";
import { runMetaLoss } from "./objectives/meta_loss.ts";
import { runNetSharpe } from "./objectives/net_sharpe.ts";
import { type RunObjective, TRIAL } from "./objectives/training.ts";
import { runValidationLoss } from "./objectives/validation_loss.ts";
import { runWalkForwardSkill } from "./objectives/walk_forward_skill.ts";
import { defineTrialKind } from "./trial_job.ts";

const OBJECTIVES: Readonly<Record<string, RunObjective>> = {
  validationLoss: runValidationLoss,
  walkForwardSkill: runWalkForwardSkill,
  netSharpe: runNetSharpe,
  metaLoss: runMetaLoss,
};

/** The kind. */
export const trialKind: JobKind = defineTrialKind({
  ...TRIAL,
  async run(inputs, task, context) {
    const { objective } = task.params as { readonly objective: string };
    if (!Object.hasOwn(OBJECTIVES, objective)) {
      const known = Object.keys(OBJECTIVES).join(", ");
      throw new TypeError(`Cannot run a trial: expected objective to be one of ${known}, received ${objective}`);
    }
    try {
      return await OBJECTIVES[objective](inputs, task, context);
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      return { loss: null, detail: { diverged: error.message } };
    }
  },
});
