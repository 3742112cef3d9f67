/**
 * The document around every page: head, theme, and the shell's styles.
 * @module
 */
import { asset } from "fresh/runtime";
import { define } from "../utils.ts";

/** Style sheets in the order of their rules: a later one bends an earlier one. */
const STYLES = ["theme", "layout", "parts", "narrow", "plots", "pages", "library"];

/** The document. */
export default define.layout(({ Component }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="dark light" />
      <title>adaptrade</title>
      <link rel="icon" href={asset("/favicon.svg")} type="image/svg+xml" />
      {STYLES.map((name) => <link key={name} rel="stylesheet" href={asset(`/${name}.css`)} />)}
      <script src={asset("/theme.js")}></script>
      <script src={asset("/navigation.js")} defer></script>
    </head>
    <body>
      <Component />
    </body>
  </html>
));
