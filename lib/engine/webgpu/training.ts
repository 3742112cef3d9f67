/**
 * A training whose learner and moments stay on the device: a step is one submit and nothing is read back until asked.
 * A loss or gradient that is not finite sets a flag there, and that step and all later ones move nothing.
 * @module
 */
import { outerJudge } from "../../../kernels/wgsl/outer_judge.ts";
import { outerUpdate } from "../../../kernels/wgsl/outer_update.ts";
import type { Training, TrainingPlan, TrainingReading, TrainingStep } from "../engine.ts";
import { packLearnables, unpackLearnables } from "../host_training.ts";
import type { Learner, LearnMask, OuterGradient, OuterMoments, Task } from "../problem.ts";
import type { Gpu } from "./gpu.ts";
import type { Recording } from "./recording.ts";

/** Elements of the report before its task losses: norm, halted, loss, loss sum, good steps, updates, tasks, unused. */
const REPORT_HEAD = 8;

/** Programs kept, by the shape of a step. */
const MOST_PROGRAMS = 4;

/** Milliseconds of steps between two fences. Deno looks for finished work every 10 ms: a fence a step would cost a step that. */
const FENCE_EVERY = 20;

/** Most steps between two fences, which bounds what uploads wait on the device. */
const MOST_UNFENCED = 256;

/** Where a training starts. */
export interface TrainingStart {
  /** The learner to train. */
  readonly learner: Learner;
  /** The optimiser's moments. */
  readonly moments: OuterMoments;
}

/** A step's gradient on the device, for steps of one shape. */
export interface StepGradient {
  /** Uploads the tasks and submits all that was recorded. */
  submit(tasks: readonly Task[], gradient: OuterGradient): void;
  /** Frees its buffers. */
  free(): void;
}

/** What takes a training's gradients. */
export interface GradientSource {
  /** A key that is equal for steps of one shape. */
  key(tasks: readonly Task[], gradient: OuterGradient): string;
  /**
   * Records the gradient at the learner that lies in `learner`, then what `finish` records on the array where it is left,
   * `[learnables | loss | task losses]`; what is not learned may hold anything.
   */
  open(
    tasks: readonly Task[],
    gradient: OuterGradient,
    on: { readonly learner: GPUBuffer; readonly finish: (recording: Recording, meta: GPUBuffer) => void },
  ): StepGradient;
}

interface StepJob extends StepGradient {
  readonly shape: string;
}

/** Numbers of the rule that change from step to step: lr, 1 − β₁ᵗ, 1 − β₂ᵗ. */
const RULE_NUMBERS = 3;

function learnedBits(learn: LearnMask): number {
  return (learn.params ? 1 : 0) | (learn.lr ? 2 : 0) | (learn.loss ? 4 : 0) | (learn.weightDecay ? 8 : 0) |
    (learn.others ? 16 : 0);
}

class DeviceTraining implements Training {
  readonly #gpu: Gpu;
  readonly #plan: Pick<TrainingPlan, "learn" | "rule">;
  readonly #source: GradientSource;
  readonly #length: number;
  readonly #rule: GPUBuffer;
  readonly #start: Learner;
  readonly #learner: GPUBuffer;
  readonly #moments: GPUBuffer;
  #report: GPUBuffer;
  #reportTasks = 0;
  #staging: GPUBuffer | undefined;
  #jobs: StepJob[] = [];
  #fence: Promise<unknown> | undefined;
  #fencedAt = performance.now();
  #unfenced = 0;
  #mostUnfenced = 1;
  readonly #startStep: number;
  #step: number;
  #stepped = false;

