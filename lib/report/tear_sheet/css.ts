/**
 * The report's style: light and dark by the reader's preference, readable on a phone, printable.
 * Series colours are told apart by the colour-blind (after Okabe & Ito 2008), and lines by their dashes too. Text keeps a
 * contrast of 4.5 on its ground in both themes, marks 3.
 * @module
 */

/** Style sheet of the report page. */
export const TEAR_SHEET_CSS: string = `
:root{color-scheme:light dark;--bg:#fff;--ink:#1c2126;--soft:#56616b;--rule:#dfe4e8;--panel:#f6f8f9;--good:#0a7a4b;--bad:#a8410f;
--link:#0059a8;--gain:#3fae7d;--loss:#e8804a;
--series-1:#0072b2;--series-2:#d55e00;--series-3:#008a66;--series-4:#7c8288;--series-5:#b0578d;--series-6:#a07800;
--series-7:#6a4fb3;--series-8:#1c2126;--series-9:#8a5a2b;--series-10:#4a7d00}
@media (prefers-color-scheme:dark){:root{--bg:#14181c;--ink:#e8ecef;--soft:#a3aeb8;--rule:#2e363d;--panel:#1c2227;
--good:#4fd39a;--bad:#ffa06b;--link:#7cc4f5;--gain:#1f8a5c;--loss:#b4501d;--series-1:#56b4e9;--series-2:#ff8b3d;
--series-3:#2fcf9e;--series-4:#a7adb3;--series-5:#e292c2;--series-6:#e6c229;
--series-7:#b7a1f2;--series-8:#e8ecef;--series-9:#cfa67c;--series-10:#a3d65c}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 1rem}h2{font-size:1.35rem;margin:2.5rem 0 .25rem}
h3{font-size:1.1rem;margin:0 0 .75rem}h4{font-size:1rem;margin:1.5rem 0 .25rem}figcaption h4{margin:0}
.part{border-top:1px solid var(--rule);margin-top:1.75rem;padding-top:1.25rem}
a{color:var(--link)}
.meta,footer,.notes{color:var(--soft);font-size:.875rem}.meta{margin:.25rem 0 .75rem}.notes{padding-left:1.25rem}
.verdict{border-left:4px solid var(--soft);background:var(--panel);padding:.75rem 1rem;margin:0 0 1rem;border-radius:0 6px 6px 0}
.verdict.good{border-color:var(--good)}.verdict.good strong,.plus{color:var(--good)}
.verdict.bad{border-color:var(--bad)}.verdict.bad strong,.minus{color:var(--bad)}
.settings{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:0;font-size:.875rem}
.settings div{display:flex;gap:.4rem}.settings dt{color:var(--soft)}.settings dd{margin:0}
.scroll{overflow-x:auto;margin:.5rem 0 1.25rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:100%}
caption{text-align:left;white-space:normal;color:var(--soft);padding:0 0 .25rem}
th,td{padding:.35rem .5rem;text-align:right;border-bottom:1px solid var(--rule)}
thead th{color:var(--soft);font-weight:500;white-space:normal;vertical-align:bottom}tbody th{font-weight:500}
th:first-child{text-align:left;position:sticky;left:0;background:var(--bg)}
.prose{display:block;text-align:left;white-space:normal;min-width:16rem}
.why{display:block;white-space:normal;min-width:8rem;color:var(--soft)}
.heat{display:block;margin:-.35rem -.5rem;padding:.35rem .5rem;background:var(--bg)}
.heat.gain{background:color-mix(in srgb,var(--gain) var(--tint),var(--bg))}
.heat.loss{background:color-mix(in srgb,var(--loss) var(--tint),var(--bg))}
figure{margin:1.5rem 0}figcaption{margin-bottom:.5rem}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;list-style:none;margin:.25rem 0 0;padding:0;font-size:.8125rem;color:var(--soft)}
svg{display:block;width:100%;height:auto}
svg.swatch{display:inline-block;width:1.6rem;height:.64rem;margin-right:.4rem}
.swatch path{stroke-width:3}
.box{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem;vertical-align:-1px}
.grid line{stroke:var(--rule)}.grid text{fill:var(--soft);font:12px system-ui,sans-serif}
path{fill:none;stroke-linejoin:round}.lines path{stroke-width:1.5}.lines path.s1{stroke-width:2.2}
.s1{stroke:var(--series-1)}.s2{stroke:var(--series-2);stroke-dasharray:7 3}.s3{stroke:var(--series-3);stroke-dasharray:2 2}
.s4{stroke:var(--series-4);stroke-dasharray:10 3 2 3}.s5{stroke:var(--series-5)}.s6{stroke:var(--series-6);stroke-dasharray:4 4}
.s7{stroke:var(--series-7);stroke-dasharray:12 3}.s8{stroke:var(--series-8);stroke-dasharray:1 3}
.s9{stroke:var(--series-9);stroke-dasharray:5 2 1 2}.s10{stroke:var(--series-10);stroke-dasharray:9 2}
.f1,.r1{fill:var(--series-1)}.f2,.r2{fill:var(--series-2)}.f3{fill:var(--series-3)}.f4{fill:var(--series-4)}
.f5,.r3{fill:var(--series-5)}.f6{fill:var(--series-6)}.f7{fill:var(--series-7)}.f8{fill:var(--series-8)}.f9{fill:var(--series-9)}.f10{fill:var(--series-10)}.r4{fill:var(--series-3)}.r5{fill:var(--series-4)}
rect,path.cells{shape-rendering:crispEdges}rect.long,path.cells.long{fill:var(--series-1)}
rect.short,path.cells.short{fill:var(--series-2)}
.box.long{background:var(--series-1)}.box.short{background:var(--series-2)}
.switch>input{margin:.4rem .35rem .4rem 0;accent-color:var(--series-1);width:1.1rem;height:1.1rem;vertical-align:-3px}
.switch>label{margin-right:1.25rem;font-size:.875rem;padding:.3rem 0}
.switch>div{display:none}.switch figure{margin-top:.5rem}
.switch>input:nth-of-type(1):checked~div:nth-of-type(1),.switch>input:nth-of-type(2):checked~div:nth-of-type(2){display:block}
details{margin:.5rem 0}summary{cursor:pointer;padding:.35rem 0;color:var(--link)}
@media (max-width:40rem){.grid text{font-size:22px}.grid text.wide{display:none}.lines path{stroke-width:3}
.lines path.s1{stroke-width:4}main{padding:1rem .75rem 2rem}
tbody th{white-space:normal;min-width:6.75rem}tbody th:has(.swatch){min-width:9.5rem}caption{max-width:calc(100vw - 1.5rem)}.prose{min-width:9rem}}
.hover rect{fill:transparent;stroke:none}.hover rect:hover{fill:var(--soft);fill-opacity:.15}
@media print{.scroll{overflow:visible}figure{break-inside:avoid}details::details-content{content-visibility:visible}.hover{display:none}}
`;

/** What a printed page is beside that: light, small, and broken where nothing is torn. */
export const PRINT_CSS: string = `
@media print{@page{margin:14mm}:root{color-scheme:light;--bg:#fff;--ink:#000;--soft:#444;--rule:#ccc;--panel:#fff;--good:#0a7a4b;
--bad:#a8410f;--link:#000;--gain:#3fae7d;--loss:#e8804a;--series-1:#0072b2;--series-2:#d55e00;--series-3:#008a66;
--series-4:#7c8288;--series-5:#b0578d;--series-6:#a07800;--series-7:#6a4fb3;--series-8:#1c2126;--series-9:#8a5a2b;
--series-10:#4a7d00}
body{font-size:11px;print-color-adjust:exact}main{max-width:none;padding:0}table{font-size:9px}
th,td{padding:2px 4px;white-space:normal}h2,h3,h4,caption{break-after:avoid}tr,.verdict{break-inside:avoid}
thead{display:table-header-group}.switch>input,.switch>label{display:none}}
`;
