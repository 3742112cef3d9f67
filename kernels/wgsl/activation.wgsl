// Value, slope and curvature of the hidden activation: a module, put before the kernels that need it.
// Twin: lib/net/activation.ts (the definition). The header sets ACTIVATION to the index in ACTIVATIONS there.
// Nothing overflows: tanh is clamped, sigmoid and softplus see e^-|z| alone.

const GELU_SCALE: f32 = 0.7978845608028654;
const GELU_CUBIC: f32 = 0.044715;

fn sigmoid(z: f32) -> f32 {
  let e = exp(-abs(z));
  return select(e, 1.0, z >= 0.0) / (1.0 + e);
}

// log(1 + e) for e in [0, 1], as 2 atanh(e / (2 + e)): every term is positive, so nothing cancels where e is tiny.
fn log_one_plus(e: f32) -> f32 {
  let s = e / (2.0 + e);
  let q = s * s;
  let tail = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q / 15.0)));
  return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * tail)));
}

fn softplus(z: f32) -> f32 {
  return max(z, 0.0) + log_one_plus(exp(-abs(z)));
}

fn bounded_tanh(z: f32) -> f32 {
  return tanh(clamp(z, -12.0, 12.0));
}

// x: value, y: slope, z: curvature
fn activate(z: f32) -> vec3f {
  switch ACTIVATION {
    case 0u: { // relu: slope 0 at its kink
      return select(vec3f(0.0), vec3f(z, 1.0, 0.0), z > 0.0);
    }
    case 1u: { // tanh
      let t = bounded_tanh(z);
      let slope = 1.0 - t * t;
      return vec3f(t, slope, -2.0 * t * slope);
    }
    case 2u: { // gelu, tanh form
      let t = bounded_tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z));
      let du = GELU_SCALE * (1.0 + 3.0 * GELU_CUBIC * z * z);
      let ddu = GELU_SCALE * 6.0 * GELU_CUBIC * z;
      let sech2 = 1.0 - t * t;
      return vec3f(
        0.5 * z * (1.0 + t),
        0.5 * (1.0 + t) + 0.5 * z * sech2 * du,
        sech2 * du + 0.5 * z * sech2 * (ddu - 2.0 * t * du * du),
      );
    }
    case 3u: { // silu
      let s = sigmoid(z);
      let ds = s * (1.0 - s);
      return vec3f(z * s, s + z * ds, ds * (2.0 + z * (1.0 - 2.0 * s)));
    }
    case 4u: { // softplus
      let s = sigmoid(z);
      return vec3f(softplus(z), s, s * (1.0 - s));
    }
    case 5u: { // sigmoid
      let s = sigmoid(z);
      let slope = s * (1.0 - s);
      return vec3f(s, slope, slope * (1.0 - 2.0 * s));
    }
    default: { // identity
      return vec3f(z, 1.0, 0.0);
    }
  }
}
