// The tiled product that the six dense kernels share: a module with the entry point, put behind the kernel.
// C_t[m, n] = Σ_k left(t, m, k) · right(t, k, n), handed to store(t, m, n, C): the kernel defines the three functions, and
// its uniform `u` starts with tasks, m, n, depth. Header: TX, TY threads; MR, NR outputs a thread; BK depth of a tile.
// Dispatch: one workgroup per (task, tile of m, tile of n), flattened over x and y. The sum runs in k order, always.

const BM: u32 = TY * MR;
const BN: u32 = TX * NR;

var<workgroup> left_tile: array<f32, BK * BM>;
var<workgroup> right_tile: array<f32, BK * BN>;

@compute @workgroup_size(TX, TY)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let flat = group.x + group.y * groups.x;
  let tiles_m = (u.m + BM - 1u) / BM;
  let tiles_n = (u.n + BN - 1u) / BN;
  if (flat >= u.tasks * tiles_m * tiles_n) {
    return;
  }
  let task = flat / (tiles_m * tiles_n);
  let tile = flat % (tiles_m * tiles_n);
  let m0 = (tile / tiles_n) * BM;
  let n0 = (tile % tiles_n) * BN;
  var sums: array<f32, MR * NR>;
  for (var k0 = 0u; k0 < u.depth; k0 += BK) {
    for (var i = thread; i < BK * BM; i += TX * TY) {
      let m = select(i % BM, i / BK, LEFT_ALONG_DEPTH);
      let k = select(i / BM, i % BK, LEFT_ALONG_DEPTH);
      var value = 0.0;
      if (m0 + m < u.m && k0 + k < u.depth) {
        value = left(task, m0 + m, k0 + k);
      }
      left_tile[k * BM + m] = value;
    }
    for (var i = thread; i < BK * BN; i += TX * TY) {
      let n = select(i % BN, i / BK, RIGHT_ALONG_DEPTH);
      let k = select(i / BN, i % BK, RIGHT_ALONG_DEPTH);
      var value = 0.0;
      if (n0 + n < u.n && k0 + k < u.depth) {
        value = right(task, k0 + k, n0 + n);
      }
      right_tile[k * BN + n] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < BK; k++) {
      var row: array<f32, NR>;
      for (var j = 0u; j < NR; j++) {
        row[j] = right_tile[k * BN + local.x + j * TX];
      }
      for (var i = 0u; i < MR; i++) {
        let value = left_tile[k * BM + local.y + i * TY];
        for (var j = 0u; j < NR; j++) {
          sums[i * NR + j] += value * row[j];
        }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < MR; i++) {
    let m = m0 + local.y + i * TY;
    for (var j = 0u; j < NR; j++) {
      let n = n0 + local.x + j * TX;
      if (m < u.m && n < u.n) {
        store(task, m, n, sums[i * NR + j]);
      }
    }
  }
}
