/**
 * Runs as columns: results, settings with the differing ones marked, learned rates, and the figures of their latest backtests.
 * For the server.
 * @module
 */
import type { JSX } from "preact";
import type { ComparedRun, ComparedSetting } from "../server/compare_runs.ts";
import { Bounded, METRIC_ROWS } from "./BacktestFigures.tsx";
import { dateUtc, figure, percent, signedPercent } from "./format.ts";

type Cells = readonly (JSX.Element | string)[];

interface CompareTableProps {
  readonly runs: readonly ComparedRun[];
  readonly settings: readonly ComparedSetting[];
}

function Row(
  { name, cells, differs = false, numbers = true }: {
    readonly name: string;
    readonly cells: Cells;
    readonly differs?: boolean;
    readonly numbers?: boolean;
  },
): JSX.Element {
  return (
    <tr class={differs ? "differs" : undefined}>
      <th scope="row">
        {name}
        {differs && <span class="visually-hidden">(differs)</span>}
      </th>
      {cells.map((cell, i) => <td key={i} class={numbers ? "number" : undefined}>{cell}</td>)}
    </tr>
  );
}

function Section({ title, runs }: { readonly title: string; readonly runs: number }): JSX.Element {
  return (
    <tr class="section">
      <th scope="colgroup" colSpan={runs + 1}>{title}</th>
    </tr>
  );
}

/** The table. */
export function CompareTable({ runs, settings }: CompareTableProps): JSX.Element {
  const each = (cell: (run: ComparedRun) => JSX.Element | string): Cells => runs.map(cell);
  const lowest = (values: readonly (number | null)[]) => Math.min(...values.map((value) => value ?? Infinity));
  const bestOf = lowest(runs.map(({ best }) => best));
  const layers = Math.max(...runs.map(({ rates }) => rates.length));
  const backtested = runs.some(({ backtest }) => backtest !== null);
  const ofBacktest = (cell: (backtest: NonNullable<ComparedRun["backtest"]>) => JSX.Element | string): Cells =>
    each(({ backtest }) => backtest === null ? "–" : cell(backtest));
  return (
    <section class="card" aria-label="Side by side">
      <header>
        <h2>Side by side</h2>
        {runs.length > 1 && <p>settings that differ are marked</p>}
      </header>
      <div class="table-scroll" role="group" tabIndex={0} aria-label="Runs as columns">
        <table class="compare-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Figure</span>
              </th>
              {runs.map(({ id, name }, i) => (
                <th key={id} scope="col" class="number">
                  <span class="swatch column" style={{ color: `var(--chart-${i % 6 + 1})` }} />
                  <a href={`/runs/${id}`}>{`${i + 1} ${name}`}</a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Section title="Training" runs={runs.length} />
            <Row name="Outer steps made" cells={each(({ step }) => String(step))} />
            <Row
              name="Validation loss of the forecaster"
              cells={each(({ best }) =>
                best !== null && best === bestOf && runs.length > 1
                  ? <strong class="positive">{`${figure(best)} (lowest)`}</strong>
                  : figure(best)
              )}
            />
            <Row name="Validation loss of saying nothing" cells={each(({ anchor }) => figure(anchor))} />
            <Row name="Outer steps a second" cells={each(({ stepsPerSecond }) => figure(stepsPerSecond))} />
            <Section title="On the market kept unseen, after training" runs={runs.length} />
            <Row
              name="Market"
              cells={each(({ id, result }) =>
                result === null
                  ? "–"
                  : "problem" in result
                  ? result.problem
                  : <a href={`/forecast?run=${id}`}>{result.symbol}</a>
              )}
            />
            <Row
              name="Squared error"
              cells={each(({ result }) =>
                result === null || "problem" in result
                  ? "–"
                  : `${signedPercent(-result.less, 1)} against ${result.reference}${
                    result.beyondChance ? "" : ", by chance"
                  }`
              )}
            />
            <Section title="Settings" runs={runs.length} />
            {settings.map(({ name, values, differs }) => (
              <Row
                key={name}
                name={name}
                cells={values}
                differs={differs}
              />
            ))}
            <Section title="Learned inner rates, mean by layer" runs={runs.length} />
            {Array.from(
              { length: Math.max(0, layers) },
              (_, layer) => (
                <Row
                  key={layer}
                  name={`Layer ${layer + 1}`}
                  cells={each(({ rates }) => figure(rates[layer]))}
                />
              ),
            )}
            <Section title="Latest backtest, net of costs" runs={runs.length} />
            {!backtested
              ? (
                <tr>
                  <td colSpan={runs.length + 1} class="muted">
                    None of these runs has been backtested.{" "}
                    <a href={`/backtest?run=${runs[0].id}`}>Backtest the first</a>
                  </td>
                </tr>
              )
              : (
                <>
                  <Row
                    name="Market"
                    cells={each(({ id, backtest }) =>
                      backtest === null
                        ? <a href={`/backtest?run=${id}`}>backtest it</a>
                        : <a href={`/backtest?id=${backtest.id}`}>{backtest.symbol}</a>
                    )}
                  />
                  <Row name="Tested" cells={ofBacktest(({ from, to }) => `${dateUtc(from)} to ${dateUtc(to)}`)} />
                  {METRIC_ROWS.map(([metric, label, format]) => (
                    <Row
                      key={metric}
                      name={label}
                      cells={ofBacktest(({ strategies: [{ metrics }] }) => (
                        <Bounded bounded={metrics[metric]} format={format} />
                      ))}
                    />
                  ))}
                  <Row
                    name="Skill, all trials counted"
                    cells={ofBacktest(({ strategies: [{ deflatedSharpe }] }) => percent(deflatedSharpe))}
                  />
                  <Row
                    name="Beats every baseline"
                    cells={ofBacktest(({ verdict: { wins, significant } }) =>
                      significant ? "yes" : wins ? "ahead, not significant" : "no"
                    )}
                  />
                </>
              )}
          </tbody>
        </table>
      </div>
      <p class="small muted">
        Backtests of different markets, dates, costs or rules do not compare; each links to its own.
      </p>
    </section>
  );
}
