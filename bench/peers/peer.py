"""One peer measurement in PyTorch or JAX: peer.py NAME --tasks N --hidden N --steps N --support N --query N --seconds S

NAME is torch-loop (the textbook's code), torch-vmap (torch.func), jax (jit + vmap), walk-torch (one adaptation a bar) or
online-torch (learned rate and loss: update, then predict). Prints one line of JSON: times in ms, peak resident memory in bytes. Two threads, float32.
"""
import argparse, json, os, resource, time

cli = argparse.ArgumentParser()
cli.add_argument("name")
for flag, default in (("tasks", 4), ("hidden", 64), ("steps", 5), ("support", 20), ("query", 10)):
    cli.add_argument(f"--{flag}", type=int, default=default)
cli.add_argument("--seconds", type=float, default=2.0)
a = cli.parse_args()
T, H, K, S, Q, LR = a.tasks, a.hidden, a.steps, a.support, a.query, 0.01


def measure(step):
    """Warms up twice, then runs for the given seconds; at least five times. Zero seconds: once, for the first result."""
    step()
    times = []
    if a.seconds > 0:
        step()
        end = time.perf_counter() + a.seconds
        while len(times) < 5 or time.perf_counter() < end:
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"times": times, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def jax_meta():
    import jax, jax.numpy as jnp, optax

    keys = iter(jax.random.split(jax.random.PRNGKey(0), 16))
    draw = lambda *shape: jax.random.normal(next(keys), shape)
    params = [draw(10, H) * 0.1, jnp.zeros(H), draw(H, H) * 0.1, jnp.zeros(H), draw(H, 1) * 0.1, jnp.zeros(1)]

    def forward(p, x):
        x = jax.nn.relu(x @ p[0] + p[1])
        x = jax.nn.relu(x @ p[2] + p[3])
        return x @ p[4] + p[5]

    loss = lambda p, x, y: jnp.mean((forward(p, x) - y) ** 2)

    def one(p, xs, ys, xq, yq):
        for _ in range(K):
            p = jax.tree.map(lambda w, g: w - LR * g, p, jax.grad(loss)(p, xs, ys))
        return loss(p, xq, yq)

    meta = lambda p, *data: jnp.mean(jax.vmap(lambda *task: one(p, *task))(*data))
    optimizer = optax.adam(1e-3)
    state = optimizer.init(params)

    @jax.jit
    def update(p, state, *data):
        value, gradient = jax.value_and_grad(meta)(p, *data)
        moves, state = optimizer.update(gradient, state)
        return optax.apply_updates(p, moves), state, value

    data = (draw(T, S, 10), draw(T, S, 1), draw(T, Q, 10), draw(T, Q, 1))
    held = [params, state]

    def step():
        held[0], held[1], value = update(held[0], held[1], *data)
        value.block_until_ready()

    measure(step)


def torch_setup():
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))
    shapes = [(H, 10), (H,), (H, H), (H,), (1, H), (1,)]
    params = [(torch.randn(*s) * 0.1 if len(s) == 2 else torch.zeros(*s)).requires_grad_() for s in shapes]

    def forward(x, p):
        F = torch.nn.functional
        return F.linear(F.relu(F.linear(F.relu(F.linear(x, p[0], p[1])), p[2], p[3])), p[4], p[5])

    return torch, params, forward


def torch_loop():
    torch, params, forward = torch_setup()
    mse = torch.nn.functional.mse_loss
    optimizer = torch.optim.Adam(params, lr=1e-3)
    xs, ys, xq, yq = torch.randn(T, S, 10), torch.randn(T, S, 1), torch.randn(T, Q, 10), torch.randn(T, Q, 1)

    def step():
        optimizer.zero_grad()
        total = 0.0
        for t in range(T):
            p = [w.clone() for w in params]
            for _ in range(K):
                g = torch.autograd.grad(mse(forward(xs[t], p), ys[t]), p, create_graph=True)
                p = [w - LR * d for w, d in zip(p, g)]
            total = total + mse(forward(xq[t], p), yq[t])
        (total / T).backward()
        optimizer.step()
        return (total / T).item()

    measure(step)


def torch_vmap():
    torch, params, forward = torch_setup()
    from torch.func import grad_and_value, grad, vmap

    mse = torch.nn.functional.mse_loss
    optimizer = torch.optim.Adam(params, lr=1e-3)
    data = (torch.randn(T, S, 10), torch.randn(T, S, 1), torch.randn(T, Q, 10), torch.randn(T, Q, 1))

    def one(p, xs, ys, xq, yq):
        for _ in range(K):
            g = grad(lambda p: mse(forward(xs, p), ys))(p)
            p = [w - LR * d for w, d in zip(p, g)]
        return mse(forward(xq, p), yq)

    meta = lambda p: vmap(lambda *task: one(p, *task))(*data).mean()

    def step():
        gradient, value = grad_and_value(meta)(params)
        for w, g in zip(params, gradient):
            w.grad = g
        optimizer.step()
        return value.item()

    measure(step)


def walk_torch():
    """T bars a measured run: a clone of the network, K SGD steps on S rows, one prediction; times are a bar."""
    import copy

    torch, _, _ = torch_setup()
    nn = torch.nn
    net = nn.Sequential(nn.Linear(10, H), nn.ReLU(), nn.Linear(H, H), nn.ReLU(), nn.Linear(H, 1))
    x, y = torch.randn(T + S, 10), torch.randn(T + S, 1)
    position = [0]

    def bar():
        i = position[0] = (position[0] + 1) % T
        model = copy.deepcopy(net)
        optimizer = torch.optim.SGD(model.parameters(), lr=LR)
        for _ in range(K):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x[i : i + S]), y[i : i + S]).backward()
            optimizer.step()
        with torch.no_grad():
            return model(x[i + S : i + S + 1]).item()

    measure(bar)


def online_torch():
    """Learned scalar rate and learned loss: one meta-gradient step, then adapt and predict one row."""
    import math

    torch, params, forward = torch_setup()
    log_lr = torch.tensor(math.log(LR), requires_grad=True)
    phi = [torch.tensor(v, requires_grad=True) for v in (-3.0, 0.5413, 0.0)]
    optimizer = torch.optim.Adam([log_lr, *phi], lr=1e-3)
    softplus = torch.nn.functional.softplus
    xs, ys, xv, yv, xt = torch.randn(S, 10), torch.randn(S, 1), torch.randn(Q, 10), torch.randn(Q, 1), torch.randn(1, 10)

    def loss(out, y):
        e, tilt = out - y, torch.tanh(phi[2])
        size = softplus(phi[1]) * torch.where(e < 0, 1 + tilt, 1 - tilt) * e * e
        return (size + softplus(phi[0]) * 0.25 * softplus(-out * torch.sign(y) / 0.25)).mean()

    def inner():
        p = [w.clone() for w in params]
        for _ in range(K):
            g = torch.autograd.grad(loss(forward(xs, p), ys), p, create_graph=True)
            p = [w - torch.exp(log_lr) * d for w, d in zip(p, g)]
        return p

    def update():
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(forward(xv, inner()), yv).backward()
        optimizer.step()
        p = inner()
        with torch.no_grad():
            return forward(xt, p).item()

    measure(update)


{"jax": jax_meta, "torch-loop": torch_loop, "torch-vmap": torch_vmap, "walk-torch": walk_torch, "online-torch": online_torch}[a.name]()
