"""Writes what the program reads: static.safetensors, tokenizer.json and the test's reference pairs.

    python export.py MODEL_FOLDER TRAINED.npz
"""

import json
import pathlib
import sys

import numpy as np
from minilm import MiniLM
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def export_table(trained):
    table = trained["E"].astype(np.float32)
    table[:1000] = np.where(np.arange(1000)[:, None] < 999, 0, table[:1000])  # special and unused tokens carry nothing
    scales = np.abs(table).max(1) / 127
    vectors = np.rint(table / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    tensors = {
        "vectors": vectors,
        "scales": scales.astype(np.float32),
        "linear": np.concatenate([trained["A"], trained["b"]]).astype(np.float32),
        "hidden_in": trained["W1"].astype(np.float32),
        "hidden_out": trained["W2"].astype(np.float32),
    }
    about = {"from": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), modified", "made_by": "assets/embedder/distil.py"}
    save_file(tensors, HERE / "static.safetensors", metadata=about)


def export_tokenizer(folder):
    full = json.loads(pathlib.Path(folder, "tokenizer.json").read_text())
    kept = {key: full[key] for key in ("version", "added_tokens", "normalizer", "pre_tokenizer", "model")}
    kept |= {"truncation": None, "padding": None, "post_processor": None, "decoder": None}
    (HERE / "tokenizer.json").write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")


def export_pairs(folder, count=1000, seed=7):
    """Two draws of pairs of goals and answers of the bundled corpus: from all of them, and within one conversation."""
    turns = [json.loads(line) for line in (ROOT / "assets/corpus/turns.jsonl").read_text().splitlines()]
    fields = ("goal_text", "response_text")
    places = [(t["turn_id"], field, t[field], t["conversation_id"]) for t in turns for field in fields]
    rng = np.random.default_rng(seed)
    anywhere = [tuple(rng.choice(len(places), 2, replace=False)) for _ in range(count)]
    within = []
    while len(within) < count:
        i, j = rng.choice(len(places), 2, replace=False)
        if places[i][3] == places[j][3]:
            within.append((i, j))
    used = sorted({int(i) for pair in anywhere + within for i in pair})
    row = {place: k for k, place in enumerate(used)}
    vectors = MiniLM(folder).embed([places[i][2] for i in used])
    out = ROOT / "tests/golden/embedder/pairs.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    about = "Cosines of all-MiniLM-L6-v2 between texts of the bundled corpus, by assets/embedder/export.py"
    sets = []
    for name, drawn in (("anywhere", anywhere), ("within_conversation", within)):
        lines = ",\n".join(
            json.dumps({"a": places[i][:2], "b": places[j][:2], "cosine": round(float(vectors[row[i]] @ vectors[row[j]]), 6)})
            for i, j in drawn
        )
        sets.append(f'"{name}": [\n{lines}\n]')
    out.write_text(f'{{"about": {json.dumps(about)}, "seed": {seed}, {", ".join(sets)}}}\n')


if __name__ == "__main__":
    model_folder, trained_file = sys.argv[1:]
    export_table(np.load(trained_file))
    export_tokenizer(model_folder)
    export_pairs(model_folder)
