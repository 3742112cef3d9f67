/** What a chart says without being seen: its table and what is read aloud, of lines and of points alike. */
import { assert, assertEquals } from "@std/assert";
import { h, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { LineChart } from "../../web/components/LineChart.tsx";

Deno.test("a chart's table and its words hold points as well as lines, and leave out what only marks another line", () => {
  const html = renderToString(h(LineChart, {
    label: "l",
    x: [0, 86_400],
    time: true,
    series: [
      { label: "no difference", values: [0, 0] },
      { label: "saved", values: [12.5, -3.25], points: true },
      { label: "now", values: [null, 0], points: true, echo: true },
    ],
  }) as VNode);
  assert(html.includes('aria-valuetext="1970-01-02, no difference 0, saved −3.25"'), html);
  assertEquals([...html.matchAll(/<td class="number">([^<]*)</g)].map(([, value]) => value), [
    "0",
    "12.5",
    "0",
    "−3.25",
  ]);
});
