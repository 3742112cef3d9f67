/**
 * What is checked of a run or a backtest beyond its settings: that it is judged behind its training, on a market that goes on.
 * @module
 */
import { DataError } from "@adaptrade/adaptrade";
import { endsBeforeTest, type MarketSpan } from "../components/market_spans.ts";
import { inspectMarket } from "./data_markets.ts";
import { FieldError } from "./field_error.ts";
import { backtestField } from "../components/form_fields.ts";
import { dateUtc, marketName } from "../components/format.ts";
import { type BacktestRequest, DEFAULT_BACKTEST } from "./backtest_request.ts";
import { parseRunConfig, type RunConfig } from "./run_config.ts";

/**
 * Checks a run's config from outside, and that its unseen market has bars in its test.
 *
 * @throws {FieldError} A setting is refused, a market cannot be read, or the unseen one ends before the test begins.
 */
export async function checkedRun(input: unknown): Promise<RunConfig> {
  const config = parseRunConfig(input);
  const read = async (field: "markets" | "unseen", id: string) =>
    [id, await inspected(id, { action: "Cannot start a run", field })] as const;
  const markets = Object.fromEntries(
    await Promise.all([read("unseen", config.unseen), ...config.markets.map((id) => read("markets", id))]),
  );
  const silent = Object.entries(markets).filter(([, { hasVolume }]) => !hasVolume).map(([id]) => marketName(id));
  if (config.target === "logVolume" && silent.length > 0) {
    throw new FieldError(
      "target",
      `Cannot start a run: volume cannot be forecast of ${silent.join(", ")}, which ${
        silent.length === 1 ? "holds" : "hold"
      } none. Choose markets that do`,
    );
  }
  const reason = endsBeforeTest(markets, config.unseen, config.markets);
  if (reason === null) return config;
  throw new FieldError(
    "unseen",
    `Cannot start a run: nothing could be said of ${marketName(config.unseen)}, which ${reason}. ` +
      "Keep a market unseen that goes on, or train on markets that end earlier",
  );
}

const DAY_MS = 86_400_000;

/**
 * Checks that a backtest begins behind what its run has seen, and that its market has bars there.
 *
 * @param trainedUntil What the run has seen ends here, ms UTC.
 * @throws {FieldError} It begins before that, or the market cannot be read, or ends before it begins.
 */
export async function requireTestable(
  { market, from }: Pick<BacktestRequest, "market" | "from">,
  trainedUntil: number,
): Promise<void> {
  const begins = from === "" ? trainedUntil : Date.parse(from);
  const label = backtestField("from", DEFAULT_BACKTEST).label;
  if (begins < trainedUntil) {
    throw new FieldError(
      "from",
      `Cannot backtest: expected “${label}” to be ${
        dateUtc(trainedUntil + DAY_MS - 1)
      } or later, for the run was trained ` +
        `and selected on bars before, received ${from}`,
    );
  }
  const { to } = await inspected(market, { action: "Cannot backtest", field: "market" });
  if (to > begins) return;
  const name = marketName(market);
  if (to > trainedUntil) {
    throw new FieldError(
      "from",
      `Cannot backtest: expected “${label}” to be before ${name} ends, ${dateUtc(to)}, received ${from}`,
    );
  }
  throw new FieldError(
    "market",
    `Cannot backtest: ${name} ends ${dateUtc(to)}, the test begins ${dateUtc(begins)}. Choose a market that goes on`,
  );
}

/** When a market begins and ends; what cannot be read is said of the field that names it. */
async function inspected(
  id: string,
  { action, field }: { readonly action: string; readonly field: string },
): Promise<MarketSpan & { readonly hasVolume: boolean }> {
  try {
    const { from, to, hasVolume } = await inspectMarket(id);
    if (from !== null && to !== null) return { from, to, hasVolume };
  } catch (error) {
    throw error instanceof DataError ? new FieldError(field, `${action}: ${error.message}`) : error;
  }
  throw new FieldError(field, `${action}: ${marketName(id)} holds no bars`);
}