  constructor(
    gpu: Gpu,
    plan: Pick<TrainingPlan, "learn" | "rule">,
    { learner, moments, source }: TrainingStart & { readonly source: GradientSource },
  ) {
    this.#gpu = gpu;
    this.#plan = plan;
    this.#source = source;
    this.#start = learner;
    const values = packLearnables(learner) as Float32Array<ArrayBuffer>;
    this.#length = values.length;
    this.#rule = gpu.storage("rule", RULE_NUMBERS);
    this.#learner = gpu.storage("learner", values.length);
    this.#moments = gpu.storage("moments", 2 * values.length);
    this.#report = gpu.storage("report", REPORT_HEAD);
    const { queue } = gpu.device;
    queue.writeBuffer(this.#learner, 0, values);
    queue.writeBuffer(this.#moments, 0, moments.first as Float32Array<ArrayBuffer>);
    queue.writeBuffer(this.#moments, 4 * values.length, moments.second as Float32Array<ArrayBuffer>);
    this.#startStep = this.#step = moments.step;
  }

  /** Makes room for the losses of so many tasks, keeping what the report holds. */
  #growReport(tasks: number): void {
    if (tasks <= this.#reportTasks) return;
    const gpu = this.#gpu;
    const old = this.#report;
    this.#report = gpu.storage("report", REPORT_HEAD + tasks);
    const encoder = gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(old, 0, this.#report, 0, 4 * (REPORT_HEAD + this.#reportTasks));
    gpu.device.queue.submit([encoder.finish()]);
    gpu.free(old);
    if (this.#staging) gpu.free(this.#staging);
    this.#staging = undefined;
    this.#reportTasks = tasks;
    for (const job of this.#jobs.splice(0)) job.free(); // they are bound to the old report
  }

  #job(tasks: readonly Task[], gradient: OuterGradient): StepJob {
    const shape = this.#source.key(tasks, gradient);
    const found = this.#jobs.findIndex((job) => job.shape === shape);
    const job = found < 0 ? this.#record(shape, tasks, gradient) : this.#jobs.splice(found, 1)[0];
    this.#jobs.push(job);
    while (this.#jobs.length > MOST_PROGRAMS) this.#jobs.shift()!.free();
    return job;
  }

  #record(shape: string, tasks: readonly Task[], gradient: OuterGradient): StepJob {
    const { rule, learn } = this.#plan;
    const { params, logLr, phi } = this.#start;
    const sizes = {
      count: this.#length,
      params: params.length,
      rates: logLr.length,
      phi: phi.length,
      learned: learnedBits(learn),
    };
    const finish = (recording: Recording, meta: GPUBuffer): void => {
      recording.run(outerJudge, {
        buffers: { meta_gradient: meta, report: this.#report },
        sizes: { ...sizes, tasks: tasks.length },
      });
      recording.run(outerUpdate, {
        buffers: {
          control: this.#rule,
          meta_gradient: meta,
          report: this.#report,
          learner: this.#learner,
          moments: this.#moments,
        },
        sizes: {
          ...sizes,
          rule: 0,
          adam: rule.optimizer === "adam" ? 1 : 0,
          beta1: rule.beta1,
          beta2: rule.beta2,
          epsilon: rule.epsilon,
          momentum: rule.momentum,
          decay: rule.weightDecay,
          clip: Number.isFinite(rule.clipNorm) ? rule.clipNorm : -1,
          rest1: 1 - rule.beta1,
          rest2: 1 - rule.beta2,
          pace: rule.ratesFactor ?? 1,
        },
      });
    };
    const step = this.#source.open(tasks, gradient, { learner: this.#learner, finish });
    return { shape, submit: (own, at) => step.submit(own, at), free: () => step.free() };
  }

  async step(tasks: readonly Task[], { lr, gradient }: TrainingStep): Promise<void> {
    const gpu = this.#gpu;
    const { rule } = this.#plan;
    this.#growReport(tasks.length);
    const job = this.#job(tasks, gradient);
    this.#step++;
    this.#stepped = true;
    const numbers = Float32Array.of(lr, 1 - rule.beta1 ** this.#step, 1 - rule.beta2 ** this.#step);
    gpu.device.queue.writeBuffer(this.#rule, 0, numbers);
    job.submit(tasks, gradient);
    await gpu.settle();
    if (++this.#unfenced >= this.#mostUnfenced) await this.#pace();
  }

  /** Waits for the fence before this one, so that the device has work while the host prepares more, but never much. */
  async #pace(): Promise<void> {
    const before = this.#fence;
    this.#fence = this.#gpu.device.queue.onSubmittedWorkDone();
    await before;
    const now = performance.now();
    const steps = Math.round(FENCE_EVERY * this.#unfenced / Math.max(now - this.#fencedAt, 1e-3));
    this.#mostUnfenced = Math.min(Math.max(1, steps), 2 * this.#mostUnfenced, MOST_UNFENCED);
    this.#fencedAt = now;
    this.#unfenced = 0;
  }

  async read(): Promise<TrainingReading> {
    const gpu = this.#gpu;
    const length = this.#length;
    const report = REPORT_HEAD + this.#reportTasks;
    this.#staging ??= gpu.staging("reading", 3 * length + report);
    const staging = this.#staging;
    const encoder = gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#learner, 0, staging, 0, 4 * length);
    encoder.copyBufferToBuffer(this.#moments, 0, staging, 4 * length, 8 * length);
    encoder.copyBufferToBuffer(this.#report, 0, staging, 12 * length, 4 * report);
    encoder.clearBuffer(this.#report, 12, 8); // loss sum and good steps start anew
    gpu.device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    await gpu.settle();
    const numbers = new Float32Array(staging.getMappedRange().slice(0));
    staging.unmap();
    this.#fence = undefined;
    this.#fencedAt = performance.now();
    this.#unfenced = 0;
    const [gradNorm, halted, loss, lossSum, goodSteps, updates, tasks] = numbers.subarray(3 * length);
    return {
      learner: unpackLearnables(numbers.slice(0, length), this.#start),
      moments: {
        first: numbers.slice(length, 2 * length),
        second: numbers.slice(2 * length, 3 * length),
        step: this.#startStep + updates,
      },
      loss: this.#stepped ? loss : NaN,
      taskLosses: numbers.slice(3 * length + REPORT_HEAD, 3 * length + REPORT_HEAD + tasks),
      gradNorm: this.#stepped ? gradNorm : NaN,
      meanLoss: goodSteps > 0 ? lossSum / goodSteps : NaN,
      halted: halted !== 0,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const job of this.#jobs.splice(0)) job.free();
    for (const buffer of [this.#rule, this.#learner, this.#moments, this.#report]) this.#gpu.free(buffer);
    if (this.#staging) this.#gpu.free(this.#staging);
    this.#staging = undefined;
    return Promise.resolve();
  }
}

/** Moves a learner and its moments onto the device, to be trained by the gradients of `source`. */
export async function openDeviceTraining(
  gpu: Gpu,
  plan: Pick<TrainingPlan, "learn" | "rule">,
  start: TrainingStart & { readonly source: GradientSource },
): Promise<Training> {
  const training = new DeviceTraining(gpu, plan, start);
  await gpu.settle();
  return training;
}
