/**
 * Runs in the browser: loads the chunk of every island on the page and renders it in place of what the server sent. It
 * renders, it does not hydrate, as Fresh does. A failing island leaves the server's HTML standing and says so in the console.
 * @module
 */
import { type ComponentType, type ContainerNode, h, render } from "preact";
import { readProps } from "./props.ts";

interface Use {
  readonly url: string;
  readonly exportName: string;
  readonly props: Record<string, unknown>;
}

/** A parent for `render` that covers the nodes between two comments. */
function between(start: Comment, end: Comment): ContainerNode {
  const parent = start.parentNode!;
  const childNodes: Node[] = [];
  for (let node = start.nextSibling; node !== null && node !== end; node = node.nextSibling) childNodes.push(node);
  const insertBefore = (child: Node, before: Node | null) => parent.insertBefore(child, before ?? end);
  return {
    nodeType: 1,
    parentNode: parent,
    firstChild: childNodes[0] ?? null,
    childNodes,
    insertBefore,
    appendChild: (child: Node) => insertBefore(child, null),
    removeChild: (child: Node) => parent.removeChild(child),
    contains: (child: Node | null) => parent.contains(child),
  } as unknown as ContainerNode;
}

const uses = readProps(document.getElementById("__fresh_islands")!.textContent!) as readonly Use[];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
const comments = new Map<string, Comment>();
while (walker.nextNode()) comments.set((walker.currentNode as Comment).data, walker.currentNode as Comment);

for (const [index, use] of uses.entries()) {
  import(use.url).then((module: Record<string, ComponentType>) => {
    const container = between(comments.get(`island:${index}`)!, comments.get(`/island:${index}`)!);
    render(h(module[use.exportName], use.props), container);
  }).catch((error) => console.error(`Cannot start the island ${use.exportName} of ${use.url}:`, error));
}
