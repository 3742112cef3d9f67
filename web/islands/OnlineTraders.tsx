/**
 * The paper traders there are, kept up to date by the server's stream, and those that are ticked on one chart; which stands in the
 * address. Shows; starts and stops nothing.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { marketName, momentUtc, signedPercent, traderName } from "../components/format.ts";
import { useEvents } from "../components/live.ts";
import { OnlineOverlay } from "../components/OnlineOverlay.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import type { OnlineSummary } from "../server/online_events.ts";

interface OnlineTradersProps {
  readonly traders: readonly OnlineSummary[];
  /** Ids of those on the chart. */
  readonly chosen: readonly string[];
  /** Most of them. */
  readonly most: number;
}

/** The table. */
export default function OnlineTraders(props: OnlineTradersProps): JSX.Element {
  const traders = useSignal(props.traders);
  const ticked = useSignal(props.chosen);
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
  // In the order in which they were ticked, so that each keeps its colour.
  const chosen = ticked.value.flatMap((one) => traders.value.find(({ id }) => id === one) ?? []);
  const tick = (id: string, on: boolean) => {
    ticked.value = on ? [...ticked.value, id] : ticked.value.filter((one) => one !== id);
    const address = new URL(location.href);
    address.searchParams.delete("trader");
    for (const one of ticked.value) address.searchParams.append("trader", one);
    history.replaceState(null, "", address);
  };
  return (
    <div class="stack">
      <section class="card stack" aria-label="Traders">
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Traders, scrollable">
          <table>
            <thead>
              <tr>
                <th scope="col">Chart</th>
                <th scope="col">Trader</th>
                <th scope="col">Status</th>
                <th scope="col" class="number">Position</th>
                <th scope="col" class="number">Equity</th>
                <th scope="col" class="number">Return</th>
                <th scope="col" class="number">Bars</th>
              </tr>
            </thead>
            <tbody>
              {traders.value.map((trader) => {
                const on = ticked.value.includes(trader.id);
                return (
                  <Row key={trader.id} trader={trader}>
                    <input
                      type="checkbox"
                      aria-label={`${traderName(trader.settings)}, started ${
                        momentUtc(trader.createdAt)
                      }, on the chart`}
                      checked={on}
                      disabled={!on && chosen.length >= props.most}
                      onChange={(event) => tick(trader.id, event.currentTarget.checked)}
                    />
                    {on && <span class="swatch" style={{ color: `var(--chart-${chosen.indexOf(trader) + 1})` }} />}
                  </Row>
                );
              })}
            </tbody>
          </table>
        </div>
        {chosen.length === 0 && traders.value.length > 1 && (
          <p class="small muted">{`Tick up to ${props.most} traders to see their equity on one chart.`}</p>
        )}
      </section>
      {chosen.length > 0 && <OnlineOverlay chosen={chosen} />}
    </div>
  );
}

function Row(
  { trader, children }: { readonly trader: OnlineSummary; readonly children: ComponentChildren },
): JSX.Element {
  const { id, settings, status, stopping, report, createdAt } = trader;
  const live = settings.source === "live";
  const gain = report === null ? null : report.equity / report.capital - 1;
  return (
    <tr>
      <td class="nowrap">{children}</td>
      <th scope="row">
        <a class="long-name" href={`/online/${id}`}>{traderName(settings)}</a>
        <div class="muted small">
          {live ? `live, ${settings.symbol} ${settings.interval}` : `replay of ${marketName(settings.market)}`}, started
          {" "}
          {momentUtc(createdAt)}
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
        {report?.bars ?? 0}
        {report?.total != null && <div class="muted small nowrap">of {report.total}</div>}
      </td>
    </tr>
  );
}
