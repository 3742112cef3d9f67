/**
 * Event channels: one poll for all readers, the same bytes for each.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { openChannel } from "../../web/server/sse.ts";

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
