/**
 * How the fused kernel lays a task out: its lanes, what of it lies in workgroup memory, and where the rest is on its tape.
 * Rows come first, since a sweep exchanges them at every layer; then θ and the direction in turn; then both. It runs nothing.
 * @module
 */
import type { Mlp } from "../../net/mlp.ts";
import { hiddenUnits } from "./rows.ts";
import type { Rows, Slots } from "./slots.ts";

/** Rows and inputs come in fours: what one vec4 of the shader holds. */
const TILE = 4;

/** Lanes of the subgroups that most GPUs run in lockstep: a team is a multiple of it, or shares one. */
const SUBGROUP = 32;

/** Lanes of a workgroup that tiny tasks share. */
const SHARED_LANES = 64;

/** Most lanes of a team: more would only wait for one another. */
const MOST_LANES = 512;

/** What a device lets a workgroup use. */
export interface WorkgroupLimits {
  /** Bytes of memory. */
  readonly workgroupBytes: number;
  /** Lanes; 256, which every adapter has, if not given. */
  readonly workgroupLanes?: number;
}

/** Parameter sets in workgroup memory: none, θ and the direction in turn, or both at once. */
export type HeldParams = 0 | 1 | 2;

/** A task's layout in the fused kernel; sizes and places in vec4s, by layer where they are arrays. */
export interface FusedPlan {
  /** Tiles of four rows that a sweep has room for. */
  readonly tiles: number;
  /** Lanes that work one task. */
  readonly team: number;
  /** Tasks in a workgroup. */
  readonly teams: number;
  /** Parameters of a set, in fours of inputs and padded. */
  readonly quads: number;
  /** First quad of each layer. */
  readonly quadAt: readonly number[];
  /** Place of each layer's inputs among the rows of a sweep, and of the forecast. */
  readonly rowAt: readonly number[];
  /** Place of each layer's outputs on the tape of a sweep. */
  readonly unitAt: readonly number[];
  /** Parameter sets in workgroup memory. */
  readonly held: HeldParams;
  /** Whether the rows of a sweep are in workgroup memory. */
  readonly rowsHeld: boolean;
  /** Place of activations in the team's memory, or on its tape where rows are not held. */
  readonly left: number;
  /** Place of δ and the tangents, as `left`; a layer's place in it as in `rowAt`, where the first layer's inputs are left out. */
  readonly right: number;
  /** Workgroup memory of a team. */
  readonly teamMemory: number;
  /** Workgroup memory in all, the sums over a team included. */
  readonly memory: number;
}

const quadsOf = (inputs: number): number => Math.ceil((inputs + 1) / TILE);

/** Sums of the numbers before each, and of all. */
function running(sizes: readonly number[]): { readonly at: readonly number[]; readonly end: number } {
  let end = 0;
  const at = sizes.map((size) => (end += size) - size);
  return { at, end };
}

/** Lanes for a task: one for each tile of a layer's outputs, or for a quarter of its quads if those are more. */
function teamLanes(net: Mlp, tiles: number, mostLanes: number): number {
  const outputs = net.layers.map((layer) => tiles * layer.outputs);
  const quads = net.layers.map((layer) => quadsOf(layer.inputs) * layer.outputs / 4);
  const wanted = Math.min(Math.max(...outputs, ...quads), MOST_LANES, mostLanes);
  if (wanted > SUBGROUP / 2) return Math.min(mostLanes, Math.ceil(wanted / SUBGROUP) * SUBGROUP);
  return wanted > 8 ? 16 : 8;
}

