/**
 * The Engine over WebGPU. Each call finds or makes its recording, uploads, submits once and reads back once.
 * @module
 */
import type { Mlp } from "../../net/mlp.ts";
import type { AdaptedBatch, AdaptPair, EngineInfo, FusedEngine, Training, TrainingPlan } from "../engine.ts";
import type {
  FusedLoss,
  FusedProblem,
  Learner,
  MetaGradient,
  OuterGradient,
  OuterMoments,
  Samples,
  Task,
} from "../problem.ts";
import { type BatchOptions, uploadRows } from "./batch.ts";
import {
  adaptJob,
  type BatchJob,
  forwardJob,
  gradientJob,
  metaJob,
  plainProblem,
  predictJob,
  productJob,
} from "./calls.ts";
import { fusedGradients } from "./fused_gradient.ts";
import type { Gpu } from "./gpu.ts";
import { JobCache, runJob } from "./jobs.ts";
import type { Budget, PathLimits } from "./plan.ts";
import { openDeviceTraining } from "./training.ts";
import { batchKey, uploadControl, uploadLearner } from "./upload.ts";

/** Rows of a block that forward hands to one task's worth of workgroups. */
const FORWARD_BLOCK = 4096;

/** Most rows of any of these sets. */
export function mostRows(sets: readonly Pick<Samples, "rows">[]): number {
  return sets.reduce((most, { rows }) => Math.max(most, rows), 0);
}

/** What a plain call differentiates at, as a learner. */
function plainLearner({ params, phi }: Pick<Learner, "params" | "phi">): Learner {
  return { params, logLr: new Float32Array(1), phi, weightDecay: 0 };
}

/** An engine on one device. */
export class WebGpuEngine implements FusedEngine {
  readonly info: EngineInfo;
  readonly #gpu: Gpu;
  readonly #budget: Budget;
  readonly #limits: PathLimits;
  readonly #jobs: JobCache<BatchJob>;

  constructor(gpu: Gpu, info: EngineInfo, bounds: { readonly budget: Budget; readonly limits: PathLimits }) {
    const { budget, limits } = bounds;
    this.#gpu = gpu;
    this.#limits = limits;
    this.info = info;
    this.#budget = budget;
    this.#jobs = new JobCache(gpu, budget.total);
  }

  get heldBytes(): number {
    return this.#gpu.heldBytes;
  }

