// One level of the fixed tree of sums over tasks: out[j, e] = scale · Σ_m source[m, e] over the members of node j, in
// order; members are tasks at the leaves and nodes above. A first leaf that an earlier chunk of tasks began goes on from what is
// there. Shapes: source [members, e], out [nodes, e], each with its strides. Twin: lib/engine/tree_sum.ts.
// Dispatch: flat.wgsl with count = nodes · elements.

struct Sizes {
  count: u32,
  elements: u32,
  radix: u32,
  members: u32,
  source: u32,
  member_stride: u32,
  out: u32,
  node_stride: u32,
  skip: u32, // members of the first node that are in it already
  scale: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

fn element(i: u32) {
  let node = i / u.elements;
  let e = i % u.elements;
  let at = u.out + node * u.node_stride + e;
  let begin = max(node * u.radix, u.skip) - u.skip;
  let end = min((node + 1u) * u.radix - u.skip, u.members);
  var sum = 0.0;
  if (node == 0u && u.skip > 0u) {
    sum = out[at];
  }
  for (var m = begin; m < end; m++) {
    sum += source[u.source + m * u.member_stride + e];
  }
  out[at] = u.scale * sum;
}
