import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { chooseByRegime, switchedForecasts } from "../../examples/regimes/choice.ts";
import { compareWhere, qlikeOf, type RegimeStudy, squaredErrors } from "../../examples/regimes/study.ts";
import { type Regime, REGIMES } from "../../lib/features/mod.ts";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

/** One network and few steps on a test of a year and a half. */
const SHORT = ["--backend", "cpu", "--seeds", "1", "--steps", "40", "--test-from", "2017-06-01"];

test("regimes prints errors by regime, choices and what came of them, and writes nothing", async () => {
  await inTempFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("regimes", SHORT, folder);
    assertEquals(code, 0, stderr);
    // Squared error, QLIKE and the choice: each regime three times, all together twice.
    for (const regime of REGIMES) assertEquals(stdout.match(RegExp(`^${regime} +\\d+ `, "mg"))?.length, 3, regime);
    assertEquals(stdout.match(/^all +\d+ /mg)?.length, 2);
    assertEquals(stdout.match(/\d\*/g)?.length, REGIMES.length);
    assertStringIncludes(stdout, "on SP500, NASDAQ, WTI; never seen: NASDAQ");
    for (
      const start of ["Adapting on the last rows", "Adapting on rows of the same regime", "Letting the regime say"]
    ) {
      assertMatch(stdout, RegExp(`^${start}.* (helped|did harm|made no difference beyond chance): `, "m"));
    }
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

test("regimes throws on bad options", async () => {
  await inTempFolder(async (folder) => {
    const { code, stderr } = await runExample("regimes", ["--min-bars", "1"], folder);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "--min-bars must be an integer of at least 2");
  });
});

const DAY = 86_400_000;
const ROWS = 400;
const TEST_FROM = 200 * DAY;

/** A market that is bull and bear by turns of ten days; one method knows the one, another the other. */
function planted(): { study: RegimeStudy; labels: { market: string; time: Float64Array; regime: Regime[] }[] } {
  const time = Float64Array.from({ length: ROWS }, (_, i) => i * DAY);
  const regime = Array.from(time, (_, i): Regime => Math.floor(i / 10) % 2 === 0 ? "bull" : "bear");
  const label = time.map((_, i) => -4 + 0.3 * Math.sin(i * i));
  const said = (own: Regime): Float64Array =>
    label.map((value, i) => value + (regime[i] === own ? 0.01 : 0.1) * (1 + i % 3));
  const study = {
    horizon: 5,
    markets: ["X"],
    market: new Int32Array(ROWS),
    time,
    regime,
    label,
    said: { "knows bulls": said("bull"), "knows bears": said("bear"), neither: label.map((value) => value + 0.5) },
  };
  return { study, labels: [{ market: "X", time, regime }] };
}

Deno.test("chooseByRegime() finds who forecasts which regime, and switchedForecasts() says what they say", () => {
  const { study, labels } = planted();
  const choice = chooseByRegime(study, labels, { testFrom: TEST_FROM, minBars: 20 });
  assertEquals([choice.choices.bull, choice.choices.bear], ["knows bulls", "knows bears"]);
  const switched = switchedForecasts(study, labels, choice);
  const expected = study.label.map((_, i) => study.said[study.regime[i] === "bull" ? "knows bulls" : "knows bears"][i]);
  assertEquals(switched, expected);
});

Deno.test("chooseByRegime() chooses by nothing that was not known when the test began", () => {
  const { study, labels } = planted();
  const before = chooseByRegime(study, labels, { testFrom: TEST_FROM, minBars: 20 });
  // The outcome of a decision is known 5 bars on: that of row 195 is the first that is not.
  const label = study.label.map((value, i) => i >= 195 ? value + 9 : value);
  assertEquals(chooseByRegime({ ...study, label }, labels, { testFrom: TEST_FROM, minBars: 20 }), before);
  const earlier = study.label.map((value, i) => i >= 194 ? value + 9 : value);
  const moved = chooseByRegime({ ...study, label: earlier }, labels, { testFrom: TEST_FROM, minBars: 20 });
  assert(JSON.stringify(moved.scores) !== JSON.stringify(before.scores));
});

Deno.test("compareWhere() finds a difference in the regime that has it, and none by taking the other", () => {
  const { study } = planted();
  const losses = (name: string): Float64Array => squaredErrors(study.said[name], study);
  const pair = { mine: losses("knows bulls"), other: losses("knows bears") };
  const at = (only: Regime) => compareWhere(study, pair, { testFrom: TEST_FROM, only }).statistic!;
  assert(at("bull") < -2 && at("bear") > 2, `${at("bull")}, ${at("bear")}`);
  assertEquals(compareWhere(study, pair, { testFrom: TEST_FROM, only: "ranging" }).statistic, null);
});

Deno.test("qlikeOf() scales by errors before the test alone", () => {
  const { study } = planted();
  const { said: { neither } } = study;
  const [losses] = qlikeOf(neither, study, TEST_FROM);
  // Every error is 0.5, and so is their deviation: the ratio is 2 (−0.5 − 0.5²).
  assertEquals(losses.toFixed(9), (Math.exp(-1.5) + 1.5 - 1).toFixed(9));
  const label = study.label.map((value, i) => i >= 200 ? value + 9 : value);
  assertEquals(
    qlikeOf(neither, { ...study, label }, TEST_FROM).slice(0, 200),
    qlikeOf(neither, study, TEST_FROM).slice(0, 200),
  );
});
