import { assert, assertEquals } from "@std/assert";
import { compareForecasts, openEngine, simulateMarket, type TargetConfig } from "../../mod.ts";
import { quickForecaster, simulatedPool } from "./fixtures.ts";

const TRAININGS = 5;
const WALKS = 40;
/** Beyond luck: 5% of 40 is 2, and more than 6 come with 0.3% probability. */
const MOST = 6;

/** Walks on which the forecaster is better than a method beyond chance, of markets that hold nothing of the target. */
async function skilful(target: TargetConfig, than: string): Promise<{ found: number; told: number }> {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  let [found, told] = [0, 0];
  for (let training = 0; training < TRAININGS; training++) {
    const pool = simulatedPool(2, { bars: 400, seed: 50 + training, constant: true });
    const forecaster = await quickForecaster(engine, pool, {
      target,
      seeds: 1,
      seed: training,
      marketWide: "none",
      support: { rows: 20, least: 10 },
      pretrain: { steps: 40 },
      meta: { steps: 15 },
    });
    for (let i = 0; i < WALKS / TRAININGS; i++) {
      const { candles } = simulateMarket({ bars: 250, seed: 9000 + 100 * training + i, symbol: "WALK" });
      const { scores } = await compareForecasts(engine, forecaster, [candles], { pool, from: candles.time[50] });
      const { against } = scores.find(({ name }) => name === than)!;
      told++;
      const { statistic, pValue } = against!;
      if (statistic !== null && statistic < 0 && pValue! < 0.05) found++;
    }
  }
  return { found, told };
}

Deno.test("compareForecasts() finds no skill in the returns of random walks", async () => {
  const { found, told } = await skilful({ kind: "return", horizon: 1 }, "zero");
  assertEquals(told, WALKS);
  assert(found <= MOST, `${found} of ${told} walks`);
});

Deno.test("compareForecasts() finds no skill over the pooled mean in volatility that is constant", async () => {
  const { found, told } = await skilful({ kind: "logVolatility", horizon: 1 }, "pooled mean");
  assertEquals(told, WALKS);
  assert(found <= MOST, `${found} of ${told} walks`);
});
