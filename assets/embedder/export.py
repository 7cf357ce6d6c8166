"""Writes what the program reads: static.safetensors, tokenizer.json and the test's reference pairs.

    python export.py MODEL_FOLDER TRAINED.npz

With a third argument (a pairs.json of an earlier export) the teacher's cosines are taken from there.
"""

import json
import pathlib
import sys

import numpy as np
from distil import FIRST_WORD
from ml_dtypes import bfloat16
from safetensors.numpy import save_file
from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def export_table(trained):
    """Table as int8, the rest as bfloat16 -> the numbers as the program will see them."""
    table = trained["E"].astype(np.float32)
    table[:FIRST_WORD] = 0  # special and unused tokens carry nothing
    scales = (np.abs(table).max(1) / 127).astype(np.float32)
    vectors = np.rint(table / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    tensors = {"vectors": vectors, "scales": scales, "window": trained["C"].astype(np.float32)}
    names = {"query": "Q", "linear": "A", "hidden_in": "W1", "hidden_out": "W2"}
    tensors |= {name: trained[short].astype(bfloat16) for name, short in names.items()}
    about = {"from": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), modified", "made_by": "assets/embedder/distil.py"}
    save_file(tensors, HERE / "static.safetensors", metadata=about)
    seen = {short: tensors[name].astype(np.float32) for name, short in names.items()}
    return seen | {"C": tensors["window"], "E": vectors.astype(np.float32) * scales[:, None]}


def student(params, row):
    """A text's vector in plain numpy, one text at a time: what the program must reproduce."""
    x = params["E"][row]
    left, middle, right, bias, gain = params["C"]
    none = np.zeros((1, x.shape[1]), np.float32)
    before, after = np.concatenate([none, x[:-1]]), np.concatenate([x[1:], none])
    x = x + gain * np.maximum(left * before + middle * x + right * after + bias, 0)
    unit = lambda v: v / np.linalg.norm(v)
    q = unit(x.mean(0))
    r = unit(np.exp(np.clip(x @ (q @ params["Q"]), -20, 20)) @ x)
    i = np.concatenate([q, r, [1, np.log1p(len(row)) / 3 - 1]])
    return unit(i @ params["A"] + np.maximum(i @ params["W1"], 0) @ params["W2"])


def export_tokenizer(folder):
    full = json.loads(pathlib.Path(folder, "tokenizer.json").read_text())
    kept = {key: full[key] for key in ("version", "added_tokens", "normalizer", "pre_tokenizer", "model")}
    kept |= {"truncation": None, "padding": None, "post_processor": None, "decoder": None}
    (HERE / "tokenizer.json").write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")


def draw(places, count=1000, seed=7):
    """Two draws of pairs of goals and answers of the bundled corpus: from all of them, and within one conversation."""
    rng = np.random.default_rng(seed)
    anywhere = [tuple(rng.choice(len(places), 2, replace=False)) for _ in range(count)]
    within = []
    while len(within) < count:
        i, j = rng.choice(len(places), 2, replace=False)
        if places[i][3] == places[j][3]:
            within.append((i, j))
    return anywhere, within


def export_pairs(folder, params, earlier=None, seed=7):
    turns = [json.loads(line) for line in (ROOT / "assets/corpus/turns.jsonl").read_text().splitlines()]
    places = [(t["turn_id"], field, t[field], t["conversation_id"]) for t in turns for field in ("goal_text", "response_text")]
    anywhere, within = draw(places, seed=seed)
    used = sorted({int(i) for pair in anywhere + within for i in pair})
    texts = [places[i][2] for i in used]
    if earlier:
        old = json.loads(pathlib.Path(earlier).read_text())
        known = {tuple(p["a"] + p["b"]): p["cosine"] for name in ("anywhere", "within_conversation") for p in old[name]}
        teacher = lambda i, j: known[places[i][0], places[i][1], places[j][0], places[j][1]]
    else:
        from minilm import MiniLM

        vectors = dict(zip(used, MiniLM(folder).embed(texts)))
        teacher = lambda i, j: float(vectors[i] @ vectors[j])
    words = Tokenizer.from_file(str(HERE / "tokenizer.json")).encode_batch(texts)
    rows = {i: np.array([id for id in e.ids if id >= FIRST_WORD]) for i, e in zip(used, words)}
    ours = {i: student(params, row) for i, row in rows.items()}
    about = "Cosines of all-MiniLM-L6-v2 and of the student (numpy) between texts of the bundled corpus, by assets/embedder/export.py"
    sets = []
    rank = lambda v: np.argsort(np.argsort(v))
    for name, drawn in (("anywhere", anywhere), ("within_conversation", within)):
        rows = [{"a": places[i][:2], "b": places[j][:2], "cosine": round(teacher(i, j), 6), "student": round(float(ours[i] @ ours[j]), 6)} for i, j in drawn]
        print(name, "Spearman", np.corrcoef(*(rank([row[key] for row in rows]) for key in ("cosine", "student")))[0, 1].round(4))
        sets.append(f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]")
    out = ROOT / "tests/golden/embedder/pairs.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(f'{{"about": {json.dumps(about)}, "seed": {seed}, {", ".join(sets)}}}\n')


if __name__ == "__main__":
    model_folder, trained_file, *earlier = sys.argv[1:]
    seen = export_table(np.load(trained_file))
    export_tokenizer(model_folder)
    export_pairs(model_folder, seen, *earlier)
