/**
 * Records the fused kernel: whole tasks in one dispatch, by the layout of fused_plan.ts. It leaves θ_K, or each task's share of
 * the meta-gradient in the order of the learnables, and the losses in the stats where the batched kernels would.
 * @module
 */
import type { Constants } from "../../../kernels/wgsl/contract.ts";
import { fusedTask } from "../../../kernels/wgsl/fused_task.ts";
import { ratesPerRow } from "../../method/rates.ts";
import { fusedOuterLoss } from "../route.ts";
import type { Batch, ChunkContext } from "./batch.ts";
import { type FusedPlan, isBent, planTape } from "./fused_plan.ts";
import { tapeNeeds } from "./plan.ts";
import { hiddenUnits } from "./rows.ts";
import { activationCode, lossNumbers } from "./sweeps.ts";

/** The shader's header: what its loops and its memory are built from. All else is uniform, so that few shaders are compiled. */
function fusedConstants({ options: { inner } }: Batch, plan: FusedPlan): Constants {
  const { net, headOnly } = inner;
  const { tiles, team, teams, held } = plan;
  const delta = tiles * hiddenUnits(net);
  const forecast = 2 * delta + tiles * net.outputs;
  return {
    LANES: team * teams,
    TEAM: team,
    TEAMS: teams,
    HALF: 2 ** Math.ceil(Math.log2(team)) / 2,
    TILES: tiles,
    LAYERS: net.layers.length,
    WIDTHS: net.widths,
    WEIGHTS: net.layers.map(({ weights }) => weights),
    QUAD_AT: plan.quadAt,
    ROW_AT: plan.rowAt,
    UNIT_AT: plan.unitAt,
    INPUTS: net.inputs,
    OUTPUTS: net.outputs,
    PARAMS: net.parameterCount,
    QUADS: plan.quads,
    DELTA: delta,
    FORECAST: forecast,
    BEND: forecast + tiles * net.outputs,
    BENT: isBent(net),
    HELD: held,
    DIRECTION: held === 2 ? plan.quads : 0,
    ROWS_HELD: plan.rowsHeld,
    LEFT: plan.left,
    RIGHT: plan.right,
    TEAM_MEMORY: plan.teamMemory,
    MEMORY: plan.memory,
    HEAD_ONLY: headOnly,
    ACTIVATION: activationCode(net),
  };
}

/** Records a chunk's inner loops and, if `reverse`, their unrolled adjoint. */
export function recordFused(context: ChunkContext, plan: FusedPlan, reverse: boolean): void {
  const { recording, tasks, batch, chunk, stats } = context;
  const { arena, slots, options } = batch;
  const { inner, rates } = options;
  const { net, loss } = inner;
  const outer = fusedOuterLoss(loss);
  const tape = planTape(net, plan, tapeNeeds(inner, { slots, rates, reverse }));
  recording.run(fusedTask, {
    constants: fusedConstants(batch, plan),
    buffers: {
      control: arena.control,
      learner: arena.learner,
      data: chunk.data,
      tape: arena.tape,
      outcome: reverse ? arena.adjoint : arena.theta,
      stats: arena.stats,
    },
    sizes: {
      tasks,
      support_rows: chunk.support.rows,
      support_x: chunk.support.x,
      support_y: chunk.support.y,
      support_c: chunk.support.c,
      query_rows: chunk.query.rows,
      query_x: chunk.query.x,
      query_y: chunk.query.y,
      query_c: chunk.query.c,
      tape_stride: tape.stride,
      theta: tape.theta,
      gradient: tape.gradient,
      direction: tape.direction,
      lambda: tape.lambda,
      anchor: tape.anchor,
      sweep: tape.sweep,
      slot: tape.slot,
      query: tape.query,
      tangent: tape.tangent,
      terms: tape.terms,
      rate_terms: tape.rateTerms,
      outcome: reverse ? net.parameterCount + rates + 5 : net.parameterCount,
      loss: stats.support,
      query_loss: stats.query,
      reverse: reverse ? 1 : 0,
      steps: inner.steps,
      kept_from: slots.keptFrom,
      curved_from: slots.curvedFrom,
      rates,
      rate_width: ratesPerRow(net, inner.rate),
      support_loss: lossNumbers(loss).LOSS,
      outer_loss: lossNumbers(outer).LOSS,
      rho: inner.proximal,
      support_shape: lossNumbers(loss).shape,
      outer_shape: lossNumbers(outer).shape,
    },
  });
}
