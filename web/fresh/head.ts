/**
 * `<Head>`: what a page adds to the document's head. On the server it is collected and inserted by `render.ts`; in the
 * browser it renders nothing. Islands must not use it.
 * @module
 */
import type { ComponentChildren, VNode } from "preact";

let collected: VNode[] | null = null;

/** Puts its children into the document's head. */
export function Head(props: { readonly children?: ComponentChildren }): null {
  collected?.push(
    ...[props.children].flat(Infinity).filter((child): child is VNode => child !== null && typeof child === "object"),
  );
  return null;
}

/** Runs a rendering and returns its HTML with what `<Head>` collected. */
export function collectHead(render: () => string): { readonly html: string; readonly head: readonly VNode[] } {
  collected = [];
  try {
    return { html: render(), head: collected };
  } finally {
    collected = null;
  }
}
