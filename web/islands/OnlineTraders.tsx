/**
 * The paper traders there are, kept up to date by the server's stream. Shows; starts and stops nothing.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { marketName, signedPercent, timeUtc, traderName } from "../components/format.ts";
import { useEvents } from "../components/live.ts";
import { StatusBadge } from "../components/StatusBadge.tsx";
import type { OnlineSummary } from "../server/online_events.ts";

/** The table. */
export default function OnlineTraders(props: { readonly traders: readonly OnlineSummary[] }): JSX.Element {
  const traders = useSignal(props.traders);
  useEvents("/api/online/events", { traders: (data: readonly OnlineSummary[]) => traders.value = data });
  if (traders.value.length === 0) {
    return (
      <section class="empty" aria-label="Traders">
        <h2>No trader yet</h2>
        <p>
          Press <strong>Start trading</strong>{" "}
          to replay a sample market bar by bar: the learner tunes its own rates and loss while it trades on paper, with
          costs. No order ever leaves this machine.
        </p>
      </section>
    );
  }
  return (
    <section class="card" aria-label="Traders">
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Traders, scrollable">
        <table>
          <thead>
            <tr>
              <th scope="col">Trader</th>
              <th scope="col">Status</th>
              <th scope="col" class="number">Position</th>
              <th scope="col" class="number">Equity</th>
              <th scope="col" class="number">Return</th>
              <th scope="col" class="number">Bars</th>
            </tr>
          </thead>
          <tbody>{traders.value.map((trader) => <Row key={trader.id} trader={trader} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ trader }: { readonly trader: OnlineSummary }): JSX.Element {
  const { id, settings, status, stopping, report, createdAt } = trader;
  const live = settings.source === "live";
  const gain = report === null ? null : report.equity / report.capital - 1;
  return (
    <tr>
      <th scope="row">
        <a class="long-name" href={`/online/${id}`}>{traderName(settings)}</a>
        <div class="muted small">
          {live ? `live, ${settings.symbol} ${settings.interval}` : `replay of ${marketName(settings.market)}`}, started
          {" "}
          {timeUtc(createdAt)} UTC
        </div>
      </th>
      <td>
        <StatusBadge status={status} request={stopping ? "stop" : null} />
      </td>
      <td class="number">{report === null ? "–" : signedPercent(report.held, 0)}</td>
      <td class="number">{report === null ? "–" : report.equity.toFixed(2)}</td>
      <td class={`number${gain === null || gain === 0 ? "" : gain > 0 ? " positive" : " negative"}`}>
        {signedPercent(gain, 2)}
      </td>
      <td class="number">
        {report?.bars ?? 0} {report?.total != null && <span class="muted">of {report.total}</span>}
      </td>
    </tr>
  );
}
