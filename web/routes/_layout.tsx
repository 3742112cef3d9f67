/**
 * The shell of every page: skip link, navigation, the page itself.
 * @module
 */
import { Navigation } from "../components/Navigation.tsx";
import { define } from "../utils.ts";

/** The shell. */
export default define.layout(({ Component, url }) => (
  <div class="shell">
    <a class="skip-link" href="#main">Skip to the page</a>
    <Navigation path={url.pathname} />
    <main id="main" class="main" tabIndex={-1}>
      <noscript>
        <p class="notice" data-tone="warn">
          Without JavaScript pages show what was there when they were opened; nothing can be started.
        </p>
      </noscript>
      <Component />
    </main>
  </div>
));
