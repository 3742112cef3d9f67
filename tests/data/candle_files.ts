// Streams, series and files that the data tests share.
import type { Candles } from "../../lib/data/candles.ts";

/** A text as a stream of bytes. */
export function streamOf(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream();
}

/** A text as a stream of gzipped bytes. */
export function gzippedStreamOf(text: string): ReadableStream<Uint8Array> {
  return streamOf(text).pipeThrough(
    new CompressionStream("gzip") as GenericTransformStream as ReadableWritablePair<
      Uint8Array,
      Uint8Array
    >,
  );
}

/** A close-only looking series with full columns: open is the close before, high and low lie one unit around. */
export function seriesOf(closes: readonly number[], interval: string, times: readonly number[]): Candles {
  const close = Float64Array.from(closes);
  const open = close.map((value, i) => i > 0 ? close[i - 1] : value);
  return {
    symbol: "TEST",
    interval,
    time: Float64Array.from(times),
    open,
    high: close.map((value, i) => Math.max(value, open[i])),
    low: close.map((value, i) => Math.min(value, open[i])),
    close,
    volume: new Float64Array(close.length).fill(1),
  };
}

/** Copies a series, so that a test can compare it afterwards. */
export function copyOf(candles: Candles): Candles {
  return structuredClone(candles);
}

/** Runs a body with a folder that is removed behind it. */
export async function withFolder<T>(body: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.makeTempDir();
  try {
    return await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
