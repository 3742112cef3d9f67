/**
 * One market, `?id=`: what was found in it, on a time line and in a table, and its price.
 * @module
 */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { DataError } from "@adaptrade/adaptrade";
import { Fact } from "../../components/Facts.tsx";
import { barCell, dateUtc, marketName } from "../../components/format.ts";
import { FINDING_NAMES, QualityTimeline } from "../../components/QualityTimeline.tsx";
import { QualityBadge } from "../../components/QualityBadge.tsx";
import DataPreview from "../../islands/DataPreview.tsx";
import { MOST_FINDINGS } from "../../server/data_inspection.ts";
import { inspectMarket } from "../../server/data_markets.ts";
import { define } from "../../utils.ts";

const ROWS = 200;

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const id = ctx.url.searchParams.get("id") ?? "";
    try {
      return page({ id, inspection: await inspectMarket(id) });
    } catch (error) {
      if (error instanceof DataError) throw new HttpError(404, error.message);
      throw error;
    }
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { id, inspection } }) => {
  const { bars, interval, calendar, from, to, closeOnly, found, findings, preview } = inspection;
  return (
    <>
      <Head>
        <title>{`${marketName(id)} · Data · adaptrade`}</title>
      </Head>
      <header class="page-head">
        <div>
          <div class="row">
            <h1>{marketName(id)}</h1>
            <QualityBadge found={found} error={null} />
          </div>
          <p>
            <a href="/data" aria-current={false}>All markets</a>
          </p>
        </div>
        <a class="button" href={`/online?market=${encodeURIComponent(id)}`}>Replay it with the paper trader</a>
      </header>
      <div class="stack">
        <section class="card" aria-label="Key figures">
          <dl class="figures">
            <Fact name="Bars" value={bars.toLocaleString("en")} />
            <Fact name="Interval" value={interval} />
            <Fact name="From" value={from === null ? "–" : dateUtc(from)} />
            <Fact name="To" value={to === null ? "–" : dateUtc(to)} />
            <Fact name="Calendar" value={calendar === "exchange" ? "Exchange hours" : "Round the clock"} />
            <Fact name="Prices" value={closeOnly ? "Closes only" : "Open to close"} />
          </dl>
        </section>
        <section class="card" aria-label="Quality">
          <header>
            <h2>Quality</h2>
            <p>
              {found === 0 ? "nothing looks wrong" : `${found} finding${found === 1 ? "" : "s"}; nothing was repaired`}
            </p>
          </header>
          {from !== null && <QualityTimeline inspection={inspection} />}
          {found > 0 && (
            <div class="table-scroll findings" tabIndex={0} role="region" aria-label="Findings">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Bar, UTC</th>
                    <th scope="col">What</th>
                    <th scope="col">Found</th>
                  </tr>
                </thead>
                <tbody>
                  {findings.slice(0, ROWS).map(({ kind, time, message }, index) => (
                    <tr key={index}>
                      <td class="nowrap">{barCell(interval)(time)}</td>
                      <td class="nowrap">{FINDING_NAMES[kind]}</td>
                      <td>{message}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {found > ROWS && (
            <p class="hint">
              {`The table shows the first ${ROWS} of ${found}`}
              {found > MOST_FINDINGS ? `, the time line the first ${MOST_FINDINGS}.` : "."}
            </p>
          )}
        </section>
        <section class="card" aria-label="Price">
          <header>
            <h2>Price</h2>
            <p>closing price{preview.time.length < bars ? `, ${preview.time.length} of ${bars} bars` : ""}</p>
          </header>
          <DataPreview symbol={marketName(id)} {...preview} />
        </section>
      </div>
    </>
  );
});
