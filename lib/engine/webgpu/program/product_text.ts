/**
 * The WGSL of products of matrices: a lane computes a tile, so that what it reads it uses several times.
 * Sums run over k in order, whatever the tile. Twin: `matmul` in lib/program/primitives/product.ts.
 * @module
 */
import { combine, fixed, type Form, type Index, named } from "../../../program/index_form.ts";
import type { Program } from "../../../program/program.ts";
import { integerText, type StepText } from "./step_text.ts";

/** Rows and columns of a tile. */
export interface Tile {
  /** Rows. */
  readonly rows: number;
  /** Columns. */
  readonly columns: number;
}

const SIZES = [4, 2, 1] as const;

/** Lanes that a product should keep busy before tiles grow. */
const BUSY_LANES = 128;

/** The largest tile that leaves enough lanes something to do; square ones read least. */
export function chooseTile(matrices: number, n: number, m: number): Tile {
  const choices = SIZES.flatMap((rows) => SIZES.map((columns) => ({ rows, columns })))
    .filter(({ rows, columns }) => rows <= n && columns <= m)
    .sort((a, b) =>
      b.rows * b.columns - a.rows * a.columns || Math.abs(a.rows - a.columns) - Math.abs(b.rows - b.columns)
    );
  const tiles = ({ rows, columns }: Tile): number => matrices * Math.ceil(n / rows) * Math.ceil(m / columns);
  return choices.find((tile) => tiles(tile) >= BUSY_LANES) ?? { rows: 1, columns: 1 };
}

/** Writes the sums of a product over a tile into array variables, and then `each` for every element of the tile. */
export function writeProducts(
  text: StepText,
  program: Program,
  options: { readonly products: readonly number[]; readonly count: number; readonly each: () => void },
): number {
  const { products, count, each } = options;
  const { shape } = program.nodes[products[0]];
  const [n, m] = shape.slice(-2);
  const matrices = count / (n * m);
  const tile = chooseTile(matrices, n, m);
  const [down, across] = [Math.ceil(n / tile.rows), Math.ceil(m / tile.columns)];
  const size = tile.rows * tile.columns;
  const total = matrices * down * across;
  text.block(`for (var tile = work.first; tile < ${total}u; tile += work.stride)`, () => {
    const [matrix, row0, column0] = text.split(named("tile"), [matrices, down, across]);
    const places = (first: Form, step: number, length: number, amount: number): Form[] =>
      Array.from({ length: amount }, (_, i) => {
        const place = combine([[first, 1], [fixed(1), i * step]]);
        // Beyond the edge the last one is read, and nothing is written.
        return i > 0 && amount * step > length
          ? named(text.declare("t", `min(${integerText(place)}, ${length - 1}u)`))
          : place;
      });
    const rows = places(row0, down, n, tile.rows);
    const columns = places(column0, across, m, tile.columns);
    const sums = products.map((node) => {
      const { inputs: [a, b], attributes, shape } = program.nodes[node];
      const { transposeA, transposeB } = attributes as { readonly transposeA: boolean; readonly transposeB: boolean };
      const lead: Index = text.split(matrix, shape.slice(0, -2));
      const depth = program.nodes[a].shape.at(transposeA ? -2 : -1)!;
      const names = Array.from({ length: size }, () => text.name("s"));
      for (const name of names) text.line(`var ${name} = 0.0;`);
      text.block(`for (var k = 0u; k < ${depth}u; k++)`, () => {
        const k = named("k");
        const left = rows.map((row) => text.load(a, [...lead, ...(transposeA ? [k, row] : [row, k])]));
        const right = columns.map((column) => text.load(b, [...lead, ...(transposeB ? [column, k] : [k, column])]));
        names.forEach((name, i) => {
          text.line(`${name} += ${left[Math.floor(i / tile.columns)]} * ${right[i % tile.columns]};`);
        });
      });
      if (size === 1) return { node, name: names[0] };
      const array = text.name("s");
      text.line(`var ${array} = array<f32, ${size}>(${names.join(", ")});`);
      return { node, name: `${array}[one]` };
    });
    const element = (row: Form, column: Form): void => {
      const place = combine([[matrix, n * m], [row, m], [column, 1]]);
      text.setElement(count === 1 ? fixed(0) : named(text.declare("i", integerText(place))));
      for (const { node, name } of sums) text.setComputed(node, text.declare("v", name));
      each();
    };
    if (size === 1) return element(row0, column0);
    text.block(`for (var one = 0u; one < ${size}u; one++)`, () => {
      const row = text.declare("t", `${integerText(row0)} + ${down}u * (one / ${tile.columns}u)`);
      const column = text.declare("t", `${integerText(column0)} + ${across}u * (one % ${tile.columns}u)`);
      text.block(`if (${row} < ${n}u && ${column} < ${m}u)`, () => element(named(row), named(column)));
    });
  });
  return total;
}
