// What the dashboard must not do because Fresh itself would take it otherwise than the subset in web/fresh does.
import { assert, assertEquals } from "@std/assert";
import { type ComponentChild, h, options, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { QualityTimeline } from "../../web/components/QualityTimeline.tsx";
import { SignedColumns } from "../../web/components/SignedColumns.tsx";

const hooks = options as unknown as { __b?: (vnode: VNode) => void };

/** The HTML of a node, and the names of the elements that it was rendered through. */
function render(node: VNode): { readonly html: string; readonly elements: readonly ComponentChild[] } {
  const elements: string[] = [];
  const before = hooks.__b;
  hooks.__b = (vnode) => {
    if (typeof vnode.type === "string") elements.push(vnode.type);
    before?.(vnode);
  };
  try {
    return { html: renderToString(node), elements };
  } finally {
    if (before) hooks.__b = before;
    else delete hooks.__b;
  }
}

Deno.test("drawings name their parts without title elements, which Fresh would make the document's", () => {
  const items = [{ name: "<a> & b", value: 1 }, { name: "c", value: -1 }];
  const columns = render(h(SignedColumns, { label: "l", head: "h", value: "v", items, format: String }) as VNode);
  assert(columns.html.includes("<title>&#60;a&#62; &#38; b: 1</title>"), columns.html);
  assertEquals(columns.elements.includes("title"), false);
  const finding = { kind: "gap" as const, index: 1, time: 2 * 86_400_000, from: 86_400_000, message: "a hole" };
  const inspection = { bars: 3, from: 0, to: 3 * 86_400_000, findings: [finding], counts: { gap: 1 } };
  const timeline = render(h(QualityTimeline, { inspection: inspection as never }) as VNode);
  assert(timeline.html.includes("<title>1970-01-03: a hole</title>"), timeline.html);
  assertEquals(timeline.elements.includes("title"), false);
});
