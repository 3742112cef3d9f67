/**
 * One peer measurement in jax-js (wasm) or TensorFlow.js (cpu): second-order MAML, as `peer.py` in JAX.
 * Usage: deno run --config bench/peers/deno.json -A bench/peers/peer.ts NAME TASKS HIDDEN STEPS SUPPORT QUERY SECONDS
 * Prints one line of JSON: times in ms, peak resident memory in bytes.
 * @module
 */
// deno-lint-ignore-file no-explicit-any -- the peers' gradient transforms are typed for their own tracers
import { peakMemory } from "./memory.ts";

const [name, ...sizes] = Deno.args;
const [T, H, K, S, Q, seconds] = sizes.map(Number);
const LR = 0.01;

function uniform(count: number): Float32Array {
  return Float32Array.from({ length: count }, () => 2 * Math.random() - 1);
}

async function measure(step: () => Promise<unknown>): Promise<void> {
  await step();
  const times: number[] = [];
  if (seconds > 0) {
    await step();
    const end = performance.now() + 1000 * seconds;
    while (times.length < 5 || performance.now() < end) {
      const start = performance.now();
      await step();
      times.push(performance.now() - start);
    }
  }
  console.log(JSON.stringify({ times, rss: peakMemory() }));
}

async function jaxJs(): Promise<void> {
  const jax: any = await import("@jax-js/jax");
  const { numpy: np, nn, grad, jit, valueAndGrad, vmap } = jax;
  await jax.init();
  jax.defaultDevice("wasm");
  const draw = (...shape: number[]) => np.array(uniform(shape.reduce((a, b) => a * b, 1))).reshape(shape);
  const forward = (p: any[], x: any) => {
    x = nn.relu(np.dot(x, p[0]).add(p[1]));
    x = nn.relu(np.dot(x, p[2]).add(p[3]));
    return np.dot(x, p[4]).add(p[5]);
  };
  const loss = (p: any[], x: any, y: any) => np.mean(np.square(forward(p, x).sub(y)));
  const one = (p: any[], xs: any, ys: any, xq: any, yq: any) => {
    for (let k = 0; k < K; k++) {
      const g = grad(loss)(p.map((w) => w.ref), xs.ref, ys.ref) as any[];
      p = p.map((w, j) => w.sub(g[j].mul(LR)));
    }
    xs.dispose();
    ys.dispose();
    return loss(p, xq, yq);
  };
  const meta = (p: any, ...data: any[]) => np.mean(vmap(one, [null, 0, 0, 0, 0])(p, ...data));
  const step = jit((p: any, ...data: any[]) => valueAndGrad(meta)(p, ...data));
  let params = [
    draw(10, H).mul(0.1),
    np.zeros([H]),
    draw(H, H).mul(0.1),
    np.zeros([H]),
    draw(H, 1).mul(0.1),
    np.zeros([1]),
  ];
  const data = [draw(T, S, 10), draw(T, S, 1), draw(T, Q, 10), draw(T, Q, 1)];
  await measure(async () => {
    const [value, g] = step(params.map((w) => w.ref), ...data.map((d) => d.ref));
    params = params.map((w, j) => w.sub(g[j].mul(1e-3)));
    await value.jsAsync();
  });
}

async function tensorFlowJs(): Promise<void> {
  const tf: any = await import("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  await tf.ready();
  const draw = (...shape: number[]) => tf.tensor(uniform(shape.reduce((a, b) => a * b, 1)), shape);
  const forward = (p: any[], x: any) => {
    x = tf.relu(tf.matMul(x, p[0]).add(p[1]));
    x = tf.relu(tf.matMul(x, p[2]).add(p[3]));
    return tf.matMul(x, p[4]).add(p[5]);
  };
  const loss = (p: any[], x: any, y: any) => tf.mean(tf.square(forward(p, x).sub(y)));
  const tasks = Array.from({ length: T }, () => [draw(S, 10), draw(S, 1), draw(Q, 10), draw(Q, 1)]);
  const meta = (...start: any[]) => {
    let total = tf.scalar(0);
    for (const [xs, ys, xq, yq] of tasks) {
      let p = start;
      for (let k = 0; k < K; k++) {
        const g = tf.grads((...w: any[]) => loss(w, xs, ys))(p);
        p = p.map((w, j) => w.sub(g[j].mul(LR)));
      }
      total = total.add(loss(p, xq, yq));
    }
    return total.div(T);
  };
  let params = [draw(10, H), tf.zeros([H]), draw(H, H), tf.zeros([H]), draw(H, 1), tf.zeros([1])].map((w) =>
    w.mul(0.1)
  );
  await measure(async () => {
    const { value, grads } = tf.tidy(() => tf.valueAndGrads(meta)(params));
    params = params.map((w, j) => tf.tidy(() => w.sub(grads[j].mul(1e-3))));
    await value.data();
  });
}

await { "jax-js": jaxJs, "tfjs": tensorFlowJs }[name]!();
Deno.exit(0); // their devices keep the event loop alive
