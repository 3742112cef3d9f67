/**
 * The methods compared: what each is on numbers and on two classes. One network where a method has one, one number of inner steps.
 * @module
 */
import {
  anil,
  fomaml,
  imaml,
  learnedOptimizer,
  lstmMetaLearner,
  maml,
  mamlPlusPlus,
  matching,
  memory,
  type MetaConfig,
  metaGradient,
  metaInit,
  metaSgd,
  type MetaState,
  mlp,
  neuralProcess,
  prototypical,
  reptile,
  ridge,
} from "@adaptrade/adaptrade";
import {
  bayesianMaml,
  inContext,
  type Method,
  type PresetOptions,
  type RuleConfig,
} from "@adaptrade/adaptrade/methods";
import type { Problem } from "./problems.ts";

/** A row of the table. */
export interface Contender {
  /** Its name. */
  readonly name: string;
  /** Whether it learns from simulated markets in place of real ones. */
  readonly simulated?: boolean;
  /** A state before its first step; undefined where it is not for the problem. */
  start(problem: Problem, run: { readonly seed: number; readonly batches: number }): MetaState | undefined;
}

const INNER = { steps: 3, lr: 0.05 };
const OUTER_LR = 2e-3;

function outerOf(batches: number) {
  return { lr: OUTER_LR, clipNorm: 1, schedule: { kind: "cosine", steps: batches, floor: 0.02 } } as const;
}

/** A preset on the shared network. */
function bilevel(
  name: string,
  preset: (options: PresetOptions) => MetaConfig,
  more: Partial<PresetOptions> = {},
): Contender {
  return {
    name,
    start({ inputs, classes }, { seed, batches }) {
      const net = mlp({ inputs, hidden: [32], outputs: classes ? 2 : 1, activation: "tanh" });
      const outer = { ...outerOf(batches), ...more.outer };
      const loss = classes ? { kind: "crossEntropy" as const } : more.loss;
      return metaInit(preset({ ...more, net, inner: { ...INNER, ...more.inner }, outer, ...(loss ? { loss } : {}) }), {
        seed,
      });
    },
  };
}

/** A method of one pass; undefined where it is not for the problem. */
function onePass(name: string, of: (problem: Problem) => Method | undefined, more: Partial<Contender> = {}): Contender {
  return {
    name,
    ...more,
    start(problem, { seed, batches }) {
      if (more.simulated && !problem.simulated) return undefined;
      const method = of(problem);
      return method && metaInit({ method, outer: outerOf(batches) }, { seed });
    },
  };
}

const embedding = (inputs: number) => mlp({ inputs, hidden: [32], outputs: 16, activation: "tanh" });
const lossOf = ({ classes }: Problem) => ({ kind: classes ? "crossEntropy" : "mse" } as const);
const widthOf = ({ classes }: Problem): number => classes ? 2 : 1;
const rule = (config: RuleConfig) => ({ inner: { rule: config } });
const numbersAlone = (contender: Contender): Contender => ({
  ...contender,
  start: (problem, run) => problem.classes ? undefined : contender.start(problem, run),
});

/** Every method of the library. */
export const CONTENDERS: readonly Contender[] = [
  bilevel("pretrained, unadapted", maml, { inner: { steps: 0 } }),
  bilevel("MAML", maml),
  bilevel("MAML by momentum", maml, rule({ kind: "momentum", mu: 0.5 })),
  bilevel("MAML by Adam", maml, { inner: { lr: 0.02, rule: { kind: "adam", epsilonRoot: 1e-6 } } }),
  bilevel("FOMAML", fomaml),
  bilevel("Reptile", reptile, { outer: { optimizer: "sgd", lr: 0.1 } }),
  bilevel("ANIL", anil),
  bilevel("Meta-SGD", metaSgd, { outer: { ratesLr: 10 * OUTER_LR } }),
  bilevel("MAML++", mamlPlusPlus, { outer: { ratesLr: 10 * OUTER_LR } }),
  bilevel("iMAML", imaml, { inner: { steps: 16, lr: 0.001 } }),
  numbersAlone(bilevel("learned loss and rates", metaGradient, { learn: { params: true } })),
  numbersAlone({
    name: "Bayesian MAML",
    start({ inputs }, { seed, batches }) {
      const net = mlp({ inputs, hidden: [32], outputs: 2, activation: "tanh" });
      const [inner, loss] = [{ ...INNER, lr: 0.01 }, { kind: "gaussian", floor: 1e-2 }] as const;
      return metaInit(bayesianMaml({ net, particles: 3, inner, loss, outer: outerOf(batches) }), { seed });
    },
  }),
  bilevel("learned optimiser, LSTM", learnedOptimizer, rule({ kind: "learned", hidden: 8, scale: 0.1 })),
  bilevel("learned optimiser, perceptron", learnedOptimizer, rule({ kind: "mlp", scale: 0.1 })),
  bilevel("LSTM meta-learner", lstmMetaLearner, { outer: { ratesLr: 10 * OUTER_LR } }),
  bilevel("LSTM meta-learner, as published", lstmMetaLearner, rule({ kind: "gated" })),
  bilevel("LSTM meta-learner, no rates", lstmMetaLearner, rule({ kind: "gated", firstOrder: false })),
  onePass("prototypical", ({ inputs, classes }) => classes ? prototypical({ net: embedding(inputs) }) : undefined),
  onePass("matching", (problem) => matching({ net: embedding(problem.inputs), loss: lossOf(problem) })),
  onePass("ridge head", ({ inputs, classes }) => classes ? undefined : ridge({ net: embedding(inputs) })),
  onePass("neural process", (problem) => {
    const [inputs, outputs] = [problem.inputs, widthOf(problem)];
    const widths = { encoder: [inputs + outputs, 32, 32], decoder: [inputs + 32, 32, outputs] };
    return neuralProcess({ inputs, outputs, ...widths, loss: lossOf(problem) });
  }),
  onePass("memory", (problem) => {
    const [inputs, outputs] = [problem.inputs, widthOf(problem)];
    return memory({ inputs, outputs, hidden: 24, decoder: [inputs + 24, 32, outputs], loss: lossOf(problem) });
  }),
  onePass(
    "in context",
    (problem) => inContext({ inputs: problem.inputs, outputs: widthOf(problem), loss: lossOf(problem) }),
  ),
  onePass(
    "in context, by age",
    (problem) => inContext({ inputs: problem.inputs, outputs: widthOf(problem), ordered: true, loss: lossOf(problem) }),
  ),
  onePass(
    "in context, simulated markets",
    (problem) => inContext({ inputs: problem.inputs, outputs: widthOf(problem), loss: lossOf(problem) }),
    { simulated: true },
  ),
];
