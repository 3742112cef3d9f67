/**
 * Renders a study as one page that loads nothing.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import type { StudyDistribution } from "./distribution.ts";
import type { StudyPageOptions } from "./study_page_options.ts";

const KEYS: OptionKeys<StudyPageOptions> = { title: true, settings: true, refused: true };

/**
 * Renders a study: sentences, quantiles over markets, histograms, and what could not be studied.
 *
 * @param distribution From `studyDistribution`.
 * @param options Title, settings, and what was refused.
 * @returns A self-contained HTML document.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { renderStudy, studyDistribution } from "@adaptrade/adaptrade/search";
 * import { assert } from "@std/assert";
 *
 * const score = { decisions: 50, mse: 0.9, unadapted: 1, nothing: 1, skill: 0.1, statistic: -3, pValue: 0.01 };
 * const study = { market: "A", interval: "1d", bars: 100, from: 0, to: 1, score, money: null };
 * assert((await renderStudy(studyDistribution([study]))).includes("Of 1 market"));
 * ```
 */
export async function renderStudy(distribution: StudyDistribution, options: StudyPageOptions = {}): Promise<string> {
  requireKnownKeys("Cannot render a study", "options", options, KEYS);
  const { title = "Study", settings = {}, refused = [] } = options;
  const { studyPage } = await import("./study_page.ts");
  return studyPage(distribution, { title, settings, refused });
}
