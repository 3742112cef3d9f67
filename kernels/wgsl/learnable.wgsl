// Which of the learnables [params | rates | φ | ω | others] an element belongs to, counted from 0: a module of the outer kernels,
// whose uniform `u` has params, rates and phi. Twin: learnables in lib/engine/layout.ts.

fn part_of(i: u32) -> u32 {
  let phi = u.params + u.rates;
  let omega = phi + u.phi;
  return select(select(select(select(4u, 3u, i == omega), 2u, i < omega), 1u, i < phi), 0u, i < u.params);
}
