/**
 * The WGSL of one step, and the places that it is told when it runs: steps that differ in places alone have one text.
 * Elements come from the rows of `lib/program/primitives`; products and systems have files of their own.
 * @module
 */
import { combine, fixed, flatten, type Form, type Index, named } from "../../../program/index_form.ts";
import { stridesOf } from "../../../program/primitives/strides.ts";
import type { Program } from "../../../program/program.ts";
import type { Shape } from "../../../program/value.ts";
import type { WgslWriter } from "../../../program/wgsl.ts";
import type { Layout, Place, Space } from "./layout.ts";
import { rowOf } from "./steps.ts";

/** How each space is read in the shader: the array, and where a task's part starts. */
const SPACES: Readonly<Record<Space, readonly [array: string, base: string]>> = {
  shared: ["shared_data", ""],
  own: ["own_data", "work.own + "],
  arena: ["arena", "work.arena + "],
  each: ["each_out", "work.each + "],
  summed: ["summed_out", "work.summed + "],
};

/** What is known inside a block and forgotten behind it. */
interface Scope {
  /** Names of elements by node and index. */
  readonly elements: Map<string, string>;
  /** Names of parts of numbers. */
  readonly parts: Map<string, string>;
}

/** A number's parts that together make it up again. */
interface Family {
  readonly whole: Form;
  readonly members: readonly (readonly [name: string, stride: number])[];
}

function keyOf(form: Form): string {
  return `${[...form.terms].map(([name, factor]) => `${factor}${name}`).sort().join("+")}+${form.offset}`;
}

/** A whole number in WGSL. */
export function integerText(form: Form): string {
  const terms = [...form.terms].filter(([, factor]) => factor !== 0)
    .map(([name, factor]) => factor === 1 ? name : `${factor}u * ${name}`);
  if (form.offset > 0) terms.push(`${form.offset}u`);
  const sum = terms.length > 0 ? terms.join(" + ") : "0u";
  return form.offset < 0 ? `${sum} - ${-form.offset}u` : sum;
}

/** A float32 in WGSL that is read back to the same bits. */
function numberText(value: number): string {
  const rounded = Math.fround(value);
  if (Object.is(rounded, -0)) return "-0.0";
  const text = String(rounded);
  const literal = /[.e]/.test(text) ? text : `${text}.0`;
  return rounded < 0 ? `(${literal})` : literal;
}

/** Writes the body of a step's function. */
export class StepText {
  /** Places by the order of their words. */
  readonly places: Place[] = [];
  readonly #program: Program;
  readonly #layout: Layout;
  readonly #lines: string[] = [];
  readonly #families: Family[] = [];
  readonly #computed: Map<number, string> = new Map();
  #element: Form | undefined;
  #scopes: Scope[] = [{ elements: new Map(), parts: new Map() }];
  #names = 0;
  #indent = 1;

  constructor(program: Program, layout: Layout) {
    this.#program = program;
    this.#layout = layout;
  }

  /** Everything written, with the lines that name the places first. */
  text(): string {
    const words = this.places.map(({ space }, k) => `  let p${k} = ${SPACES[space][1]}words[pc + ${k}u];`);
    return [...words, ...this.#lines].join("\n");
  }

  /** A new name. */
  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** A statement. */
  line(text: string): void {
    this.#lines.push("  ".repeat(this.#indent) + text);
  }

  /** Statements inside `head { … }`; what they name is unknown behind them. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.#indent++;
    this.#scopes.push({ elements: new Map(), parts: new Map() });
    body();
    this.#scopes.pop();
    this.#indent--;
    this.line("}");
  }

  /** A named value. */
  declare(prefix: string, expression: string): string {
    const name = this.name(prefix);
    this.line(`let ${name} = ${expression};`);
    return name;
  }

  #known(kind: keyof Scope, key: string): string | undefined {
    return this.#scopes.findLast((scope) => scope[kind].has(key))?.[kind].get(key);
  }

