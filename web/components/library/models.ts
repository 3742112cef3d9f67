/**
 * Models and targets.
 * @module
 */
import { GIVEN, type LibraryRoom } from "./entry.ts";

const TIME = { name: "time", label: "Bars of a row", standard: GIVEN };
const FEATURES = { name: "features", label: "Features of a bar", standard: GIVEN };
const OUTPUTS = { name: "outputs", label: "Outputs", standard: GIVEN };
const HORIZON = { name: "horizon", label: "Bars ahead", standard: GIVEN };

/** The models. */
export const MODELS: LibraryRoom = {
  id: "models",
  title: "Models",
  many: "models",
  word: "What adapts. Each is a pure function of one flat vector of parameters, differentiated at any order.",
  entries: [
    {
      kind: "mlp",
      name: "Perceptron",
      source: null,
      word: "Dense layers, the last one linear.",
      use: "First: forecasters are ensembles of them, and the engines know them best.",
      not: "Where the order of many bars must be learned from the bars themselves.",
      fields: [
        { name: "inputs", label: "Inputs", standard: GIVEN },
        { name: "hidden", label: "Widths of hidden layers", standard: GIVEN },
        OUTPUTS,
        { name: "activation", label: "Activation", standard: "relu" },
      ],
    },
    {
      kind: "lstm",
      name: "LSTM",
      source: "Hochreiter & Schmidhuber 1997",
      word: "Reads a row's bars from the oldest on and answers from what it remembers.",
      use: "Sequences whose order matters, of any length: with every set, memory grows with its root.",
      not: "Where a few features of the bars say as much: it costs a step a bar.",
      fields: [
        TIME,
        FEATURES,
        { name: "hidden", label: "Width of the memory", standard: GIVEN },
        OUTPUTS,
        { name: "every", label: "Bars between kept states", standard: "all are kept" },
      ],
    },
    {
      kind: "tcn",
      name: "Temporal convolutions",
      source: "Bai, Kolter & Koltun 2018, section 3",
      word: "Causal filters over bars, twice as far apart with each layer.",
      use: "Sequences whose patterns are local; it is quicker than a recurrence.",
      not: "Where what counts lies further back than its filters reach.",
      fields: [
        TIME,
        FEATURES,
        { name: "channels", label: "Widths of layers", standard: GIVEN },
        { name: "taps", label: "Bars of a filter", standard: GIVEN },
        OUTPUTS,
      ],
    },
    {
      kind: "attention",
      name: "Attention",
      source: "Vaswani et al. 2017, eq. 1",
      word: "The last bar asks all bars of its row, by one head.",
      use: "Where single bars far back matter.",
      not: "With few tasks: it has the most to learn.",
      fields: [TIME, FEATURES, { name: "width", label: "Width", standard: GIVEN }, OUTPUTS],
    },
    {
      kind: "particles",
      name: "Particles",
      source: null,
      word: "Several copies of a model side by side, as one: what Bayesian MAML adapts.",
      use: "With the particles loss and Stein's rule, for a spread.",
      not: "By itself: as many seeds are simpler.",
      fields: [
        { name: "net", label: "Model of one", standard: GIVEN },
        { name: "count", label: "Particles", standard: GIVEN },
      ],
    },
  ],
  fields: [],
};

/** The targets of forecasters. */
export const TARGETS: LibraryRoom = {
  id: "targets",
  title: "Targets",
  many: "targets",
  word: "What a forecaster forecasts, relative to an anchor that is known at the decision.",
  entries: [
    {
      kind: "logVolatility",
      name: "Volatility",
      source: "ranges after Garman & Klass 1980",
      word: "The log of the volatility a bar over the bars ahead, relative to its own running level.",
      use: "First: it can be forecast, and sizes and limits need it.",
      not: "As a direction: it has none.",
      fields: [HORIZON],
    },
    {
      kind: "logVolume",
      name: "Volume",
      source: null,
      word: "The log of the mean volume a bar over the bars ahead, relative to its running level.",
      use: "Execution: how much can be traded.",
      not: "Where markets report no volume; no position is taken by it.",
      fields: [HORIZON],
    },
    {
      kind: "return",
      name: "Return",
      source: null,
      word: "The return over the bars ahead, in units of the deviation expected of it.",
      use: "As the control: a run says when nothing was found.",
      not: "In the hope of profit: short returns can hardly be forecast from prices.",
      fields: [HORIZON],
    },
    {
      kind: "custom",
      name: "Your own",
      source: null,
      word: "A label, an anchor and the way between them, as functions of a market's bars.",
      use: "Ranges, gaps, spreads: whatever a bar can be labelled with once later ones are known.",
      not: "For labels that look beyond their horizon: checkLookahead finds them.",
      fields: [
        { name: "name", label: "Name", standard: GIVEN },
        HORIZON,
        { name: "unit", label: "Unit", standard: GIVEN },
        { name: "label", label: "Label of a bar", standard: GIVEN },
        { name: "anchor", label: "Anchor of a bar", standard: GIVEN },
        { name: "relative", label: "Label to what is learned", standard: GIVEN },
        { name: "value", label: "And back", standard: GIVEN },
      ],
    },
  ],
  fields: [],
};
