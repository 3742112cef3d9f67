/**
 * The icons, drawn as strokes on a 20 by 20 grid in the colour of the text around them. Decoration only: hidden from screen
 * readers, so a control needs words beside its icon.
 * @module
 */
import type { JSX } from "preact";

const PATHS = {
  mark: "M3 15 C7 15 6 6 10 6 S13 11 17 4 M17 4 h-4 M17 4 v4",
  overview: "M3 4 h6 v5 h-6 z M11 4 h6 v3 h-6 z M11 10 h6 v6 h-6 z M3 12 h6 v4 h-6 z",
  forecast: "M3 14 L7 9 L10 12 M10 12 L17 6 M10 12 L17 10 M10 12 L17 15",
  lab: "M8 3 h4 M9 3 v5 L4 16 h12 L11 8 V3 M6.5 12 h7",
  backtest: "M5 3 v14 M5 6 h0 M3.5 6 h3 v6 h-3 z M10 4 v13 M8.5 8 h3 v5 h-3 z M15 2 v13 M13.5 5 h3 v6 h-3 z",
  compare: "M4 16 V9 M8 16 V4 M12 16 v-5 M16 16 V6",
  searches: "M8.5 3 a5.5 5.5 0 1 0 0.01 0 M12.5 12.5 L17 17 M8.5 6 v5 M6 8.5 h5",
  studies: "M3 16.5 h14 M5 16 v-3 M7.5 16 v-6 M10 16 V4 M12.5 16 V8 M15 16 v-4",
  methods: "M4 4 h12 v12 h-12 z M4 8 h12 M8 8 v8 M11 11 h3 M11 13.5 h3",
  data: "M3 5 c0-2.6 14-2.6 14 0 s-14 2.6-14 0 v10 c0 2.6 14 2.6 14 0 V5 M3 10 c0 2.6 14 2.6 14 0",
  online:
    "M10 10 h0.01 M6.5 13.5 a5 5 0 0 1 0-7 M13.5 6.5 a5 5 0 0 1 0 7 M4 16 a8.5 8.5 0 0 1 0-12 M16 4 a8.5 8.5 0 0 1 0 12",
  engine: "M6 6 h8 v8 h-8 z M8 3 v3 M12 3 v3 M8 14 v3 M12 14 v3 M3 8 h3 M3 12 h3 M14 8 h3 M14 12 h3",
  play: "M6 4 L16 10 L6 16 z",
  pause: "M6 4 v12 M14 4 v12",
  stop: "M5 5 h10 v10 h-10 z",
  sun:
    "M10 6.5 a3.5 3.5 0 1 0 0.01 0 M10 2 v1.5 M10 16.5 V18 M2 10 h1.5 M16.5 10 H18 M4.3 4.3 l1 1 M14.7 14.7 l1 1 M4.3 15.7 l1-1 M14.7 5.3 l1-1",
  warning: "M10 3 L18 16.5 H2 z M10 8 v4 M10 14.2 v0.2",
  upload: "M10 13 V3 M6 7 l4-4 l4 4 M3 13 v4 h14 v-4",
  download: "M10 3 v10 M6 9 l4 4 l4-4 M3 13 v4 h14 v-4",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS;

/** An icon. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
