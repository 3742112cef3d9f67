/**
 * GET: the live stream of backtests that wait or run; see `backtest_jobs.ts`.
 * @module
 */
import { connectBacktests } from "../../../server/backtest_jobs.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectBacktests() });
