/**
 * The losses of one output with their derivatives by the prediction and by φ, in float64 (design section 4).
 * Twins: `kernels/wgsl/loss.wgsl` and `kernels/wasm/loss.ts`.
 * @module
 */
import { sigmoid, softplus } from "../../net/activation.ts";
import type { LossShape } from "../problem.ts";

/** A loss at one prediction. */
export interface LossTriple {
  /** ℓ. */
  readonly value: number;
  /** ∂ℓ/∂ŷ. */
  readonly slope: number;
  /** ∂²ℓ/∂ŷ². */
  readonly curvature: number;
}

/** ℓ(ŷ, y), ℓ′ and ℓ″ by ŷ. φ is read by the learned loss alone. */
export function lossAt(shape: LossShape, phi: ArrayLike<number>, predicted: number, target: number): LossTriple {
  const e = predicted - target;
  switch (shape.kind) {
    case "mse":
      return { value: e * e, slope: 2 * e, curvature: 2 };
    case "huber": {
      const { delta } = shape;
      if (Math.abs(e) <= delta) return { value: 0.5 * e * e, slope: e, curvature: 1 };
      return { value: delta * (Math.abs(e) - 0.5 * delta), slope: delta * Math.sign(e), curvature: 0 };
    }
    case "learned": {
      const { tau } = shape;
      const direction = softplus(phi[0]);
      const magnitude = softplus(phi[1]) * asymmetry(phi[2], e);
      const s = Math.sign(target);
      const wrong = sigmoid(-predicted * s / tau);
      return {
        value: magnitude * e * e + direction * tau * softplus(-predicted * s / tau),
        slope: 2 * magnitude * e - direction * s * wrong,
        curvature: 2 * magnitude + direction * s * s * wrong * (1 - wrong) / tau,
      };
    }
  }
}

/** A(e): 1 + tanh φ₂ where the forecast is too low, 1 − tanh φ₂ elsewhere. */
function asymmetry(phi2: number, e: number): number {
  return e < 0 ? 1 + Math.tanh(phi2) : 1 - Math.tanh(phi2);
}

/** ∂ℓ/∂φ of the learned loss, `[3]`. */
export function lossByPhi(tau: number, phi: ArrayLike<number>, predicted: number, target: number): number[] {
  const e = predicted - target;
  const sech2 = 1 - Math.tanh(phi[2]) ** 2;
  return [
    sigmoid(phi[0]) * tau * softplus(-predicted * Math.sign(target) / tau),
    sigmoid(phi[1]) * asymmetry(phi[2], e) * e * e,
    softplus(phi[1]) * (e < 0 ? sech2 : -sech2) * e * e,
  ];
}

/** ∂ℓ′/∂φ of the learned loss: how φ turns the slope by ŷ, `[3]`. */
export function slopeByPhi(tau: number, phi: ArrayLike<number>, predicted: number, target: number): number[] {
  const e = predicted - target;
  const s = Math.sign(target);
  const sech2 = 1 - Math.tanh(phi[2]) ** 2;
  return [
    -sigmoid(phi[0]) * s * sigmoid(-predicted * s / tau),
    sigmoid(phi[1]) * asymmetry(phi[2], e) * 2 * e,
    softplus(phi[1]) * (e < 0 ? sech2 : -sech2) * 2 * e,
  ];
}

/** The loss of the query set: the configured one, but mse in place of the learned loss. */
export function outerLoss(shape: LossShape): LossShape {
  return shape.kind === "learned" ? { kind: "mse" } : shape;
}
