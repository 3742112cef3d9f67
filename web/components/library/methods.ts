/**
 * The methods that read a support set in one pass.
 * @module
 */
import { GIVEN, type LibraryRoom } from "./entry.ts";

const INPUTS = { name: "inputs", label: "Inputs of a row", standard: GIVEN };
const OUTPUTS = {
  name: "outputs",
  label: "Targets of a row",
  standard: GIVEN,
  word: "or the width that the loss wants",
};
const SQUARED = { name: "loss", label: "Loss", standard: "squared error" };
const EMBEDDING = { name: "net", label: "Embedding", standard: GIVEN };

/** They. */
export const METHODS_OF_ONE_PASS: LibraryRoom = {
  id: "methods",
  title: "Methods that read the support in one pass",
  many: "methods",
  word:
    "No inner loop and no inner rate: what is learned over tasks is how to read labelled rows and answer. They train and forecast " +
    "through the same functions; a forecaster by one of them is unadapted where its pretrained network answers.",
  entries: [
    {
      kind: "inContext",
      name: "In-context learner",
      source: "Müller et al. 2022; Vaswani et al. 2017",
      word: "A small transformer: support rows are tokens that attend to one another, queries ask them.",
      use: "Any amount of tasks from one distribution: it was ahead on volatility by hours and by days.",
      not: "With support sets far larger than those trained on (cost grows with rows²), or beyond the tasks seen.",
      fields: [
        INPUTS,
        OUTPUTS,
        { name: "width", label: "Width of a token", standard: "32" },
        { name: "heads", label: "Heads", standard: "2" },
        { name: "layers", label: "Layers", standard: "2" },
        { name: "ordered", label: "Told how old rows are", standard: "false" },
        SQUARED,
      ],
    },
    {
      kind: "memory",
      name: "Memory",
      source: "after Hochreiter et al. 2001 and Santoro et al. 2016",
      word: "An LSTM reads the support rows one after another; a perceptron answers from what it remembers.",
      use: "Rows that come in time, where the last ones tell more.",
      not: "With many rows: each is a step of the recurrence.",
      fields: [
        INPUTS,
        OUTPUTS,
        { name: "hidden", label: "Width of the memory", standard: GIVEN },
        { name: "decoder", label: "Widths of the decoder", standard: GIVEN },
        { name: "activation", label: "Activation", standard: "tanh" },
        SQUARED,
      ],
    },
    {
      kind: "neuralProcess",
      name: "Neural process",
      source: "Garnelo et al. 2018, eq. 3 and 4",
      word: "The mean of encoded support pairs conditions a decoder: one summary, whatever the rows' order.",
      use: "A distribution at every row from any number of them, cheaply.",
      not:
        "Where tasks differ in more than the summary holds, or beyond the inputs trained on, where it stays sure of itself.",
      fields: [
        INPUTS,
        OUTPUTS,
        { name: "encoder", label: "Widths of the encoder", standard: GIVEN },
        { name: "decoder", label: "Widths of the decoder", standard: GIVEN },
        { name: "activation", label: "Activation", standard: "tanh" },
        { name: "loss", label: "Loss", standard: "normal distribution", word: "with a least variance of 0.001" },
      ],
    },
    {
      kind: "ridge",
      name: "Ridge head",
      source: "Bertinetto et al. 2019, eq. 4 to 6",
      word: "Learned features, and a linear answer solved in closed form on the support rows.",
      use: "Regression on few rows whose labels say much; with a normal distribution as its loss it tells variances.",
      not: "For classes, or where 20 noisy labels are all there is: on markets it answered by their noise.",
      fields: [
        { name: "net", label: "Features", standard: GIVEN },
        SQUARED,
        { name: "targets", label: "Targets of a row", standard: "1" },
      ],
    },
    {
      kind: "prototypical",
      name: "Prototypical network",
      source: "Snell, Swersky & Zemel 2017, eq. 1 and 2",
      word: "A class is the mean of its embedded support rows; the nearest one is likeliest.",
      use: "A few classes with several rows each, where adapting must cost one pass.",
      not: "Where a class is more than one cloud. A class without support rows is never forecast.",
      fields: [EMBEDDING],
      untrained:
        "It forecasts classes, a run forecasts a number: train it by code, as examples/few_shot_classes.ts does.",
    },
    {
      kind: "matching",
      name: "Matching network",
      source: "Vinyals et al. 2016, eq. 1",
      word: "A forecast is a mean of the support's targets, weighed by how alike their rows are.",
      use: "Classes, or numbers, where few rows are alike and those answer: a learned nearest neighbour.",
      not: "Where forecasts must go beyond the targets seen.",
      fields: [EMBEDDING, {
        name: "loss",
        label: "Loss",
        standard: "cross entropy",
        word: "squared error for numbers",
      }],
      untrained: "It is made for classes: of a volatility it can say none that its few rows have not had.",
    },
  ],
  fields: [{ name: "outer", label: "Outer optimiser", standard: "adam at 0.001", word: "as above" }],
};