  /** Finds or builds the job of a call, uploads its learner, control and rows, and runs it. */
  #call(
    call: string,
    build: (gpu: Gpu, options: BatchOptions) => BatchJob,
    options: Omit<BatchOptions, "budget" | "limits" | "rates">,
    input: {
      readonly learner: Learner;
      readonly supports: readonly Samples[];
      readonly queries: readonly (Samples | Float32Array)[];
      readonly direction?: Float32Array;
    },
  ): Promise<{ readonly job: BatchJob; readonly staged: readonly Float32Array[] }> {
    const gpu = this.#gpu;
    const rates = input.learner.logLr.length;
    const full: BatchOptions = { ...options, rates, budget: this.#budget, limits: this.#limits };
    return this.#jobs.with(batchKey(call, full.inner, full), () => build(gpu, full), async (job) => {
      uploadLearner(gpu, job.batch, input.learner);
      uploadControl(gpu, job.batch, full.gradient);
      uploadRows(gpu, job.batch, input.supports, input.queries);
      if (input.direction) {
        gpu.device.queue.writeBuffer(job.batch.arena.direction, 0, input.direction as Float32Array<ArrayBuffer>);
      }
      return { job, staged: await runJob(gpu, job) };
    });
  }

  async forward(net: Mlp, params: Float32Array, x: Float32Array): Promise<Float32Array> {
    const rows = x.length / net.inputs;
    const block = Math.min(rows, FORWARD_BLOCK);
    const tasks = Math.ceil(rows / block);
    const queries = Array.from(
      { length: tasks },
      (_, t) => x.subarray(t * block * net.inputs, (t + 1) * block * net.inputs),
    );
    const { staged } = await this.#call("forward", forwardJob, {
      inner: plainProblem(net, { kind: "mse" }),
      tasks,
      rows: { support: 0, query: block },
    }, { learner: plainLearner({ params, phi: new Float32Array(3) }), supports: [], queries });
    const outputs = new Float32Array(rows * net.outputs);
    let at = 0;
    for (const part of staged) {
      outputs.set(part.subarray(0, outputs.length - at), at);
      at += part.length;
    }
    return outputs;
  }

  async lossGradient(
    net: Mlp,
    loss: FusedLoss,
    at: Pick<Learner, "params" | "phi">,
    samples: Samples,
  ): Promise<{ loss: number; grad: Float32Array; gradPhi: Float32Array }> {
    const { staged: [numbers] } = await this.#call("gradient", gradientJob, {
      inner: plainProblem(net, loss),
      tasks: 1,
      rows: { support: samples.rows, query: 0 },
    }, { learner: plainLearner(at), supports: [samples], queries: [] });
    const params = net.parameterCount;
    const gradPhi = loss.kind === "learned" ? numbers.slice(params + 1, params + 4) : new Float32Array(3);
    return { loss: numbers[params], grad: numbers.slice(0, params), gradPhi };
  }

  async hessianVectorProduct(
    net: Mlp,
    loss: FusedLoss,
    at: Pick<Learner, "params" | "phi">,
    samples: Samples,
    vector: Float32Array,
  ): Promise<Float32Array> {
    const { staged: [product] } = await this.#call("product", productJob, {
      inner: plainProblem(net, loss),
      gradient: { kind: "reptile" },
      tasks: 1,
      rows: { support: samples.rows, query: 0 },
    }, { learner: plainLearner(at), supports: [samples], queries: [], direction: vector });
    return product;
  }

  async adapt(inner: FusedProblem, learner: Learner, supports: readonly Samples[]): Promise<AdaptedBatch> {
    const { job, staged } = await this.#call("adapt", adaptJob, {
      inner,
      tasks: supports.length,
      rows: { support: mostRows(supports), query: 0 },
    }, { learner, supports, queries: [] });
    const size = inner.net.parameterCount;
    const points = inner.steps + 1;
    const params = new Float32Array(supports.length * size);
    const losses = new Float32Array(supports.length * points);
    job.batch.chunks.forEach(({ start, tasks }, i) => {
      params.set(staged[i].subarray(0, tasks * size), start * size);
      for (let t = 0; t < tasks; t++) {
        for (let k = 0; k < points; k++) losses[(start + t) * points + k] = staged[i][tasks * (size + k) + t];
      }
    });
    return { params, losses };
  }

  async adaptPredict(inner: FusedProblem, learner: Learner, pairs: readonly AdaptPair[]): Promise<Float32Array[]> {
    const { inputs, outputs } = inner.net;
    const supports = pairs.map(({ support }) => support);
    const most = mostRows(pairs.map(({ x }) => ({ rows: x.length / inputs })));
    const { job, staged } = await this.#call("predict", predictJob, {
      inner,
      tasks: pairs.length,
      rows: { support: mostRows(supports), query: most },
    }, { learner, supports, queries: pairs.map(({ x }) => x) });
    return job.batch.chunks.flatMap(({ start, tasks }, i) =>
      pairs.slice(start, start + tasks).map(({ x }, t) => {
        const from = t * most * outputs;
        return staged[i].slice(from, from + x.length / inputs * outputs);
      })
    );
  }

  async metaGradient(
    inner: FusedProblem,
    gradient: OuterGradient,
    learner: Learner,
    tasks: readonly Task[],
  ): Promise<MetaGradient> {
    const supports = tasks.map(({ support }) => support);
    const queries = tasks.map(({ query }) => query);
    const { staged: [meta] } = await this.#call("meta", metaJob, {
      inner,
      gradient,
      tasks: tasks.length,
      rows: { support: mostRows(supports), query: mostRows(queries) },
    }, { learner, supports, queries });
    const params = inner.net.parameterCount;
    const end = params + learner.logLr.length;
    return {
      loss: meta[end + 4],
      taskLosses: meta.slice(end + 5),
      params: meta.slice(0, params),
      logLr: meta.slice(params, end),
      phi: inner.loss.kind === "learned" ? meta.slice(end, end + 3) : new Float32Array(3),
      weightDecay: meta[end + 3],
    };
  }

  openTraining(plan: TrainingPlan<FusedProblem>, learner: Learner, moments: OuterMoments): Promise<Training> {
    const bounds = { budget: this.#budget, limits: this.#limits, rates: learner.logLr.length };
    const source = fusedGradients(this.#gpu, plan.inner, bounds);
    return openDeviceTraining(this.#gpu, plan, { learner, moments, source });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gpu.device.queue.onSubmittedWorkDone();
    this.#gpu.destroy();
  }
}
