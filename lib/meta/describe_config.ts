/**
 * A config as JSON: built-in models, losses and rules by description, one's own by name with a fingerprint of what they
 * compute, so that whoever reads it can hand them in again and be told when they are not the same.
 * @module
 */
import { INTERPRETED } from "../engine/naive/engine.ts";
import type { Floats, InnerProblem, Samples } from "../engine/problem.ts";
import { learnerInputs, rowInputs } from "../engine/programmed.ts";
import { lossOf } from "../loss/losses.ts";
import { adaptPredictProgram, adaptProgram, lossGradientProgram, metaLossProgram } from "../method/programs.ts";
import type { Model } from "../model/model.ts";
import { buildNamedModel, MODEL_KINDS } from "../model/models.ts";
import { random } from "../net/random.ts";
import { type Method, methodTargets } from "../method/method.ts";
import { buildNamedMethod } from "../method/methods.ts";
import type { LossConfig, MetaConfig, RuleConfig } from "./config.ts";
import { methodConfig } from "./method_config.ts";

/** What of a config is one's own and must be handed in when it is read back. */
export interface CustomParts {
  /** The model. */
  readonly net?: Model;
  /** The support loss. */
  readonly loss?: LossConfig;
  /** The query loss. */
  readonly outerLoss?: LossConfig;
  /** The inner rule. */
  readonly rule?: RuleConfig;
  /** The method. */
  readonly method?: Method;
}

/** Whether a model is a built-in one, made again by its description. */
function isBuiltIn(net: Pick<Model, "kind" | "options">): boolean {
  return MODEL_KINDS.includes(net.kind) && net.options !== undefined;
}

/** A model as JSON: its options and kind (a perceptron's options alone), or the name of one's own. */
export function describeNet(net: Model): object {
  if (!isBuiltIn(net)) return { custom: net.kind, inputs: net.inputs, outputs: net.outputs };
  return net.kind === "mlp" ? { ...net.options } : { kind: net.kind, ...net.options };
}

/** Names of the parts of a config that are one's own. */
export function customNames(config: MetaConfig): Record<string, string> {
  if (config.method) return methodNames(config.method);
  const { net, loss, outerLoss, inner: { rule } } = config;
  return {
    ...(isBuiltIn(net) ? {} : { net: net.kind }),
    ...(loss?.kind === "custom" ? { loss: loss.name ?? "custom" } : {}),
    ...(outerLoss?.kind === "custom" ? { outerLoss: outerLoss.name ?? "custom" } : {}),
    ...(rule?.kind === "custom" ? { rule: rule.name ?? "custom" } : {}),
  };
}

/** A config with the model as {@linkcode describeNet} gives it; functions fall away when it is written as JSON. */
export function describeConfig(config: MetaConfig): object {
  const { method, outer } = config;
  if (method) return { method: describeMethod(method), ...(outer ? { outer } : {}) };
  return { ...config, net: describeNet(config.net) };
}

/** The options of a built-in method. */
interface MethodOptions {
  readonly net?: Model;
  readonly loss?: LossConfig;
}

/** Names of the parts of a method that are one's own: all of it, or the embedding and the loss of a built-in one. */
function methodNames({ kind, options }: Method): Record<string, string> {
  if (!options) return { method: kind };
  const { net, loss } = options as MethodOptions;
  return {
    ...(net && !isBuiltIn(net) ? { net: net.kind } : {}),
    ...(loss?.kind === "custom" ? { loss: loss.name ?? "custom" } : {}),
  };
}

/** A method as JSON: its options and kind, or the name of one's own. */
function describeMethod({ kind, options }: Method): object {
  if (!options) return { custom: kind };
  const { net, ...more } = options as MethodOptions;
  return { kind, ...more, ...(net ? { net: describeNet(net) } : {}) };
}

/** A config as it was written, before its own parts are back. */
type Written = Omit<MetaConfig, "net" | "method"> & {
  readonly net: WrittenNet;
  readonly method?: { readonly kind?: string; readonly custom?: string; readonly net?: WrittenNet };
};

