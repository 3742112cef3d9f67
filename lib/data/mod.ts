/**
 * Candles: reading them from any vendor's CSV, JSON and Parquet, from Bybit and from the embedded sample, and checking them.
 * Refuses what it would have to guess. Files are read only when a function that takes a path is called.
 * @module
 */
export { type Bar, barsOf, candlesOf } from "./bar.ts";
export { fetchBybit, type FetchBybitOptions, type FetchProgress } from "./bybit.ts";
export type { Sleep } from "./bybit_request.ts";
export { periodsPerYear } from "./calendar.ts";
export { type Candles, DataError } from "./candles.ts";
export { type CandlesDirOptions, listCandlesDir, type ListedMarket, readCandlesDir } from "./candles_dir.ts";
export { type CsvOptions, readCandlesCsv } from "./csv.ts";
export type { CsvSource } from "./csv/bytes.ts";
export { candlesToCsv } from "./csv_write.ts";
export type { CandleField, Dialect } from "./dialect.ts";
export { bybitInterval, intervalMs } from "./interval.ts";
export { readCandlesJson } from "./json.ts";
export { candlesToParquet, readCandlesParquet } from "./parquet.ts";
export type { DateOrder } from "./parse_date.ts";
export { checkCandles, type Finding, type FindingKind, type QualityOptions, type QualityReport } from "./quality.ts";
export { sampleMarkets, type SampleOptions } from "./sample.ts";
export { SAMPLE_INFO, type SampleInfo } from "./sample_info.ts";
export type { ColumnNames, NamedColumns } from "./table/fields.ts";
export type { TableOptions } from "./table/head.ts";
export type { DecimalSign } from "./table/numbers.ts";
export type { TimeUnit } from "./time_unit.ts";
