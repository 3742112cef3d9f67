/**
 * The report's style: light and dark by the reader's preference, readable on a phone, printable.
 * Series colours are told apart by the colour-blind (after Okabe & Ito 2008).
 * @module
 */

/** Style sheet of the report page. */
export const REPORT_CSS: string = `
:root{--bg:#fff;--ink:#1c2126;--soft:#5b6670;--rule:#dfe4e8;--panel:#f6f8f9;--good:#0a7a4b;--bad:#a8410f;
--series-1:#0072b2;--series-2:#d55e00;--series-3:#009e73;--series-4:#8a8f94;--series-5:#b0578d;--series-6:#a07800}
@media (prefers-color-scheme:dark){:root{--bg:#14181c;--ink:#e8ecef;--soft:#9aa6b0;--rule:#2e363d;--panel:#1c2227;
--good:#4fd39a;--bad:#ffa06b;--series-1:#56b4e9;--series-2:#ff8b3d;--series-3:#2fcf9e;--series-4:#a7adb3;
--series-5:#e292c2;--series-6:#e6c229}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:66rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 1rem}h2{font-size:1.3rem;margin:2.5rem 0 .25rem}h3{font-size:1rem;margin:0}
.meta,footer,.notes{color:var(--soft);font-size:.875rem}.meta{margin:0 0 .75rem}
.verdict{border-left:4px solid var(--bad);background:var(--panel);padding:.75rem 1rem;margin:0 0 1rem;border-radius:0 6px 6px 0}
.verdict.good{border-color:var(--good)}.verdict strong{color:var(--bad)}.verdict.good strong{color:var(--good)}
.settings{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:0;font-size:.875rem}
.settings div{display:flex;gap:.4rem}.settings dt{color:var(--soft)}.settings dd{margin:0}
.scroll{overflow-x:auto;margin:0 0 1.25rem}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:100%}
th,td{padding:.35rem .5rem;text-align:right;border-bottom:1px solid var(--rule)}
thead th{color:var(--soft);font-weight:500}
th:first-child{text-align:left;position:sticky;left:0;background:var(--bg)}
tbody tr:first-child{font-weight:600}
figure{margin:1.5rem 0}figcaption{margin-bottom:.5rem}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;list-style:none;margin:.25rem 0 0;padding:0;font-size:.8125rem;color:var(--soft)}
.swatch{display:inline-block;width:.75rem;height:.75rem;border-radius:2px;margin-right:.4rem;vertical-align:-1px}
svg{display:block;width:100%;height:auto}
.grid line{stroke:var(--rule)}.grid text{fill:var(--soft);font:12px system-ui,sans-serif}
.lines path{fill:none;stroke-width:1.8;stroke-linejoin:round}
@media (max-width:40rem){.grid text{font-size:18px}.lines path{stroke-width:3}main{padding:1rem .75rem 2rem}}
@media print{.scroll{overflow:visible}section{break-inside:avoid-page}}
`;