interface WrittenNet {
  readonly kind?: string;
  readonly custom?: string;
}

/**
 * The config that a description was made of.
 *
 * @param written From {@linkcode describeConfig}, through JSON.
 * @param custom The parts that are one's own.
 * @param refuse Throws; it is told which part is missing or has another name.
 */
export function restoreConfig(written: object, custom: CustomParts, refuse: (why: string) => never): MetaConfig {
  const { net: described, method, ...config } = written as Written;
  const bound = <T>(part: string, name: string, given: T | undefined, givenName: string | undefined): T => {
    if (given === undefined) return refuse(`its ${part} "${name}" is one of your own: pass it as custom.${part}`);
    if (givenName !== name) return refuse(`expected custom.${part} to be "${name}", received "${givenName}"`);
    return given;
  };
  const loss = (part: "loss" | "outerLoss", from: { loss?: LossConfig; outerLoss?: LossConfig } = config) => {
    const { name = "custom", kind } = (from[part] ?? { kind: "mse" }) as { kind: string; name?: string };
    const given = custom[part];
    if (kind !== "custom") return from[part];
    return bound(part, name, given, given?.kind === "custom" ? given.name ?? "custom" : given?.kind);
  };
  const netOf = ({ custom: own, kind = "mlp", ...options }: WrittenNet): Model =>
    own === undefined ? buildNamedModel(kind, options) : bound("net", own, custom.net, custom.net?.kind);
  if (method) {
    const { outer } = config;
    const { custom: own, kind, net: embedding, ...options } = method;
    const support = loss("loss", options);
    const parts = { ...(embedding ? { net: netOf(embedding) } : {}), ...(support ? { loss: support } : {}) };
    const restored = own === undefined
      ? buildNamedMethod(kind ?? "", { ...options, ...parts })
      : bound("method", own, custom.method, custom.method?.kind);
    return methodConfig({ method: restored, ...(outer ? { outer } : {}) });
  }
  const net = netOf(described);
  const { rule } = config.inner;
  const ownRule = rule?.kind === "custom"
    ? bound(
      "rule",
      rule.name ?? "custom",
      custom.rule,
      custom.rule?.kind === "custom" ? custom.rule.name ?? "custom" : "",
    )
    : rule;
  const [support, query] = [loss("loss"), loss("outerLoss")];
  return {
    net,
    ...config,
    inner: { ...config.inner, ...(ownRule ? { rule: ownRule } : {}) },
    ...(support ? { loss: support } : {}),
    ...(query ? { outerLoss: query } : {}),
  };
}

const PROBE_ROWS = 3;
const PROBE_DIGITS = 6;
/** How far out a second and a third look at inputs and targets. */
const PROBE_SCALES = [10, 1000];

/**
 * What a problem computes at fixed numbers, in float64 and to 6 digits: the adapted parameters and the query loss. It is the
 * same on every machine and however the program is simplified, and another where the model, a loss or the rule is another.
 */
