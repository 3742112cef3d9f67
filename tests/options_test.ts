/** Options objects: a key that nobody reads is refused, and what is handed on is what the next function takes. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { openAccount, portfolioTargets, positionSize } from "../lib/trading/mod.ts";
import { imaml, maml, metaGradient, mlp, onlineConfig } from "../mod.ts";
import { pickKeys, requireKindKeys, requireKnownKeys } from "../lib/options.ts";

const INPUT = { prediction: 0.01, volatility: 0.02, horizon: 1 };
const KEYS = { takerFee: true, makerFee: true, spread: true, clipNorm: true } as const;

Deno.test("requireKnownKeys() names the unknown key and the nearest known one", () => {
  for (
    const [key, nearest] of [
      ["clipNrom", "clipNorm"],
      ["clipnorm", "clipNorm"],
      ["spraed", "spread"],
      ["fee", "takerFee"],
      ["makerFees", "makerFee"],
    ]
  ) {
    const error = assertThrows(() => requireKnownKeys("Cannot trade", "costs", { [key]: 1 }, KEYS), TypeError);
    assertEquals(
      error.message,
      "Cannot trade: expected costs to hold takerFee, makerFee, spread, clipNorm, " +
        `received "${key}"; did you mean "${nearest}"?`,
    );
  }
});

Deno.test("requireKnownKeys() takes known keys, undefined, and an object without a prototype's names", () => {
  requireKnownKeys("Cannot trade", "costs", { spread: undefined, takerFee: 1 }, KEYS);
  requireKnownKeys("Cannot trade", "costs", undefined, KEYS);
  assertThrows(
    () => requireKnownKeys("Cannot trade", "costs", { ["toString" as string]: 1 }, KEYS),
    TypeError,
    '"toString"',
  );
});

Deno.test("requireKnownKeys() refuses what is no plain object", () => {
  for (const [value, what] of [[null, "null"], [[1], "an array"], [7, "number"], ["spread", "string"]] as const) {
    assertThrows(
      () => requireKnownKeys("Cannot trade", "costs", value as unknown as object, KEYS),
      TypeError,
      `expected costs to be an object { takerFee, makerFee, spread, clipNorm }, received ${what}`,
    );
  }
});

Deno.test("pickKeys() gives the named keys alone and changes nothing", () => {
  const options = Object.freeze({ spread: 1, every: 2, clipNorm: undefined });
  assertEquals(Object.keys(pickKeys(options, { spread: true, clipNorm: true })), ["spread", "clipNorm"]);
  assertEquals(options, { spread: 1, every: 2, clipNorm: undefined });
});

Deno.test("requireKindKeys() takes the keys of the kind alone, and leaves an unknown kind to its reader", () => {
  type Loss = { readonly kind: "mse" } | { readonly kind: "huber"; readonly delta: number };
  const kinds = { mse: { kind: true }, huber: { kind: true, delta: true } } as const;
  const check = (loss: unknown): void => requireKindKeys("Cannot train", "loss", loss as Loss, kinds);
  check({ kind: "huber", delta: 1 });
  check({ kind: "toString" });
  check(undefined);
  assertThrows(() => check({ kind: "mse", delta: 1 }), TypeError, 'expected loss (mse) to hold kind, received "delta"');
  assertThrows(() => check("mse"), TypeError, "expected loss to be an object { kind }, received string");
});

Deno.test("every part of a setting refuses a name it does not know: what would be a default, or no cost, unsaid", () => {
  const net = mlp({ inputs: 2, hidden: [4], outputs: 1 });
  const meta = metaGradient({ net });
  const online = (part: object): unknown => onlineConfig({ meta, ...part });
  const account = (rules: object): unknown => openAccount(rules);
  for (
    const [refused, make] of [
      ['costs to hold .* received "fee"; did you mean "takerFee"', () => account({ costs: { fee: 0.1 } })],
      [
        'funding to hold .* received "hour"; did you mean "hours"',
        () => account({ costs: { funding: { rate: 0, hour: 1 } } }),
      ],
      [
        'stop to hold .* received "windw"; did you mean "window"',
        () => account({ exits: { stop: { volatility: 2, windw: 5 } } }),
      ],
      [
        'takeProfit to hold .* received "trailing"',
        () => account({ exits: { takeProfit: { fraction: 0.1, trailing: true } } }),
      ],
      ['brake to hold .* received "stopp"', () => account({ brake: { start: 0.1, stop: 0.2, stopp: 1 } })],
      [
        'sizing \\(kelly\\) to hold .* received "target"',
        () => positionSize(INPUT, { sizing: { kind: "kelly", target: 1 } as never }),
      ],
      [
        "weighting \\(equal\\) to hold kind",
        () => portfolioTargets([], { weighting: { kind: "equal", riskAversion: 1 } as never }),
      ],
      ['inner to hold .* received "step"; did you mean "steps"', () => maml({ net, inner: { step: 3 } as never })],
      [
        'inner.lrShape to hold .* received "perstep"',
        () => maml({ net, inner: { lrShape: { per: "layer", perstep: true } as never } }),
      ],
      [
        'outer to hold .* received "clipNrom"; did you mean "clipNorm"',
        () => maml({ net, outer: { clipNrom: 1 } as never }),
      ],
      [
        'outer.schedule \\(cosine\\) to hold .* "warmUp"',
        () => maml({ net, outer: { schedule: { kind: "cosine", steps: 9, warmUp: 1 } as never } }),
      ],
      ['learn to hold .* received "rates"', () => maml({ net, learn: { params: true, rates: true } as never })],
      [
        'loss \\(huber\\) to hold kind, delta, received "tau"',
        () => maml({ net, loss: { kind: "huber", delta: 1, tau: 1 } as never }),
      ],
      [
        'gradient \\(implicit\\) to hold .* "cgStep"',
        () => imaml({ net, gradient: { kind: "implicit", cgStep: 1 } as never }),
      ],
      ['timescales\\[0\\] to hold .* received "evry"', () => online({ timescales: [{ evry: 1, lr: 1 }] })],
      ['bounds to hold .* received "weightdecay"', () => online({ bounds: { weightdecay: [1, 2] } })],
      ['trust to hold .* received "rate"', () => online({ trust: { rate: 1 } })],
      ['replay to hold .* received "sise"', () => online({ replay: { sise: 1 } })],
      ['objective \\(risk\\) to hold .* received "lamda"', () => online({ objective: { kind: "risk", lamda: 1 } })],
    ] as const
  ) {
    const error = assertThrows(make, TypeError);
    assertMatch(error.message, new RegExp(refused));
  }
});

Deno.test("requireKnownKeys() refuses as signal what is none, its controller above all", () => {
  const keys = { signal: true } as const;
  requireKnownKeys("Cannot train", "options", { signal: new AbortController().signal }, keys);
  requireKnownKeys("Cannot train", "options", { signal: undefined }, keys);
  for (
    const [signal, what] of [[new AbortController(), "AbortController"], [null, "null"], [{}, "an object"]] as const
  ) {
    assertThrows(
      () => requireKnownKeys("Cannot train", "options", { signal }, keys),
      TypeError,
      `Cannot train: expected signal to be an AbortSignal, received ${what}`,
    );
  }
});

Deno.test("what a config must be is said where none is given, or a number comes as text", () => {
  assertThrows(
    () => maml(undefined as never),
    TypeError,
    "Cannot make a config: expected options to be an object { net",
  );
  const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
  assertThrows(() => maml({ net, inner: { lr: "0.1" as never } }), RangeError, 'got "0.1"');
  assertThrows(() => maml({ net, inner: { steps: 1e9 } }), RangeError, "inner.steps must be at most 100000");
});
