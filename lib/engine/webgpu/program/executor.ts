/**
 * Runs programs on the GPU: shaders are generated once for each program and use of it, and kept as long as the program; buffers
 * are kept for the next run of as many tasks. Before its first run it checks the device on a program of every kind of step.
 * @module
 */
import { interpreter } from "../../../program/interpret.ts";
import type { Program } from "../../../program/program.ts";
import type { ProgramBatch, ProgramExecutor, ProgramResults } from "../../executor.ts";
import { TreeSum } from "../../tree_sum.ts";
import { generate, type Generated } from "./generated.ts";
import type { TaskProgram } from "./task_program.ts";
import type { Gpu } from "../gpu.ts";
import { JobCache } from "../jobs.ts";
import { selfTestProgram } from "./self_test_program.ts";
import { distance, requireSmall } from "../self_test.ts";
import { type Numbers, type TaskLimits, type TaskOutputs, TaskRun } from "./task_run.ts";

/** A program as one batch uses it. */
interface Prepared {
  readonly key: string;
  readonly work: TaskProgram;
  readonly generated: Generated;
}

/** Tasks of one program within a batch. */
interface Group {
  readonly program: Program;
  /** Their places in the batch. */
  readonly places: number[];
  readonly inputs: Numbers[];
}

/** Programs on one device. */
export class GpuPrograms implements ProgramExecutor {
  readonly #gpu: Gpu;
  readonly #limits: TaskLimits;
  readonly #runs: JobCache<TaskRun>;
  readonly #prepared = new WeakMap<Program, Map<string, Prepared>>();
  readonly #adapter: string;
  #checked: Promise<void> | undefined;
  #count = 0;

  /** `adapter` is its name. */
  constructor(gpu: Gpu, adapter: string, limits: TaskLimits) {
    this.#gpu = gpu;
    this.#adapter = adapter;
    this.#limits = limits;
    this.#runs = new JobCache(gpu, limits.budget.total);
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

  async #runGroup(
    { program, inputs }: Pick<Group, "program" | "inputs">,
    batch: ProgramBatch,
    summed: readonly string[],
  ): Promise<TaskOutputs> {
    const shared = Object.keys(program.inputs).filter((name) => name in batch.shared && !(name in inputs[0]));
    const { key, work, generated } = this.#prepare(program, shared, summed);
    const options = { tasks: inputs.length, generated, limits: this.#limits };
    return await this.#runs.with(
      `${key} ${inputs.length}`,
      () => new TaskRun(this.#gpu, work, options),
      (run) => run.run(batch.shared, inputs),
    );
  }

  async run(batch: ProgramBatch): Promise<ProgramResults> {
    await (this.#checked ??= this.#check());
    const groups = new Map<Program, Group>();
    batch.tasks.forEach(({ program, inputs }, t) => {
      const group: Group = groups.get(program) ?? { program, places: [], inputs: [] };
      groups.set(program, group);
      group.places.push(t);
      group.inputs.push(inputs);
    });
    if (groups.size === 1) {
      const [group] = groups.values();
      const { sums, each } = await this.#runGroup(group, batch, batch.sum);
      return { sum: sums, each };
    }
    // Tasks of different shapes meet in the tree on the host.
    const all: Readonly<Record<string, Float32Array>>[] = [];
    for (const group of groups.values()) {
      const { each } = await this.#runGroup(group, batch, []);
      group.places.forEach((place, i) => all[place] = each[i]);
    }
    const sums = batch.sum.map((name) => {
      const sum = new TreeSum<Float32Array>();
      for (const outputs of all) sum.add(outputs[name]);
      return [name, sum.total()] as const;
    });
    const each = all.map((outputs) =>
      Object.fromEntries(Object.entries(outputs).filter(([name]) => !batch.sum.includes(name)))
    );
    return { sum: Object.fromEntries(sums), each };
  }

  /** Compares every kind of step with float64. Drivers have computed wrong numbers after an upgrade before. */
  async #check(): Promise<void> {
    const { program, inputs } = selfTestProgram();
    const found = await this.#runGroup({ program, inputs: [inputs] }, { shared: {}, tasks: [], sum: [] }, []);
    const expected = interpreter(program)(inputs);
    const errors = Object.entries(expected).map(([name, values]) =>
      [name, distance(found.each[0][name], values)] as const
    );
    requireSmall(this.#adapter, Object.fromEntries(errors));
  }
}
