/** The colours of charts in both themes: seen on their ground, and told from each other. */
import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const test = testWith("read");

const CSS = new URL("../../web/static/theme.css", import.meta.url);

/** The rules of a selector, by name. */
function rolesOf(css: string, selector: string): ReadonlyMap<string, string> {
  const from = css.indexOf(`${selector} {`);
  assert(from >= 0, selector);
  const block = css.slice(from, css.indexOf("}", from));
  return new Map([...block.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)].map(([, name, color]) => [name, color]));
}

/** Red, green and blue, linear, 0 to 1. */
function linear(color: string): [number, number, number] {
  const part = (at: number) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

/** Contrast as WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const light = (color: string) => linear(color).reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0.05);
  return Math.max(light(a), light(b)) / Math.min(light(a), light(b));
}

/** Hue and chroma, the two colour axes of Oklab (Ottosson 2020). */
function hueAxes(color: string): [number, number] {
  const [r, g, b] = linear(color);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Lines nearer than this are taken for one another. */
const LEAST_DISTANCE = 0.085;

test("the colours of charts stand out from their ground and from each other, dark and light", async () => {
  const css = await Deno.readTextFile(CSS);
  const themes = [":root", ':root[data-theme="light"]', ':root:not([data-theme="dark"])'].map((one) =>
    rolesOf(css, one)
  );
  assertEquals([...themes[1]], [...themes[2]]);
  for (const roles of themes) {
    const colors = [1, 2, 3, 4, 5, 6].map((n) => roles.get(`--chart-${n}`)!);
    for (const [i, color] of colors.entries()) {
      assert(contrast(color, roles.get("--surface")!) >= 4, `${color}: ${contrast(color, roles.get("--surface")!)}`);
      for (const other of colors.slice(0, i)) {
        const [a, b] = [hueAxes(color), hueAxes(other)];
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
        assert(distance >= LEAST_DISTANCE, `${color} and ${other} are ${distance.toFixed(3)} apart`);
      }
    }
  }
});
