// One level of the fixed tree of sums over tasks: out[j, e] = Σ_r source[radix · j + r, e] for r < radix, in order.
// A first leaf that an earlier chunk of tasks began goes on from what is there. Shapes: source [members, stride], out [nodes, width].
// Dispatch: flat.wgsl with count = nodes · width.

struct Sizes {
  count: u32,
  width: u32,
  radix: u32,
  members: u32,
  stride: u32,
  out: u32,
  keep: u32, // 1 to go on from what is there, 0 to start
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

fn element(i: u32) {
  let e = i % u.width;
  let begin = (i / u.width) * u.radix;
  let end = min(begin + u.radix, u.members);
  var sum = out[u.out + i];
  var next = begin;
  if (u.keep == 0u) {
    sum = source[begin * u.stride + e];
    next = begin + 1u;
  }
  for (; next < end; next++) {
    sum += source[next * u.stride + e];
  }
  out[u.out + i] = sum;
}
