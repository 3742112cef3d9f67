// One element's loss with its derivatives by the forecast and by φ: a module, put before the kernels that need it.
// `kind` is 0 mse, 1 huber, 2 learned (design section 4). Needs activation.wgsl for sigmoid and softplus.
// Twin: the losses of lib/loss.

struct LossTerms {
  value: f32,
  slope: f32,         // by the forecast
  curvature: f32,     // twice by the forecast
  by_phi: vec3f,      // value by φ
  slope_by_phi: vec3f // slope by φ
}

// `shape` is huber's delta or the learned loss' tau.
fn loss_terms(kind: u32, forecast: f32, label: f32, shape: f32, phi: vec3f) -> LossTerms {
  let e = forecast - label;
  switch kind {
    case 0u: {
      return LossTerms(e * e, 2.0 * e, 2.0, vec3f(0.0), vec3f(0.0));
    }
    case 1u: {
      if (abs(e) <= shape) {
        return LossTerms(0.5 * e * e, e, 1.0, vec3f(0.0), vec3f(0.0));
      }
      return LossTerms(shape * (abs(e) - 0.5 * shape), shape * sign(e), 0.0, vec3f(0.0), vec3f(0.0));
    }
    default: {
      let side = sign(label);
      let margin = -forecast * side / shape;
      let miss = sigmoid(margin);
      let surprise = shape * softplus(margin);
      let direction = softplus(phi.x);
      let magnitude = softplus(phi.y);
      let t = bounded_tanh(phi.z);
      let low = select(-1.0, 1.0, e < 0.0);
      let skew = 1.0 + low * t;
      let skew_slope = low * (1.0 - t * t);
      return LossTerms(
        magnitude * skew * e * e + direction * surprise,
        2.0 * magnitude * skew * e - direction * side * miss,
        2.0 * magnitude * skew + direction * side * side * miss * (1.0 - miss) / shape,
        vec3f(sigmoid(phi.x) * surprise, sigmoid(phi.y) * skew * e * e, magnitude * skew_slope * e * e),
        vec3f(-sigmoid(phi.x) * side * miss, 2.0 * sigmoid(phi.y) * skew * e, 2.0 * magnitude * skew_slope * e),
      );
    }
  }
}
