/**
 * What an inner rule is to the library.
 * @module
 */
import type { Random } from "../net/random.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";
import type { RuleMove, RuleState, RuleStep } from "./config.ts";

/** An inner rule, resolved. */
export interface Rule {
  /** Whether it reads the learning rate. */
  readonly usesRate: boolean;
  /** What rates begin at (default `inner.lr`). */
  readonly firstRate?: number;
  /** Shapes of what it can learn, by name, in the order in which they lie in the learnable `rule`. */
  readonly learnables: Readonly<Record<string, Shape>>;
  /** Their initial values. */
  start(stream: Random): Float32Array;
  /** What the first step gets. */
  init(g: Graph, theta: Value): RuleState;
  /** A step. */
  update(g: Graph, step: RuleStep): RuleMove;
}
