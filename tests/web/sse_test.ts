/**
 * Event channels: one poll for all readers, the same bytes for each.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { encodeEvents, openChannel } from "../../web/server/sse.ts";

async function readUntil(response: Response, mark: string): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(mark)) text += (await reader.read()).value;
  await reader.cancel();
  return text;
}

Deno.test("openChannel() sends first events, then what is published, to every reader", async () => {
  const channel = openChannel();
  const responses = [1, 2, 3].map((id) => channel.connect([{ name: "first", data: { id }, id }]));
  assertEquals(channel.readers, 3);
  channel.publish({ name: "news", data: "x" });
  const texts = await Promise.all(responses.map((response) => readUntil(response, "news")));
  texts.forEach((text, index) => {
    assert(text.includes(`id: ${index + 1}\nevent: first\ndata: {"id":${index + 1}}\n\n`));
    assert(text.includes(`event: news\ndata: "x"`));
  });
  assertEquals(channel.readers, 0);
});

Deno.test("openChannel() polls once for all readers, and not without them", async () => {
  let polls = 0;
  const channel = openChannel({ everyMs: 5, poll: () => [{ name: "poll", data: ++polls }] });
  assertEquals(polls, 0);
  const responses = Array.from({ length: 20 }, () => channel.connect());
  const texts = await Promise.all(responses.map((response) => readUntil(response, "event: poll\ndata: 3\n")));
  assertEquals(texts.filter((text) => text.includes("data: 1\n")).length, 20);
  const after = polls;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assertEquals(polls, after);
});

Deno.test("openChannel() sends what is published together in one chunk, encoded or not", async () => {
  const channel = openChannel();
  const reader = channel.connect().body!.getReader();
  await reader.read();
  channel.publish({ name: "a", data: 1 }, encodeEvents([{ name: "b", data: 2 }, { name: "c", data: 3, id: 9 }]));
  const { value } = await reader.read();
  assertEquals(
    new TextDecoder().decode(value),
    "event: a\ndata: 1\n\nevent: b\ndata: 2\n\nid: 9\nevent: c\ndata: 3\n\n",
  );
  await reader.cancel();
});

Deno.test("openChannel() says when nobody reads any more, and close() ends every stream", async () => {
  let idle = 0;
  const channel = openChannel({ onIdle: () => idle++ });
  const [first, second] = [channel.connect(), channel.connect()];
  await first.body!.cancel();
  assertEquals([idle, channel.readers], [0, 1]);
  channel.close();
  assertEquals([idle, channel.readers], [1, 0]);
  assertEquals(await second.text(), "retry: 1000\n\n");
  await channel.connect().body!.cancel();
  assertEquals(idle, 2);
});

Deno.test("openChannel() drops a reader that does not read, and serves the others", async () => {
  const channel = openChannel();
  const [idle, busy] = [channel.connect(), channel.connect()];
  const reader = busy.body!.getReader();
  await reader.read();
  for (let i = 0; i < 600; i++) {
    channel.publish({ name: "n", data: i });
    await reader.read();
  }
  assertEquals(channel.readers, 1);
  await reader.cancel();
  await idle.body!.cancel();
});
