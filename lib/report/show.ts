/**
 * Results as a notebook shows them: a fragment of a page with pictures, by Jupyter's own protocol. The charting library is
 * loaded on the first call, not with the package.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Showable, ShowOptions } from "./showable.ts";

/** What Deno's Jupyter kernel calls of a cell's last value, to learn what it looks like. */
const DISPLAY = Symbol.for("Jupyter.display");

const KEYS: OptionKeys<ShowOptions> = { band: true };

/** A result made visible. Deno's Jupyter kernel asks it, by `Symbol.for("Jupyter.display")`, for both of these by their media type. */
export interface Shown {
  /** A fragment of HTML with its style: SVG and tables, neither script nor network. */
  readonly html: string;
  /** The same in words, where there is no HTML. */
  readonly text: string;
}

/**
 * Draws a result for a notebook: closing prices of candles; forecasts beside what came, with their band; the losses of every
 * method with the verdict; the error by bars of history; a backtest's verdict with its table and equity. As the last value of
 * a cell in Deno's Jupyter kernel it shows itself.
 *
 * @param what A result of this library.
 * @param options The band of forecasts.
 * @returns HTML and text.
 * @throws {TypeError} It is none of these results, or an option is unknown.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { show } from "@adaptrade/adaptrade/report";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const shown = await show(dax);
 * assertStringIncludes(shown.html, "<svg");
 * assertEquals(shown.text, "DAX: 1860 bars of 1d, 1991-07-01 to 1998-08-14");
 * ```
 */
export async function show(what: Showable, options: ShowOptions = {}): Promise<Shown> {
  requireKnownKeys("Cannot show a result", "options", options, KEYS);
  const { fragmentOf } = await import("./tear_sheet/fragment.ts");
  const { html, text } = fragmentOf(what, options);
  return Object.freeze({ html, text, [DISPLAY]: () => ({ "text/html": html, "text/plain": text }) });
}
