"""One outer step's gradient (second-order MAML, sgd) of a model: models.py jax|torch mlp|lstm|tcn|attention TASKS SECONDS

JAX: jit + vmap over tasks, lax.scan over time. PyTorch: the textbook's loop over tasks. 20 support and 10 query rows, 5 inner
steps, rows of 20 bars by 10 features (mlp: 10 inputs, 64-64). Prints one line of JSON: first (ms, tracing and compiling
included), times, and cpu, a step's processor time on all threads (ms). Two threads, float32.
"""
import json, math, sys, time

WHO, MODEL, T, SECONDS = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
TIME, F, H, K, S, Q, LR = 20, 10, 32, 5, 20, 10, 0.01
INPUTS = 10 if MODEL == "mlp" else TIME * F
SHAPES = {
    "mlp": [(10, 64), (64,), (64, 64), (64,), (64, 1), (1,)],
    "lstm": [(F, 4 * H), (H, 4 * H), (4 * H,), (H, 1), (1,)],
    "tcn": [(3, F, H), (H,), (3, H, H), (H,), (H, 1), (1,)],
    "attention": [(F, H), (H,), (TIME, H), (H, H), (H, H), (H, H), (H, 1), (1,)],
}[MODEL]


def model(np, p, x, relu, sigmoid, scan, pad, softmax):
    """The four models over either library's array functions."""
    rows = x.shape[0]
    if MODEL == "mlp":
        return relu(relu(x @ p[0] + p[1]) @ p[2] + p[3]) @ p[4] + p[5]
    x = x.reshape(rows, TIME, F)
    if MODEL == "lstm":

        def cell(state, z):
            h, c = state
            z = z + h @ p[1]
            c = sigmoid(z[:, H : 2 * H]) * c + sigmoid(z[:, :H]) * np.tanh(z[:, 2 * H : 3 * H])
            return sigmoid(z[:, 3 * H :]) * np.tanh(c), c

        return scan(cell, (x @ p[0] + p[2]).swapaxes(0, 1), rows) @ p[3] + p[4]
    if MODEL == "tcn":

        def conv(x, w, b, dilation):
            seen = [pad(x, (2 - tap) * dilation)[:, :TIME] @ w[tap] for tap in range(3)]
            return np.tanh(seen[0] + seen[1] + seen[2] + b)

        x = conv(x, p[0], p[1], 1)
        x = x + conv(x, p[2], p[3], 2)
        return x[:, -1] @ p[4] + p[5]
    # Products with e = x @ p[0] + place are products with x and with place, as in lib/model/attention.ts.
    place = p[1] + p[2]
    last = x[:, -1] @ p[0] + place[-1]
    asked = (last @ p[3]) @ p[4].T
    scores = ((x @ (asked @ p[0].T)[:, :, None])[:, :, 0] + asked @ place.T) / math.sqrt(H)
    a = softmax(scores)
    mixed = (a[:, None] @ x)[:, 0] @ p[0] + a @ place
    return (last + mixed @ p[5]) @ p[6] + p[7]


def measure(step):
    start = time.perf_counter()
    step()
    first = (time.perf_counter() - start) * 1e3
    step()
    times, end, used = [], time.perf_counter() + SECONDS, time.process_time()
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    cpu = (time.process_time() - used) * 1e3 / len(times)
    print(json.dumps({"first": first, "times": times, "cpu": cpu}))


def with_jax():
    import jax, jax.numpy as jnp

    keys = iter(jax.random.split(jax.random.PRNGKey(0), 32))
    draw = lambda *shape: jax.random.normal(next(keys), shape)
    params = [0.1 * draw(*shape) for shape in SHAPES]

    def scan(cell, z, rows):
        zero = jnp.zeros((rows, H))
        return jax.lax.scan(lambda state, z: (cell(state, z), None), (zero, zero), z)[0][0]

    pad = lambda x, n: jnp.pad(x, ((0, 0), (n, 0), (0, 0)))
    apply = lambda p, x: model(jnp, p, x, jax.nn.relu, jax.nn.sigmoid, scan, pad, lambda s: jax.nn.softmax(s, -1))
    loss = lambda p, x, y: jnp.mean((apply(p, x) - y) ** 2)

    def one(p, xs, ys, xq, yq):
        for _ in range(K):
            p = jax.tree.map(lambda w, g: w - LR * g, p, jax.grad(loss)(p, xs, ys))
        return loss(p, xq, yq)

    meta = lambda p, *data: jnp.mean(jax.vmap(lambda *task: one(p, *task))(*data))
    run = jax.jit(jax.value_and_grad(meta))
    data = (draw(T, S, INPUTS), draw(T, S, 1), draw(T, Q, INPUTS), draw(T, Q, 1))
    measure(lambda: jax.block_until_ready(run(params, *data)))


def with_torch():
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(2)
    params = [(0.1 * torch.randn(*shape)).requires_grad_() for shape in SHAPES]

    def scan(cell, z, rows):
        state = (torch.zeros(rows, H), torch.zeros(rows, H))
        for t in range(TIME):
            state = cell(state, z[t])
        return state[0]

    pad = lambda x, n: torch.nn.functional.pad(x, (0, 0, n, 0))
    apply = lambda p, x: model(torch, p, x, torch.relu, torch.sigmoid, scan, pad, lambda s: torch.softmax(s, -1))
    mse = torch.nn.functional.mse_loss
    xs, ys, xq, yq = torch.randn(T, S, INPUTS), torch.randn(T, S, 1), torch.randn(T, Q, INPUTS), torch.randn(T, Q, 1)

    def step():
        total = 0.0
        for t in range(T):
            p = params
            for _ in range(K):
                g = torch.autograd.grad(mse(apply(p, xs[t]), ys[t]), p, create_graph=True)
                p = [w - LR * d for w, d in zip(p, g)]
            total = total + mse(apply(p, xq[t]), yq[t])
        torch.autograd.grad(total / T, params)

    measure(step)


{"jax": with_jax, "torch": with_torch}[WHO]()
