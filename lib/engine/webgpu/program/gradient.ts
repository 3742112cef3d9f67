/**
 * A training's gradients by programs: what is learned and nothing else is differentiated, at a learner that stays on the device.
 * @module
 */
import type { TrainingPlan } from "../../engine.ts";
import type { ProgramBatch } from "../../executor.ts";
import { learnedStarts } from "../../layout.ts";
import type { Learner, OuterGradient, Task } from "../../problem.ts";
import { gradientBatch, learnedNames, learnerInputs } from "../../programmed.ts";
import type { Gpu } from "../gpu.ts";
import type { GradientSource } from "../training.ts";
import { leafCount, recordColumn, recordLeaves, recordRoot, type Tree } from "../tree.ts";
import { type BatchGroup, BatchRun } from "./batch_run.ts";
import type { TaskLimits } from "./task_run.ts";

/** What {@linkcode programGradients} needs of the executor. */
export interface GradientOptions {
  /** What the device allows. */
  readonly limits: TaskLimits;
  /** The batch's tasks by program. */
  readonly groupsOf: (batch: ProgramBatch) => readonly BatchGroup[];
  /** A text that is equal for equal groups. */
  readonly keyOf: (groups: readonly BatchGroup[]) => string;
}

/** Gradients of any problem; `like` has the lengths of the learner. */
export function programGradients(
  gpu: Gpu,
  plan: Pick<TrainingPlan, "inner" | "learn"> & { readonly like: Learner },
  { limits, groupsOf, keyOf }: GradientOptions,
): GradientSource {
  const starts = learnedStarts(plan.like);
  const by = learnedNames(plan.learn);
  const learned = learnerInputs(plan.like);
  const length = [...starts.values()].reduce((end, { start, length }) => Math.max(end, start + length), 0);
  const batchOf = (tasks: readonly Task[], gradient: OuterGradient): ProgramBatch =>
    gradientBatch({ inner: plan.inner, gradient, learned }, tasks, { by, together: true });
  return {
    key: (tasks, gradient) => keyOf(groupsOf(batchOf(tasks, gradient))),
    open(tasks, gradient, { learner, finish }) {
      const count = tasks.length;
      const groups = groupsOf(batchOf(tasks, gradient));
      const { sizes, outputs } = groups[0].prepared.generated.layout;
      const meta = gpu.storage("meta-gradient", length + 1 + count);
      const root = gpu.storage("root", sizes.summed);
      const losses: Tree = {
        tasks: count,
        width: 1,
        leaves: gpu.storage("loss leaves", leafCount(count)),
        pairs: gpu.storage("loss pairs", Math.ceil(leafCount(count) / 2)),
      };
      const taskLosses = { buffer: meta, at: length + 1 };
      const run = new BatchRun(gpu, groups, {
        tasks: count,
        limits,
        hooks: {
          resident: new Map([...starts].map(([name, { start }]) => [name, { buffer: learner, at: start }])),
          each: (recording, { each, group, stretches }) => {
            const { sizes, outputs } = group.prepared.generated.layout;
            for (const { from, place, count } of stretches) {
              const source = { buffer: each, at: from * sizes.each + outputs.get("loss")!.at, stride: sizes.each };
              recordColumn(recording, source, { ...taskLosses, at: taskLosses.at + place }, count);
            }
          },
          finish: (recording, tree) => {
            if (sizes.summed > 0) recordRoot(recording, tree, { buffer: root, at: 0 }, 1 / count);
            for (const [name, { space, at, size }] of outputs) {
              if (space !== "summed") continue;
              recording.copy({ buffer: root, at }, { buffer: meta, at: starts.get(name)!.start }, size);
            }
            recordLeaves(recording, losses, {
              source: taskLosses,
              at: 0,
              elements: 1,
              taskStride: 1,
              start: 0,
              tasks: count,
            });
            recordRoot(recording, losses, { buffer: meta, at: length }, 1 / count);
            finish(recording, meta);
          },
        },
      });
      return {
        submit: (own, at) => run.submit(learned, batchOf(own, at).tasks.map(({ inputs }) => inputs)),
        free(): void {
          run.free();
          for (const buffer of [meta, root, losses.leaves, losses.pairs]) gpu.free(buffer);
        },
      };
    },
  };
}
