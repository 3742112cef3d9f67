/**
 * What a worker computes with, in words: how programs are compiled, the library's version, the runtime, and the hash of what it
 * computes on fixed numbers. Two that differ may give results that differ in their last bits, so a pool has workers of one alone.
 * @module
 */
import { compileProgram } from "../engine/cpu/program/compile.ts";
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import { maml } from "../meta/presets.ts";
import { resolveConfig } from "../meta/resolve.ts";
import { metaInit } from "../meta/state.ts";
import { forwardProgram } from "../method/programs.ts";
import { lstm } from "../model/lstm.ts";
import { mlp } from "../net/mlp.ts";
import { random } from "../net/random.ts";
import { VERSION } from "../version.ts";
import { hashOf } from "./blob.ts";
import { openJobEngine, type PoolBuild } from "./job_engine.ts";
import { packValue } from "./pack.ts";

/** Digits of hashes that are shown. */
const SHOWN = 12;
const PROBE_ROWS = 7;

/** The functions of the language whose last bits are the runtime's own. */
const FUNCTIONS = [Math.exp, Math.log, Math.sin, Math.cos, Math.tanh, Math.cbrt, (x: number) => Math.pow(x, 1.7)];

/**
 * The hash of what an engine computes on fixed numbers: meta-gradients through two programs, and the functions of
 * the language.
 */
export async function probe(engine: Pick<Engine, "metaGradient">): Promise<string> {
  const stream = random(1);
  const samples = (inputs: number): Samples => ({
    rows: PROBE_ROWS,
    x: Float32Array.from({ length: PROBE_ROWS * inputs }, () => stream.normal()),
    y: Float32Array.from({ length: PROBE_ROWS }, () => stream.normal()),
  });
  const found: unknown[] = [
    FUNCTIONS.map((f) => Float64Array.from({ length: 32 }, () => f(4 * stream.uniform() + 0.1))),
  ];
  const nets = [
    mlp({ inputs: 5, hidden: [17, 9], outputs: 1, activation: "tanh" }),
    lstm({ time: 3, features: 2, hidden: 5, outputs: 1 }),
  ];
  for (const net of nets) {
    const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.1 } }), { seed: 2 });
    const { inner, gradientAt } = resolveConfig(state.config);
    const tasks = Array.from({ length: 3 }, () => ({ support: samples(net.inputs), query: samples(net.inputs) }));
    const { params, loss } = await engine.metaGradient(inner, gradientAt(0), state, tasks);
    found.push(params, loss);
  }
  return (await hashOf(packValue(found))).slice(0, SHOWN);
}

/** What the workers of this machine compute with. */
export async function fingerprint(build?: PoolBuild): Promise<string> {
  const engine = await openJobEngine(build);
  try {
    const { adapter } = engine.info;
    const compiled = compileProgram(forwardProgram(mlp({ inputs: 5, hidden: [17], outputs: 2 }), PROBE_ROWS), {
      relaxed: adapter.includes("relaxed"),
      shared: false,
    });
    const source = (await hashOf(compiled.bytes)).slice(0, SHOWN);
    const runtime = globalThis.navigator?.userAgent ?? "an unnamed runtime";
    return `${adapter} ${source}, adaptrade ${VERSION}, ${runtime}, probe ${await probe(engine)}`;
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}
