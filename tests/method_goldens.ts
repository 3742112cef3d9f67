/**
 * Reads the golden derivatives of further models, losses and inner rules (PyTorch autograd, float64) from the shared folder.
 * Where it is absent the list is empty.
 */
import type { Task } from "../lib/engine/problem.ts";
import type { LossConfig } from "../lib/loss/config.ts";
import { attention } from "../lib/model/attention.ts";
import { lstm } from "../lib/model/lstm.ts";
import type { Model } from "../lib/model/model.ts";
import { tcn } from "../lib/model/tcn.ts";
import { mlp } from "../lib/net/mlp.ts";
import type { RuleConfig } from "../lib/rule/config.ts";
import { hasShared, SHARED } from "./goldens.ts";

export type GoldenModel =
  | { kind: "mlp"; widths: number[] }
  | { kind: "lstm"; time: number; features: number; hidden: number; outputs: number }
  | { kind: "tcn"; time: number; features: number; channels: number[]; taps: number; outputs: number }
  | { kind: "attention"; time: number; features: number; width: number; outputs: number };

export interface GoldenRows {
  x: number[];
  y: number[];
  weights: number[];
}

interface GoldenFile {
  name: string;
  method: string;
  model: GoldenModel;
  loss: LossConfig;
  inner: { steps: number; rule: RuleConfig; stepWeights?: number[] };
  rex?: number;
  environments?: number[];
  eta: { theta: number[]; logLr?: number; rule?: number[] };
  tasks: { support: GoldenRows; query: GoldenRows }[];
  expected: { loss: number; taskLosses: number[]; predictions: number[]; grad: Record<string, number | number[]> };
}

/** One case of the bilevel problem. */
export interface MethodGolden {
  name: string;
  net: Model;
  loss: LossConfig;
  inner: { steps: number; lr: number; rule: RuleConfig };
  /** s_k, `[steps + 1]`. */
  stepWeights: number[];
  /** Strength of the invariance, where the case has one. */
  rex?: number;
  /** Learned values by name, as the file has them. */
  values: Record<string, number[]>;
  tasks: Task[];
  expected: Omit<GoldenFile["expected"], "grad"> & { grad: Record<string, number[]> };
}

export function modelOf(model: GoldenModel): Model {
  const { kind, ...options } = model;
  switch (kind) {
    case "mlp": {
      const { widths } = model as { widths: number[] };
      return mlp({
        inputs: widths[0],
        hidden: widths.slice(1, -1),
        outputs: widths[widths.length - 1],
        activation: "tanh",
      });
    }
    case "lstm":
      return lstm(options as Parameters<typeof lstm>[0]);
    case "tcn":
      return tcn(options as Parameters<typeof tcn>[0]);
    case "attention":
      return attention(options as Parameters<typeof attention>[0]);
  }
}

export function toSamples({ x, y, weights }: GoldenRows) {
  return {
    rows: weights.length,
    x: Float32Array.from(x),
    y: Float32Array.from(y),
    weights: Float32Array.from(weights),
  };
}

export const numbers = (values: Record<string, number | number[]>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value].flat()]));

function parse(text: string): MethodGolden | undefined {
  const file = JSON.parse(text) as GoldenFile;
  if (file.method !== "bilevel") return undefined;
  const { steps, rule, stepWeights } = file.inner;
  return {
    name: file.name,
    net: modelOf(file.model),
    loss: file.loss,
    inner: { steps, lr: 0.01, rule },
    stepWeights: stepWeights ?? Array.from({ length: steps + 1 }, (_, k) => k === steps ? 1 : 0),
    ...(file.rex !== undefined && { rex: file.rex }),
    values: numbers(file.eta),
    tasks: file.tasks.map(({ support, query }, t) => ({
      support: toSamples(support),
      query: toSamples(query),
      ...(file.environments ? { environment: file.environments[t] } : {}),
    })),
    expected: { ...file.expected, grad: numbers(file.expected.grad) },
  };
}

/** Every bilevel case in the shared folder, or none where it is absent. */
export function readMethodGoldens(): MethodGolden[] {
  if (!hasShared) return [];
  const folder = new URL("goldens_methods/", SHARED);
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => parse(Deno.readTextFileSync(new URL(name, folder))) ?? []);
}
