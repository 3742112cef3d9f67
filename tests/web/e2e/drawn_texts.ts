/**
 * What charts write onto their canvases, which no locator finds. Holds no assertions.
 * @module
 */
import type { Page } from "playwright-core";

/** A text that a chart drew: the place of its upper edge and the height of its canvas, device pixels. */
export interface DrawnText {
  readonly text: string;
  readonly top: number;
  readonly height: number;
  readonly canvasHeight: number;
}

/** Runs in the page before its scripts: notes what is written onto canvases. */
export function noteTexts(): void {
  const texts: DrawnText[] = [];
  Object.assign(globalThis, { drawnTexts: texts });
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text: string, x: number, y: number) {
    const height = parseFloat(/[\d.]+px/.exec(this.font)?.[0] ?? "0");
    texts.push({ text, top: y, height, canvasHeight: this.canvas.height });
    return fillText.call(this, text, x, y);
  };
}

/** What it has noted so far. */
export const drawnTexts = (page: Page): Promise<DrawnText[]> =>
  page.evaluate(() => (globalThis as unknown as { drawnTexts: DrawnText[] }).drawnTexts);
