/**
 * The `define` helpers that every route uses, and the state that middlewares leave for them.
 * @module
 */
import { createDefine, type Define } from "fresh";
import { refuseOthers } from "./server/methods.ts";

/** What middlewares leave for handlers and pages; nothing so far. */
export type State = Record<string, never>;

/** Types handlers, pages, layouts and middlewares; handlers refuse the methods that they lack. */
export const define: Define<State> = { ...createDefine<State>(), handlers: refuseOthers };
