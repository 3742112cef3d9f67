/**
 * The `define` helpers that every route uses, and the state that middlewares leave for them.
 * @module
 */
import { createDefine, type Define } from "fresh";

/** What middlewares leave for handlers and pages; nothing so far. */
export type State = Record<string, never>;

/** Types handlers, pages, layouts and middlewares. */
export const define: Define<State> = createDefine<State>();
