/**
 * What the comparison compares: online learners that differ in how they learn and in nothing else.
 * Same start, same windows, same inner steps, same judge.
 * @module
 */
import { metaGradient, mlp, onlineConfig, tradingFeatures } from "@adaptrade/adaptrade";
import type { OnlineConfig, OnlineOptions } from "@adaptrade/adaptrade/online";

/** The network of every method. */
export const NET = mlp({ inputs: 10, hidden: [8], outputs: 1, activation: "tanh" });

/** Fixed rates tried, as multiples of the rate that learning starts from. */
const MULTIPLES = [0.03, 0.1, 0.3, 1, 3];
/** A meta-gradient costs about as much as three times its inner steps; forecasting costs them once more. */
const COMPUTE = 4;

/** One way to learn. */
export interface Method {
  /** Its row in the table. */
  readonly title: string;
  /** Whether it learns how to learn. */
  readonly learns: boolean;
  /** Its layout for one seed. */
  config(seed: number): OnlineConfig;
}

/** What the methods share. */
export interface MethodOptions {
  /** Inner steps. */
  readonly steps: number;
  /** The rate that learning starts from. */
  readonly lr: number;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
}

/** Features computed once a bar, whichever method and seed asks: a row is a pure function of its market and time. */
function remembered(): NonNullable<OnlineOptions["features"]> {
  const known = new Map<string, ReturnType<typeof tradingFeatures>>();
  return (candles) => {
    const { symbol, time } = candles;
    const key = `${symbol} ${time[time.length - 1]}`;
    const features = known.get(key) ?? tradingFeatures(candles);
    known.set(key, features);
    return features;
  };
}

/** The learned methods, then the fixed ones. */
export function methods({ steps, lr, horizon }: MethodOptions): Method[] {
  const shared = { horizon, features: remembered() };
  const inner = { steps, lr, lrShape: { per: "layer" } } as const;
  const learned = (title: string, learnLoss: boolean): Method => ({
    title,
    learns: true,
    config: (seed) =>
      onlineConfig({
        ...shared,
        seed,
        meta: learnLoss
          ? metaGradient({ net: NET, inner })
          : metaGradient({ net: NET, inner, loss: { kind: "mse" }, learn: { lr: true } }),
      }),
  });
  const fixed = (title: string, rate: number, count: number): Method => ({
    title,
    learns: false,
    config: (seed) =>
      onlineConfig({
        ...shared,
        seed,
        timescales: [],
        meta: metaGradient({
          net: NET,
          inner: { steps: count, lr: rate },
          loss: { kind: "mse" },
          learn: { lr: true },
        }),
      }),
  });
  return [
    learned("learned rates and loss", true),
    learned("learned rates", false),
    ...MULTIPLES.map((multiple) => {
      const rate = Number((lr * multiple).toPrecision(3));
      return fixed(`fixed rate ${rate}`, rate, steps);
    }),
    fixed("no steps: the support's mean", lr, 0),
    fixed(`fixed rate ${lr}, ${COMPUTE} times the steps`, lr, COMPUTE * steps),
  ];
}
