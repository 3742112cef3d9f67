/**
 * What every page of a report is built into: the document around it, its settings, its verdict, its headed parts.
 * @module
 */
import type { Verdict } from "../verdict.ts";
import { PRINT_CSS, TEAR_SHEET_CSS } from "./css.ts";
import { VERSION } from "../../version.ts";
import { escapeHtml, moment } from "./text.ts";

/** A part of a section under its own heading; the title is placed as it is. */
export function part(title: string, html: string): string {
  return `<section class="part"><h3>${title}</h3>${html}</section>`;
}

/** A verdict, its first sentence most prominent. */
export function verdictPart({ sentences: [first, ...others], wins, significant }: Verdict): string {
  return `<p class="verdict${wins && significant ? " good" : wins ? "" : " bad"}"><strong>${
    escapeHtml(first)
  }</strong> ` +
    `${escapeHtml(others.join(" "))}</p>`;
}

/**
 * A whole HTML document that loads nothing.
 *
 * @param title Its title.
 * @param about Settings, printed under the title by name, and when it was made, ms UTC (default now).
 * @param body What it holds, as HTML.
 */
export function documentOf(
  title: string,
  about: { readonly settings?: Readonly<Record<string, string | number>>; readonly madeAt?: number },
  body: string,
): string {
  const { settings = {}, madeAt = Date.now() } = about;
  const made = `Made on ${
    moment(Math.floor(madeAt / 60_000) * 60_000)
  } UTC by adaptrade ${VERSION}. All times are UTC.`;
  const list = Object.entries(settings)
    .map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd></div>`).join("");
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` +
    // Without an icon of its own a served page asks its server for /favicon.ico.
    `<link rel="icon" href="data:,">` +
    `<style>${TEAR_SHEET_CSS}${PRINT_CSS}</style></head><body><main><h1>${
      escapeHtml(title)
    }</h1><p class="meta">${made}</p>` +
    (list ? `<dl class="settings">${list}</dl>` : "") + body +
    "<footer>All figures are computed from returns after costs. Past results say little about future ones.</footer>" +
    "</main></body></html>\n";
}
