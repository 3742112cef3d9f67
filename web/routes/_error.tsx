/**
 * The last resort: what is shown where the error page of `_middleware.ts` itself fails.
 * @module
 */
import { ErrorView } from "../components/ErrorView.tsx";
import { define } from "../utils.ts";

/** The error page. */
export default define.page(({ error }) => <ErrorView error={error} />);
