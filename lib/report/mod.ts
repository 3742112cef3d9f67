/**
 * What is shown of a result: verdicts in words, reports as one HTML page, JSON, and CSV of trades and fills.
 * @module
 */
export { type FillBook, fillsCsv } from "./fills_csv.ts";
export { judgeForecasts } from "./forecast_verdict.ts";
export { portfolioJson } from "./portfolio_json.ts";
export { renderPortfolioReport } from "./portfolio_report.ts";
export type { PortfolioReportOptions } from "./portfolio_report_options.ts";
export { judgePortfolios } from "./portfolio_verdict.ts";
export { renderReport } from "./report.ts";
export type { ForecastReport, ReportOptions } from "./report_options.ts";
export { type JsonValue, reportJson } from "./result_json.ts";
export { show, type Shown } from "./show.ts";
export type { DrawnBand, Showable, ShowOptions } from "./showable.ts";
export { type TradeBook, tradesCsv } from "./trades_csv.ts";
export { judge, type Verdict } from "./verdict.ts";
