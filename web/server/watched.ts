/**
 * Channels of what only others write, such as files: it is read again every so often while somebody listens, and sent where it has
 * changed.
 * @module
 */
import { type EventChannel, openChannel, type ServerEvent } from "./sse.ts";

const channels = new Map<string, EventChannel>();

/** The channel of a key, which sends an event when it differs from the one before. */
export function watched(key: string, everyMs: number, event: () => Promise<ServerEvent>): EventChannel {
  const open = channels.get(key);
  if (open !== undefined) return open;
  let [sent, busy] = ["", false];
  const look = async (): Promise<void> => {
    busy = true;
    try {
      const now = await event();
      const text = JSON.stringify(now);
      if (text !== sent) channel.publish(now);
      sent = text;
    } catch (error) {
      console.error(`Cannot read what is watched (${key}):`, error);
    } finally {
      busy = false;
    }
  };
  const channel = openChannel({
    everyMs,
    poll: () => {
      if (!busy) void look();
      return [];
    },
    onIdle: () => channels.delete(key),
  });
  channels.set(key, channel);
  return channel;
}
