/**
 * The methods compared, each a preset with the settings of Finn et al. 2017, section 5.1, where the paper gives one.
 * @module
 */
import {
  anil,
  fomaml,
  imaml,
  maml,
  mamlPlusPlus,
  type MetaConfig,
  metaSgd,
  mlp,
  reptile,
  type Task,
} from "@adaptrade/adaptrade";
import type { OuterConfig } from "@adaptrade/adaptrade/methods";

/** One row of the table. */
export interface Method {
  /** File-name-safe name. */
  readonly id: string;
  /** Name in the table. */
  readonly title: string;
  /** Its settings. */
  readonly config: MetaConfig;
  /** What the tasks become before training; the identity for all but joint training. */
  readonly prepare?: (task: Task) => Task;
}

const NET = mlp({ inputs: 1, hidden: [40, 40], outputs: 1 });
const INNER = { steps: 1, lr: 0.01 };
const ADAM: OuterConfig = { optimizer: "adam", lr: 1e-3 };

/** Joint training sees all of a task's points at once: support and query together. */
function pooled({ support, query }: Task): Task {
  const both = {
    rows: support.rows + query.rows,
    x: Float32Array.of(...support.x, ...query.x),
    y: Float32Array.of(...support.y, ...query.y),
  };
  return { support, query: both };
}

/** Every method, for a training of `iterations` outer steps. */
export function methods(iterations: number): Method[] {
  const cosine: OuterConfig = { ...ADAM, schedule: { kind: "cosine", steps: iterations, floor: 0.01 } };
  return [
    {
      id: "pretrained",
      title: "Pretrained on all tasks",
      config: maml({ net: NET, inner: { steps: 0, lr: 0.01 }, outer: ADAM }),
      prepare: pooled,
    },
    { id: "maml", title: "MAML", config: maml({ net: NET, inner: INNER, outer: ADAM }) },
    { id: "fomaml", title: "FOMAML", config: fomaml({ net: NET, inner: INNER, outer: ADAM }) },
    {
      id: "reptile",
      title: "Reptile",
      config: reptile({
        net: NET,
        inner: { steps: 10, lr: 0.005 },
        outer: { optimizer: "sgd", lr: 0.5, schedule: { kind: "cosine", steps: iterations, floor: 0.01 } },
      }),
    },
    { id: "anil", title: "ANIL", config: anil({ net: NET, inner: INNER, outer: ADAM }) },
    { id: "meta_sgd", title: "Meta-SGD", config: metaSgd({ net: NET, inner: INNER, outer: ADAM }) },
    {
      id: "maml_plus_plus",
      title: "MAML++ (5 steps)",
      config: mamlPlusPlus({
        net: NET,
        inner: { steps: 5, lr: 0.01 },
        outer: cosine,
        gradient: {
          kind: "unrolled",
          stepWeights: [0, 0.2, 0.2, 0.2, 0.2, 0.2],
          stepWeightsAnneal: Math.max(1, Math.round(iterations / 2)),
          firstOrderSteps: Math.round(iterations / 10),
        },
      }),
    },
    {
      id: "imaml",
      title: "iMAML (to rest, ≤ 10)",
      config: imaml({ net: NET, inner: { steps: 10 }, outer: ADAM }),
    },
  ];
}
