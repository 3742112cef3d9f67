/**
 * The library in the visitor's browser: opens WebGPU there, or else the CPU engine, and solves the fixed problem. Imports the
 * whole library, so islands load it with `import()`, and only when it is asked for.
 * @module
 */
import { type EngineInfo, openEngine } from "@adaptrade/adaptrade";
import { compareAnswers, type Comparison, type ProblemAnswer, solveProblem } from "./engine_problem.ts";

/** What the browser did. */
export interface BrowserTraining {
  /** The engine that opened. */
  readonly info: EngineInfo;
  /** Why it is not WebGPU, or null. */
  readonly fallback: string | null;
  /** How far it is from the server. */
  readonly comparison: Comparison;
  /** What it found. */
  readonly answer: ProblemAnswer;
  /** Median time of a meta-step, ms. */
  readonly stepMs: number;
}

/**
 * Solves the problem in this browser and compares it with the server's answer.
 *
 * @param reference the server's answer
 * @param onStep told after each meta-step how many are done, and its meta-loss
 * @throws {Error} Neither WebGPU nor SIMD WebAssembly opens; the message says what the browser lacks.
 */
export async function trainInBrowser(
  reference: ProblemAnswer,
  onStep: (done: number, loss: number) => void,
): Promise<BrowserTraining> {
  const { engine, fallback } = await openAny();
  await using _ = engine;
  const times: number[] = [];
  let last = performance.now();
  const answer = await solveProblem(engine, (done, loss) => {
    const now = performance.now();
    times.push(now - last);
    last = now;
    onStep(done, loss);
  });
  times.sort((a, b) => a - b);
  return {
    info: engine.info,
    fallback,
    answer,
    comparison: compareAnswers(answer, reference),
    stepMs: times[times.length >> 1],
  };
}

async function openAny() {
  let fallback: string;
  try {
    return { engine: await openEngine({ backend: "webgpu" }), fallback: null };
  } catch (error) {
    fallback = (error as Error).message;
  }
  try {
    return { engine: await openEngine({ backend: "cpu" }), fallback };
  } catch (error) {
    throw new Error(
      `This browser can train neither on its GPU (${fallback}) nor on its CPU (${(error as Error).message}). ` +
        "A current Chrome, Edge, Firefox or Safari can.",
    );
  }
}
