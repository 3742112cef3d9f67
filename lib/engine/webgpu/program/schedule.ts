/**
 * Which steps are dispatched together: as many as one workgroup a task can do without working long while others idle, and what
 * would take it long in a dispatch of its own, shared out over several. The choice changes no result.
 * @module
 */
import { type Generated, type GeneratedStep, laneIterations, WORTH_A_DISPATCH } from "./generated.ts";

/** Steps of one dispatch, by their words. */
export interface Range {
  /** Their shader. */
  readonly shader: number;
  /** First word. */
  readonly first: number;
  /** Behind the last word. */
  readonly end: number;
  /** Workgroups a task. */
  readonly parts: number;
}

/** Workgroups that keep a device busy. */
const BUSY_GROUPS = 256;

function partsOf(
  step: GeneratedStep,
  workgroup: number,
  options: { readonly tasks: number; readonly iterations: number },
): number {
  const { tasks, iterations } = options;
  if (step.lanes === 0) return 1;
  const alone = laneIterations(step, workgroup);
  const most = Math.ceil(step.lanes / workgroup);
  const wanted = alone > WORTH_A_DISPATCH ? Math.ceil(BUSY_GROUPS / tasks) : 1;
  return Math.min(most, Math.max(wanted, Math.ceil(alone / iterations)));
}

/**
 * Cuts a program into dispatches for so many tasks at once.
 *
 * @throws {RangeError} A step runs longer than the device lets a thread run.
 */
export function schedule(
  { steps, words, workgroup, held }: Pick<Generated, "steps" | "words" | "workgroup" | "held">,
  options: { readonly tasks: number; readonly iterations: number },
): Range[] {
  if (held) return [{ shader: 0, first: 0, end: words.length, parts: 1 }];
  const ranges: Range[] = [];
  let spent = 0;
  steps.forEach((step, s) => {
    const end = steps[s + 1]?.at ?? words.length;
    const parts = partsOf(step, workgroup, options);
    const iterations = laneIterations(step, workgroup, parts);
    if (iterations > options.iterations) {
      throw new RangeError(
        `Cannot run the program on this adapter: a step needs ${iterations} iterations of a loop, it allows ${options.iterations}`,
      );
    }
    const last = ranges.at(-1);
    const follows = last?.shader === step.shader && last.parts === 1;
    if (last && follows && parts === 1 && spent + iterations <= options.iterations) {
      ranges[ranges.length - 1] = { ...last, end };
      spent += iterations;
    } else {
      ranges.push({ shader: step.shader, first: step.at, end, parts });
      spent = iterations;
    }
  });
  return ranges;
}
