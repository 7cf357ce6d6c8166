#!/usr/bin/env python3
"""Writes tests/golden/bottleneck/pairs.json: 50 random pairs of diagrams and their bottleneck distance by gudhi.

  python3 bench/bottleneck_golden.py    (needs numpy and gudhi)
"""
import json
import pathlib

import gudhi
import numpy as np

rng = np.random.default_rng(41)
pairs = []
for at in range(50):
    diagrams = []
    centre = rng.uniform(0, 1, (int(rng.integers(1, 8)), 2))
    for _ in range(2):
        n = int(rng.integers(0, 40))
        # Short bars near the diagonal and a few long ones that both diagrams nearly share.
        birth = rng.uniform(0, 1, n)
        short = np.stack([birth, birth + rng.exponential(0.05, n)], 1)
        shift = centre + rng.normal(0, 0.05, centre.shape)
        long = np.stack([shift.min(1), shift.max(1) + 0.1], 1)
        diagrams.append(np.round(np.concatenate([short, long]), 6))
    distance = gudhi.bottleneck_distance(diagrams[0], diagrams[1], 0.0)
    pairs.append({"a": diagrams[0].tolist(), "b": diagrams[1].tolist(), "distance": distance})
out = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/bottleneck/pairs.json"
rows = ",\n".join(json.dumps(p, separators=(",", ":")) for p in pairs)
out.write_text(f'{{"by": "gudhi {gudhi.__version__}, bottleneck_distance, exact", "pairs": [\n{rows}\n]}}\n')
