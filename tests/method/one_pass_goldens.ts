/**
 * Reads the golden derivatives of the methods that learn in one pass (PyTorch autograd, float64) from the shared folder.
 * Where it is absent the list is empty.
 */
import type { Task } from "../../lib/engine/problem.ts";
import type { LossConfig } from "../../lib/loss/config.ts";
import { matching } from "../../lib/method/matching.ts";
import { memory } from "../../lib/method/memory.ts";
import { neuralProcess } from "../../lib/method/neural_process.ts";
import { ridge } from "../../lib/method/ridge.ts";
import type { Method } from "../../lib/method/method.ts";
import { prototypical } from "../../lib/method/prototypical.ts";
import { hasShared, SHARED } from "../goldens.ts";
import { type GoldenModel, type GoldenRows, modelOf, numbers, toSamples } from "../method_goldens.ts";

interface GoldenFile {
  name: string;
  method: string;
  model: GoldenModel;
  loss: LossConfig;
  encoder: number[];
  decoder: number[];
  hidden: number;
  eta: Record<string, number | number[]>;
  tasks: { support: GoldenRows; query: GoldenRows }[];
  expected: { loss: number; taskLosses: number[]; predictions: number[]; grad: Record<string, number | number[]> };
}

/** One case. */
export interface OnePassGolden {
  name: string;
  method: Method;
  /** Learned values by name. */
  values: Record<string, number[]>;
  tasks: Task[];
  expected: Omit<GoldenFile["expected"], "grad"> & { grad: Record<string, number[]> };
}

const METHODS: Record<string, (file: GoldenFile) => Method> = {
  prototypical: ({ model }) => prototypical({ net: modelOf(model) }),
  matching: ({ model, loss }) => matching({ net: modelOf(model), loss }),
  ridge: ({ model, loss }) => ridge({ net: modelOf(model), loss }),
  neuralProcess: ({ encoder, decoder, loss }) =>
    neuralProcess({
      inputs: decoder[0] - encoder[encoder.length - 1],
      outputs: decoder[decoder.length - 1],
      encoder,
      decoder,
      activation: "tanh",
      loss,
    }),
  memory: ({ hidden, decoder, loss }) =>
    memory({
      inputs: decoder[0] - hidden,
      outputs: decoder[decoder.length - 1],
      hidden,
      decoder,
      activation: "tanh",
      loss,
    }),
};

/** Every such case in the shared folder. */
export function readOnePassGoldens(): OnePassGolden[] {
  if (!hasShared) return [];
  const folder = new URL("goldens_methods/", SHARED);
  return [...Deno.readDirSync(folder)]
    .filter(({ name }) => name.endsWith(".json"))
    .map(({ name }) => JSON.parse(Deno.readTextFileSync(new URL(name, folder))) as GoldenFile)
    .filter(({ method }) => method in METHODS)
    .map((file) => ({
      name: file.name,
      method: METHODS[file.method](file),
      values: numbers(file.eta),
      tasks: file.tasks.map(({ support, query }) => ({ support: toSamples(support), query: toSamples(query) })),
      expected: { ...file.expected, grad: numbers(file.expected.grad) },
    }));
}