export async function fingerprint(inner: InnerProblem, lengths: Readonly<Record<string, number>>): Promise<string> {
  if (inner.method) return await methodFingerprint(inner, inner.method, lengths);
  const stream = random(1);
  const normals = (length: number): Float32Array => Float32Array.from({ length }, () => 0.3 * stream.normal());
  const { theta, logLr = 0, phi = 0, rule = 0 } = lengths;
  const targets = lossOf(inner.loss).targets(inner.net.outputs)!;
  const set = () => ({ rows: PROBE_ROWS, x: normals(PROBE_ROWS * inner.net.inputs), y: normals(PROBE_ROWS * targets) });
  const shared = learnerInputs({
    params: normals(theta),
    logLr: normals(logLr),
    phi: normals(phi),
    weightDecay: 0.01,
    others: { rule: normals(rule) },
  });
  const inputs = { ...rowInputs("support", set()), ...rowInputs("query", set()) };
  const stepWeights = Array.from({ length: inner.steps + 1 }, () => 1);
  const rows = { support: PROBE_ROWS, query: PROBE_ROWS };
  const { each } = await INTERPRETED.run({
    shared,
    tasks: [
      { program: adaptProgram(inner, { rows: { support: PROBE_ROWS, query: 0 }, rates: logLr }), inputs },
      { program: metaLossProgram(inner, stepWeights, { rows, rates: logLr }), inputs },
    ],
    sum: [],
  });
  const along = normals(theta);
  const { net, loss, outerLoss } = inner;
  const far = await INTERPRETED.run({
    shared: { theta: shared.theta },
    tasks: PROBE_SCALES.flatMap((scale) =>
      (outerLoss ? [loss, outerLoss] : [loss]).map((one) => ({
        program: lossGradientProgram(net, one, PROBE_ROWS),
        inputs: { ...rowInputs("support", farRows({ scale, inputs: net.inputs, targets })), phi: lossOf(one).phi },
      }))
    ),
    sum: [],
  });
  const slopes = far.each.flatMap((found) => [found.loss[0], dot(found.theta, along)]);
  return [dot(each[0].theta, along), each[1].loss[0], ...slopes].map((value) => value.toPrecision(PROBE_DIGITS)).join(
    " ",
  );
}

/** Σ a·b. */
function dot(a: Floats, b: Floats): number {
  let sum = 0;
  a.forEach((value, i) => sum += value * b[i]);
  return sum;
}

/** Rows of numbers so far out, inputs above 0: what functions clip, or take roots of, is told apart there. */
function farRows(of: { readonly scale: number; readonly inputs: number; readonly targets: number }): Samples {
  const stream = random(of.scale);
  const normals = (width: number): Float32Array =>
    Float32Array.from({ length: PROBE_ROWS * width }, () => of.scale * stream.normal());
  return { rows: PROBE_ROWS, x: normals(of.inputs).map(Math.abs), y: normals(of.targets) };
}

/** The same of a method: its predictions and its query loss. */
async function methodFingerprint(
  inner: InnerProblem,
  method: Method,
  lengths: Readonly<Record<string, number>>,
): Promise<string> {
  const stream = random(1);
  const normals = (length: number): Float32Array => Float32Array.from({ length }, () => 0.3 * stream.normal());
  const targets = methodTargets(method) ?? 2;
  const set = () => ({ rows: PROBE_ROWS, x: normals(PROBE_ROWS * method.inputs), y: classes(targets) });
  const rows = { support: PROBE_ROWS, query: PROBE_ROWS, targets };
  const inputs = { ...rowInputs("support", set()), ...rowInputs("query", set()) };
  const { each } = await INTERPRETED.run({
    shared: Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, normals(length)])),
    tasks: [
      { program: adaptPredictProgram(inner, { rows, rates: 0 }), inputs },
      { program: metaLossProgram(inner, [1], { rows, rates: 0 }), inputs },
      ...PROBE_SCALES.map((scale) => ({
        program: adaptPredictProgram(inner, { rows, rates: 0 }),
        inputs: {
          ...rowInputs("support", farRows({ scale, inputs: method.inputs, targets })),
          ...rowInputs("query", farRows({ scale, inputs: method.inputs, targets })),
        },
      })),
    ],
    sum: [],
  });
  const along = normals(each[0].outputs.length);
  return [dot(each[0].outputs, along), each[1].loss[0], ...each.slice(2).map(({ outputs }) => dot(outputs, along))]
    .map((value) => value.toPrecision(PROBE_DIGITS)).join(" ");
}

/** Targets of the probe's rows, one-hot: right for classes and for numbers. */
function classes(targets: number): Float32Array {
  return Float32Array.from(
    { length: PROBE_ROWS * targets },
    (_, i) => Math.floor(i / targets) % targets === i % targets ? 1 : 0,
  );
}
