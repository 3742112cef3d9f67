/**
 * The overview.
 * @module
 */
import { define } from "../utils.ts";

/** The page. */
export default define.page(() => <h1>Overview</h1>);
