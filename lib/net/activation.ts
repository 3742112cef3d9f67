/**
 * The activation functions with their first and second derivatives, in float64.
 * This is the definition; its twin is `kernels/wgsl/activation.wgsl`.
 * @module
 */

/** Name of a hidden-layer activation. `gelu` is the tanh form (Hendrycks & Gimpel 2016, eq. 2). */
export type Activation = "relu" | "tanh" | "gelu" | "silu" | "softplus" | "sigmoid" | "identity";

/** Every activation, in the order of the numeric codes that the kernels use. */
export const ACTIVATIONS: readonly Activation[] = [
  "relu",
  "tanh",
  "gelu",
  "silu",
  "softplus",
  "sigmoid",
  "identity",
];

/** Value, slope and curvature of one activation at one point. */
export interface ActivationTriple {
  /** σ(z). */
  readonly value: number;
  /** σ′(z). */
  readonly slope: number;
  /** σ″(z). */
  readonly curvature: number;
}

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** The logistic function 1 / (1 + e⁻ᶻ), without overflow. */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const e = Math.exp(z);
  return e / (1 + e);
}

/** log(1 + eᶻ), without overflow. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** σ(z), σ′(z) and σ″(z). At its kink relu takes slope 0, as PyTorch does. */
export function activate(kind: Activation, z: number): ActivationTriple {
  switch (kind) {
    case "relu":
      return z > 0 ? { value: z, slope: 1, curvature: 0 } : { value: 0, slope: 0, curvature: 0 };
    case "tanh": {
      const t = Math.tanh(z);
      const slope = 1 - t * t;
      return { value: t, slope, curvature: -2 * t * slope };
    }
    case "gelu": {
      const t = Math.tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z));
      const du = GELU_SCALE * (1 + 3 * GELU_CUBIC * z * z);
      const ddu = GELU_SCALE * 6 * GELU_CUBIC * z;
      const sech2 = 1 - t * t;
      return {
        value: 0.5 * z * (1 + t),
        slope: 0.5 * (1 + t) + 0.5 * z * sech2 * du,
        curvature: sech2 * du + 0.5 * z * sech2 * (ddu - 2 * t * du * du),
      };
    }
    case "silu": {
      const s = sigmoid(z);
      const ds = s * (1 - s);
      return { value: z * s, slope: s + z * ds, curvature: ds * (2 + z * (1 - 2 * s)) };
    }
    case "softplus": {
      const s = sigmoid(z);
      return { value: softplus(z), slope: s, curvature: s * (1 - s) };
    }
    case "sigmoid": {
      const s = sigmoid(z);
      const slope = s * (1 - s);
      return { value: s, slope, curvature: slope * (1 - 2 * s) };
    }
    case "identity":
      return { value: z, slope: 1, curvature: 0 };
  }
}
