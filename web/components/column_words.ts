/**
 * What people call the columns of `riskFeatures` and `marketRows`, so that nobody has to read their names. A column of one's own
 * keeps its name. Draws nothing.
 * @module
 */
const WORDS: Readonly<Record<string, string>> = {
  level: "level",
  history: "bars of history",
  hour_sin: "hour of the day, morning against evening",
  hour_cos: "hour of the day, midnight against noon",
  hour_sin_2: "half of the day, one",
  hour_cos_2: "half of the day, two",
  weekend: "weekend",
};

/** "volatility, 132 bars" of `volatility_132`, "other markets' move, 1 bar" of `market_move_1`. */
export function columnWords(name: string): string {
  const [, others, kind, bars] = /^(market_)?(volatility|move|downside|volume)_(\d+)$/.exec(name) ?? [];
  const own = kind === undefined ? undefined : `${kind}, ${bars} ${bars === "1" ? "bar" : "bars"}`;
  if (own !== undefined) return others === undefined ? own : `other markets' ${own}`;
  return WORDS[name] ?? (name === "market_level" ? "other markets' level" : name);
}