  #part(whole: Form, { stride, length }: { stride: number; length: number }, outermost: boolean): string {
    const key = `${keyOf(whole)}/${stride}%${length}`;
    const known = this.#known("parts", key);
    if (known) return known;
    const divided = stride === 1 ? integerText(whole) : `(${integerText(whole)}) / ${stride}u`;
    const name = this.declare("t", outermost ? divided : `(${divided}) % ${length}u`);
    this.#scopes.at(-1)!.parts.set(key, name);
    return name;
  }

  /** A form with numbers that were split put together again. */
  #whole(form: Form): Form {
    let result = form;
    for (let i = this.#families.length - 1; i >= 0 && result.terms.size > 1; i--) {
      const { whole, members } = this.#families[i];
      const [[first, stride]] = members;
      const factor = (result.terms.get(first) ?? 0) / stride;
      if (factor === 0 || !members.every(([name, one]) => result.terms.get(name) === factor * one)) continue;
      result = combine([
        [result, 1],
        [whole, factor],
        ...members.map(([name, one]) => [named(name), -factor * one] as const),
      ]);
      result = { terms: new Map([...result.terms].filter(([, times]) => times !== 0)), offset: result.offset };
    }
    return result;
  }

  /** The index in a shape of the element at a place, with a name for each part of it. */
  split(place: Form, shape: Shape): Index {
    const whole = this.#whole(place);
    const long = shape.flatMap((length, axis) => length > 1 ? [axis] : []);
    if (long.length < 2) return shape.map((length) => length > 1 ? whole : fixed(0));
    const strides = stridesOf(shape);
    const members = long.map((axis) => {
      const part = { stride: strides[axis], length: shape[axis] };
      return [this.#part(whole, part, axis === long[0]), part.stride] as const;
    });
    this.#families.push({ whole, members });
    return shape.map((length, axis) => length > 1 ? named(members[long.indexOf(axis)][0]) : fixed(0));
  }

  /** The place of an index in a row-major array. */
  flat(shape: Shape, index: Index): Form {
    return this.#whole(flatten(shape, index));
  }

  /** Names an element's number, which computed nodes share. */
  setElement(element: Form): void {
    this.#element = element;
    this.#computed.clear();
  }

  /** The current element's place. */
  current(): Form {
    return this.#element!;
  }

  /** The name of a node's current element. */
  computed(node: number): string {
    return this.#computed.get(node)!;
  }

  /** A name for the value of an expression. */
  value(expression: string): string {
    return /^[a-z]\d+$/.test(expression) ? expression : this.declare("v", expression);
  }

  /** Index of the current element in a shape. */
  elementIndex(shape: Shape): Index {
    return this.split(this.#element!, shape);
  }

  /** Says that a node's current element has this name. */
  setComputed(node: number, name: string): void {
    this.#computed.set(node, name);
  }

  /** The word that holds a place. */
  place(place: Place): string {
    let k = this.places.findIndex(({ space, at }) => space === place.space && at === place.at);
    if (k < 0) k = this.places.push(place) - 1;
    return `p${k}`;
  }

  /** An element of a place, to read or to write. */
  at(place: Place, form: Form): string {
    const offset = integerText(form);
    const word = this.place(place);
    return `${SPACES[place.space][0]}[${offset === "0u" ? word : `${word} + ${offset}`}]`;
  }

  /** The expression of a node's element. */
  load(node: number, index: Index): string {
    const value = this.#program.nodes[node];
    const place = this.#layout.nodes.get(node);
    if (value.op === "fill") return place ? this.at(place, fixed(0)) : numberText(value.attributes.value);
    const form = this.flat(value.shape, index);
    const computed = this.#computed.get(node);
    if (computed !== undefined && this.#element && keyOf(form) === keyOf(this.#element)) return computed;
    if (computed !== undefined) {
      throw new Error(`Cannot write a step: it reads value ${node} of itself at another element`);
    }
    const key = `${node} ${keyOf(form)}`;
    const known = this.#known("elements", key);
    if (known) return known;
    const moved = rowOf(value)?.moves === true;
    const text = place ? this.at(place, form) : this.element(node, index);
    if (moved) return text;
    const name = this.value(text);
    this.#scopes.at(-1)!.elements.set(key, name);
    return name;
  }

  /** The expression of a node's element as its row writes it. */
  element(node: number, at: Index): string {
    const { inputs, attributes, shape } = this.#program.nodes[node];
    const shapes = inputs.map((input) => this.#program.nodes[input].shape);
    return rowOf(this.#program.nodes[node])!.wgsl!({ write: this.#writer(inputs), at, shape, shapes, attributes });
  }

  #writer(inputs: readonly number[]): WgslWriter {
    return {
      load: (k, at) => this.load(inputs[k], at),
      split: (place, shape) => this.split(place, shape),
      integer: integerText,
      variable: (start) => {
        const name = this.name("v");
        this.line(`var ${name} = ${start};`);
        return name;
      },
      whole: (expression) => named(this.declare("t", expression)),
      line: (text) => this.line(text),
      block: (head, body) => this.block(head, body),
      loop: (length, body) => {
        const k = this.name("k");
        this.block(`for (var ${k} = 0u; ${k} < ${length}u; ${k}++)`, () => body(named(k)));
      },
    };
  }
}
