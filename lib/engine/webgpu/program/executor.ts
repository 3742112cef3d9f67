/**
 * Runs programs on the GPU: shaders are generated once for each program and use of it, and kept as long as the program; buffers
 * are kept for the next run of as many tasks.
 * @module
 */
import type { Program } from "../../../program/program.ts";
import type { Training, TrainingPlan } from "../../engine.ts";
import type { ProgramBatch, ProgramExecutor, ProgramResults } from "../../executor.ts";
import type { Learner, OuterMoments } from "../../problem.ts";
import type { BatchGroup } from "./batch_run.ts";
import { generate } from "./generated.ts";
import { programGradients } from "./gradient.ts";
import { BatchReading } from "./reading.ts";
import type { Gpu } from "../gpu.ts";
import { JobCache } from "../jobs.ts";
import { openDeviceTraining } from "../training.ts";
import type { Prepared, TaskLimits } from "./task_run.ts";

/** A text that is equal for equal programs of equal tasks. */
function keyOf(groups: readonly BatchGroup[]): string {
  return groups.map(({ prepared, places }) => `${prepared.key}: ${places.join()}`).join("; ");
}

/** Programs on one device. */
export class GpuPrograms implements ProgramExecutor {
  /** A program is dozens of shaders to compile; rows are lanes. */
  readonly fillsTogether = true;
  readonly #gpu: Gpu;
  readonly #limits: TaskLimits;
  readonly #readings: JobCache<BatchReading>;
  readonly #prepared = new WeakMap<Program, Map<string, Prepared>>();
  #count = 0;

  constructor(gpu: Gpu, limits: TaskLimits) {
    this.#gpu = gpu;
    this.#limits = limits;
    this.#readings = new JobCache(gpu, limits.budget.total);
  }

  #prepare(program: Program, shared: readonly string[], summed: readonly string[]): Prepared {
    const uses = this.#prepared.get(program) ?? new Map<string, Prepared>();
    this.#prepared.set(program, uses);
    const use = JSON.stringify([shared, summed]);
    let prepared = uses.get(use);
    if (!prepared) {
      const work = { program, shared, summed };
      prepared = { key: `program ${this.#count++}`, work, generated: generate(work, this.#limits) };
      uses.set(use, prepared);
    }
    return prepared;
  }

  /** The batch's tasks by program. */
  #groupsOf({ shared, tasks, sum }: ProgramBatch): BatchGroup[] {
    const groups = new Map<Program, number[]>();
    tasks.forEach(({ program }, t) => {
      const places = groups.get(program);
      if (places) places.push(t);
      else groups.set(program, [t]);
    });
    return [...groups].map(([program, places]) => {
      const { inputs } = tasks[places[0]];
      const alike = Object.keys(program.inputs).filter((name) => name in shared && !(name in inputs));
      return { prepared: this.#prepare(program, alike, sum), places };
    });
  }

  async run(batch: ProgramBatch): Promise<ProgramResults> {
    const groups = this.#groupsOf(batch);
    const options = { tasks: batch.tasks.length, limits: this.#limits };
    return await this.#readings.with(
      keyOf(groups),
      () => new BatchReading(this.#gpu, groups, options),
      (reading) => reading.read(batch.shared, batch.tasks.map(({ inputs }) => inputs)),
    );
  }

  /** Moves a learner onto the device to be trained there. */
  async openTraining(plan: TrainingPlan, learner: Learner, moments: OuterMoments): Promise<Training> {
    const source = programGradients(this.#gpu, { ...plan, like: learner }, {
      limits: this.#limits,
      groupsOf: (batch) => this.#groupsOf(batch),
      keyOf,
    });
    return await openDeviceTraining(this.#gpu, plan, { learner, moments, source });
  }
}
