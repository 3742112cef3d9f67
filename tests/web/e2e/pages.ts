/**
 * The dashboard's pages as the tests that go over all of them need them. Holds addresses only.
 * @module
 */

/** Address of every page, by a short name; those about a run show `run`. */
export function pagesOf(run: string): Readonly<Record<string, string>> {
  return {
    overview: "/",
    run: `/runs/${run}`,
    lab: `/lab?run=${run}`,
    backtest: `/backtest?run=${run}`,
    compare: `/compare?run=${run}`,
    data: "/data",
    online: "/online",
    engine: "/engine",
  };
}
