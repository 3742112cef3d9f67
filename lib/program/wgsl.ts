/**
 * What a primitive's row writes its WGSL with: the text of one element of its result, from elements of its inputs.
 * It knows no buffer and no dispatch; those are the executor's.
 * @module
 */
import type { Form, Index, Split } from "./index_form.ts";
import type { AttributesOf, PrimitiveOp, Shape } from "./value.ts";

/** Writes statements before the expression that a row returns. */
export interface WgslWriter {
  /** The expression of input k's element. */
  load(k: number, at: Index): string;
  /** Names for the axes of a number, for `reshaped`. */
  readonly split: Split;
  /** A number as text. */
  integer(form: Form): string;
  /** Declares a variable (`var`) and returns its name. */
  variable(start: string): string;
  /** Gives the value of an expression of type u32 a name. */
  whole(expression: string): Form;
  /** A statement. */
  line(text: string): void;
  /** Statements inside `head { … }`. */
  block(head: string, body: () => void): void;
  /** A loop over 0 to length − 1 in order. */
  loop(length: number, body: (at: Form) => void): void;
}

/** One element to write. */
export interface WgslCall<O extends PrimitiveOp> {
  /** Where statements go and elements come from. */
  readonly write: WgslWriter;
  /** Index of the element. */
  readonly at: Index;
  /** Shape of the result. */
  readonly shape: Shape;
  /** Shapes of the inputs. */
  readonly shapes: readonly Shape[];
  /** The operation's attributes. */
  readonly attributes: AttributesOf[O];
}

/** Functions that rows call, put before generated shaders. Nothing overflows but what overflows by itself; NaN stays NaN. */
export const WGSL_FUNCTIONS = `\
// By its bits: compilers may take comparisons for those of numbers.
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn sign_of(x: f32) -> f32 {
  return select(sign(x), x, is_nan(x));
}

// log(1 + e) for e in [0, 1], as 2 atanh(e / (2 + e)): every term is positive, so nothing cancels where e is tiny.
fn log_one_plus(e: f32) -> f32 {
  let s = e / (2.0 + e);
  let q = s * s;
  let tail = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q / 15.0)));
  return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * tail)));
}

fn softplus_of(x: f32) -> f32 {
  return max(x, 0.0) + log_one_plus(exp(-abs(x)));
}

// Odd Taylor terms near 0, where (e²ˣ − 1) / (e²ˣ + 1) would cancel.
fn tanh_of(x: f32) -> f32 {
  let q = x * x;
  let near = x * (1.0 + q * (-1.0 / 3.0 + q * (2.0 / 15.0 + q * (-17.0 / 315.0))));
  let far = tanh(clamp(x, -12.0, 12.0));
  return select(select(far, near, q < 0.01), x, is_nan(x));
}
`;
