"""all-MiniLM-L6-v2 in plain numpy: the forward pass of a 6-layer BERT with mean pooling.

Enough to distil from and to check against; no deep-learning framework is needed.
"""

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HEADS = 12
EPS = 1e-12


def gelu(x):
    """GELU with erf after Abramowitz and Stegun 7.1.26 (error below 2e-7), several times faster than scipy's."""
    a = np.abs(x) * np.float32(0.70710678)
    t = 1 / (1 + np.float32(0.3275911) * a)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = np.float32(0.5) * poly * np.exp(-a * a)
    return x * np.where(x >= 0, 1 - tail, tail)


class MiniLM:
    """The teacher: `folder` holds config.json, model.safetensors and tokenizer.json."""

    def __init__(self, folder, max_tokens=256):
        raw = load_file(f"{folder}/model.safetensors")
        self.w = {name: value.astype(np.float32) for name, value in raw.items() if value.dtype.kind == "f"}
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(max_tokens)
        self.watch = None  # called with (ids, last hidden states) of every batch

    def _linear(self, x, name):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def _norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + EPS)
        return x * self.w[name + ".weight"] + self.w[name + ".bias"]

    def forward(self, ids):
        """`ids` [n, t] (all of one length, so there is no padding and no mask) -> mean-pooled [n, 384]."""
        n, t = ids.shape
        w = self.w
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][:t] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        for layer in range(6):
            p = f"encoder.layer.{layer}."
            q, k, v = (
                self._linear(x, p + f"attention.self.{part}").reshape(n, t, HEADS, -1).transpose(0, 2, 1, 3)
                for part in ("query", "key", "value")
            )
            scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(np.float32(q.shape[-1]))
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
            mixed = (scores @ v).transpose(0, 2, 1, 3).reshape(n, t, -1)
            x = self._norm(x + self._linear(mixed, p + "attention.output.dense"), p + "attention.output.LayerNorm")
            h = self._linear(x, p + "intermediate.dense")
            x = self._norm(x + self._linear(gelu(h), p + "output.dense"), p + "output.LayerNorm")
        if self.watch:
            self.watch(ids, x)
        return x.mean(1)

    def ids(self, texts):
        """Token ids with [CLS] and [SEP], truncated at 256 tokens as the model's authors do."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]

    def embed(self, texts, tokens_per_batch=2048):
        """L2-normalised sentence embeddings [len(texts), 384]; texts of equal length share a batch."""
        ids = self.ids(texts)
        out = np.zeros((len(ids), 384), np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        start = 0
        while start < len(order):
            length = len(ids[order[start]])
            stop = start
            while stop < len(order) and len(ids[order[stop]]) == length and (stop - start) * length < tokens_per_batch:
                stop += 1
            rows = order[start:stop]
            out[rows] = self.forward(np.array([ids[i] for i in rows]))
            start = stop
        return out / np.linalg.norm(out, axis=1, keepdims=True)
