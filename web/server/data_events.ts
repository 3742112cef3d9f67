/**
 * The data page's live stream: `markets` events with the table, `fetches` events with the fetches, whenever either has changed.
 * @module
 */
import { listFetches, onFetch } from "./data_fetches.ts";
import { listData, onInspected } from "./data_markets.ts";
import { openChannel } from "./sse.ts";

const channel = openChannel();
let announcing = false;

/** Sends the table to all readers; calls that come while it is being made are answered by one more. */
export async function announceMarkets(): Promise<void> {
  if (channel.readers === 0 || announcing) return;
  announcing = true;
  // Many markets are inspected within a moment.
  await new Promise((resolve) => setTimeout(resolve, 100));
  announcing = false;
  channel.publish({ name: "markets", data: await listData() });
}

onInspected(() => void announceMarkets());
onFetch(() => {
  channel.publish({ name: "fetches", data: listFetches() });
  if (listFetches().some(({ status }) => status === "done")) void announceMarkets();
});

/** Connects a reader. */
export async function connectData(): Promise<Response> {
  return channel.connect([{ name: "markets", data: await listData() }, { name: "fetches", data: listFetches() }]);
}
