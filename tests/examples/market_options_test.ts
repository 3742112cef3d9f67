import { parseArgs } from "node:util";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UsageError } from "../../examples/cli.ts";
import { costModel, costSettings } from "../../examples/market/costs.ts";
import { riskOptions, riskSettings } from "../../examples/market/risk.ts";
import { readMarkets, SOURCE_OPTIONS } from "../../examples/market/source.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write");

Deno.test("costModel() holds what was given and nothing else", () => {
  assertEquals(costModel({ cost: "0.001" }), { takerFee: 0.001 });
  assertEquals(
    costModel({
      cost: "0.001",
      maker: "-0.0001",
      spread: "0.0004",
      slippage: "0.02",
      borrow: "0.03",
      funding: "0.0001",
      "min-order": "0.5",
      "max-position": "2",
    }),
    {
      takerFee: 0.001,
      makerFee: -0.0001,
      spread: 0.0004,
      rangeSlippage: 0.02,
      borrow: 0.03,
      funding: { rate: 0.0001, hours: 8 },
      minOrder: 0.5,
      maxPosition: 2,
    },
  );
  assertEquals(costModel({ account: "perpetual", margin: "0.01", "liquidation-fee": "0.002" }), {
    kind: "perpetual",
    maintenanceMargin: 0.01,
    liquidationFee: 0.002,
  });
  assertEquals(costSettings({ cost: "0.001", funding: "0.0001" }), { cost: "0.001", "funding, each 8 h": "0.0001" });
});

Deno.test("costModel() throws on what is no cost", () => {
  for (
    const values of [{ spread: "1" }, { borrow: "-0.1" }, { funding: "x" }, { maker: "-1" }, { "max-position": "0" }]
  ) {
    assertThrows(() => costModel(values), UsageError, `--${Object.keys(values)[0]} must be a number`);
  }
  assertThrows(() => costModel({ account: "margin" }), UsageError, "--account must be spot, perpetual or cash-only");
  assertThrows(() => costModel({ account: "cash-only", borrow: "0.1" }), UsageError, "--borrow says nothing");
});

Deno.test("riskOptions() holds exits, sizes and the brake that were given", () => {
  assertEquals(riskOptions({}), {});
  assertEquals(riskOptions({ stop: "0.02", "take-profit-vol": "3" }), {
    exits: { stop: { fraction: 0.02, trailing: false }, takeProfit: { volatility: 3 } },
  });
  const all = riskOptions({
    "stop-vol": "2",
    trailing: true,
    "take-profit": "0.1",
    sizing: "kelly",
    "size-target": "0.5",
    "size-cap": "2",
    brake: "0.1,0.25",
  });
  assertEquals(all, {
    exits: { stop: { volatility: 2, trailing: true }, takeProfit: { fraction: 0.1 } },
    sizing: { kind: "kelly", fraction: 0.5, cap: 2 },
    brake: { start: 0.1, stop: 0.25 },
  });
  assertEquals(riskSettings(all), {
    stop: "2 deviations, trailing",
    "take-profit": "0.1 of the price",
    sizing: "kelly, fraction 0.5, cap 2",
    brake: "drawdown 0.1 to 0.25",
  });
  const held = riskOptions({ rebalance: "0.2", limit: "0.005" });
  assertEquals(held, { rebalance: { kind: "band", width: 0.2 }, entry: { kind: "limit", offset: 0.005 } });
  assertEquals(riskSettings(held), {
    rebalance: "once 0.2 of the target away",
    entry: "limit orders 0.005 from the close",
  });
  assertEquals(riskOptions({ rebalance: "never" }), { rebalance: "never" });
  assertEquals(riskOptions({ sizing: "proportional", "size-target": "0.01" }).sizing, {
    kind: "proportional",
    scale: 0.01,
  });
});

const MISTAKES: [string, Parameters<typeof riskOptions>[0], string][] = [
  ["two distances of a stop", { stop: "0.1", "stop-vol": "2" }, "--stop and --stop-vol say the same"],
  ["a stop of the whole price", { stop: "1" }, "--stop must be a number"],
  ["a trailing nothing", { trailing: true }, "--trailing needs --stop"],
  [
    "an unknown rule of size",
    { sizing: "martingale" },
    "--sizing must be threshold, proportional, volatility or kelly",
  ],
  ["a volatility target without a number", { sizing: "volatility" }, "--sizing volatility needs --size-target"],
  ["more than the whole Kelly size", { sizing: "kelly", "size-target": "2" }, "--size-target must be a number"],
  ["a number for all or nothing", { "size-target": "2" }, "need --sizing"],
  ["a brake that descends", { brake: "0.3,0.1" }, "two drawdowns that ascend"],
  ["an unknown rule of rebalancing", { rebalance: "daily" }, "--rebalance must be always, never or a width"],
  ["a limit order beyond the price", { limit: "1" }, "--limit must be a number"],
  ["half a brake", { brake: "0.3" }, "two drawdowns that ascend"],
];

for (const [what, values, message] of MISTAKES) {
  Deno.test(`riskOptions() throws on ${what}`, () => {
    assertThrows(() => riskOptions(values), UsageError, message);
  });
}

test("readMarkets() hands what a folder's files leave open on to their reader, and says how they were read", async () => {
  const dir = await Deno.makeTempDir();
  const said: string[] = [];
  const { log } = console;
  try {
    await Deno.writeTextFile(
      `${dir}/A.csv`,
      "Date;Close;Adj Close\n1/2/2024;2,000;1,000\n1/3/2024;;\n1/4/2024;4,000;3,000\n",
    );
    const { values } = parseArgs({
      args: ["--csv", dir, "--nulls", "drop", "--date-order", "mdy", "--decimal", ",", "--adjusted"],
      options: SOURCE_OPTIONS,
    });
    console.log = (line: string) => void said.push(line);
    const [a] = await readMarkets(values, new AbortController().signal);
    assertEquals([...a.close], [1, 3]);
    assertEquals(new Date(a.time[0]).toISOString().slice(0, 10), "2024-01-02");
    assertEquals(said, ["A: it has no volume: 0 stands for it", "A: left out: 1 row without prices"]);
    const bad = { ...values, decimal: ";" };
    await assertRejects(
      () => readMarkets(bad, new AbortController().signal),
      UsageError,
      '--decimal must be . or ,, got ";"',
    );
  } finally {
    console.log = log;
    await Deno.remove(dir, { recursive: true });
  }
});