/** Lays a task of this shape out under the device's limits. */
export function planFused(net: Mlp, rows: Rows, limits: WorkgroupLimits): FusedPlan {
  const tiles = Math.max(1, Math.ceil(Math.max(rows.support, rows.query) / TILE));
  const team = teamLanes(net, tiles, limits.workgroupLanes ?? 256);
  const params = running(net.layers.map(({ inputs, outputs }) => quadsOf(inputs) * (outputs | 1)));
  const widths = [...net.layers.map(({ inputs }) => TILE * quadsOf(inputs)), net.outputs];
  const lines = running(widths.map((width) => tiles * width));
  const units = running(net.layers.map(({ outputs }) => tiles * outputs));
  const inputs = tiles * widths[0];
  const sweep = 2 * lines.end - inputs;
  const vec4s = Math.floor(limits.workgroupBytes / 16);
  const choices = ([[true, 2], [true, 1], [true, 0], [false, 1]] as const).map(([rowsHeld, held]) => ({
    rowsHeld,
    held,
    teamMemory: held * params.end + (rowsHeld ? sweep : 0),
  }));
  const chosen = choices.find(({ teamMemory }) => Math.max(teamMemory, team) <= vec4s) ??
    { rowsHeld: false, held: 0 as const, teamMemory: 0 };
  const { rowsHeld, held, teamMemory } = chosen;
  const fitting = teamMemory > 0 ? Math.floor(vec4s / teamMemory) : 1;
  const teams = team < SUBGROUP ? Math.max(1, Math.min(SHARED_LANES / team, fitting)) : 1;
  const left = rowsHeld ? held * params.end : 0;
  return {
    tiles,
    team,
    teams,
    quads: params.end,
    quadAt: params.at,
    rowAt: lines.at,
    unitAt: units.at,
    held,
    rowsHeld,
    left,
    right: left + lines.end - inputs,
    teamMemory,
    memory: Math.max(teams * teamMemory, teams * team),
  };
}

/** Places on a task's tape, in vec4s; `stride` is its length. */
export type FusedTape = Readonly<
  Record<
    | "theta"
    | "gradient"
    | "direction"
    | "lambda"
    | "anchor"
    | "sweep"
    | "query"
    | "tangent"
    | "terms"
    | "rateTerms"
    | "slot"
    | "stride",
    number
  >
>;

/** What a task's tape depends on besides its layout. */
export interface TapeNeeds {
  /** Inner steps. */
  readonly steps: number;
  /** Which of them are stored. */
  readonly slots: Slots;
  /** Length of logLr, where its terms are summed over parameters; else 0. */
  readonly summedRates: number;
  /** Whether the adjoint is taken. */
  readonly reverse: boolean;
}

/** Whether an activation has curvature, and with it a bend and tangents that the way back reads. */
export function isBent(net: Mlp): boolean {
  return net.activation !== "relu" && net.activation !== "identity";
}

/** Lays a task's tape out. */
export function planTape(net: Mlp, plan: FusedPlan, needs: TapeNeeds): FusedTape {
  const { tiles, quads, held, rowsHeld, left, right, rowAt } = plan;
  const { steps, slots, summedRates, reverse } = needs;
  const hidden = tiles * hiddenUnits(net);
  const outputs = tiles * net.outputs;
  const slot = reverse ? (isBent(net) ? 3 : 2) * hidden + 2 * outputs : hidden;
  const scratch = rowsHeld ? 0 : right - left + rowAt[rowAt.length - 1] + outputs;
  const once = reverse ? 1 : 0;
  const { at, end } = running([
    scratch,
    (reverse ? slots.thetaSlots : held === 0 ? 1 : 0) * quads,
    once * steps * quads,
    held === 0 ? once * quads : 0,
    once * quads,
    once * quads,
    slots.tapeSlots * slot,
    once * hidden,
    once * hidden,
    steps * outputs,
    once * Math.ceil(summedRates / 4) * plan.team,
  ]);
  const [, theta, gradient, direction, lambda, anchor, sweep, query, tangent, terms, rateTerms] = at;
  return { theta, gradient, direction, lambda, anchor, sweep, query, tangent, terms, rateTerms, slot, stride: end };
}

/** Barriers that a workgroup waits at, and those of them that publish storage as well. */
export interface Barriers {
  /** In an inner step. */
  readonly step: number;
  /** In a step of the way back, curved. */
  readonly back: number;
  /** Of those two, with a storage barrier. */
  readonly storage: number;
}

/** Counts the barriers of an inner step and of its way back. */
export function countBarriers(net: Mlp, { held, rowsHeld }: Pick<FusedPlan, "held" | "rowsHeld">): Barriers {
  const layers = net.layers.length;
  const [step, back] = [2 * layers, 3 * layers];
  return { step, back, storage: rowsHeld ? (held === 0 ? 2 : 0) : step + back };
}
