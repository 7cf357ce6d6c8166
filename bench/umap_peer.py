"""umap-learn on one cloud, once cold (compiled on the way) and once warm; CPU seconds and trustworthiness as JSON.

Usage: umap_peer.py POINTS.npy            umap-learn, seeded
       umap_peer.py POINTS.npy OURS.npy   trustworthiness of a projection made elsewhere
"""
import json
import sys
import time
import warnings

import numpy as np
from sklearn.manifold import trustworthiness

warnings.filterwarnings("ignore")
points = np.load(sys.argv[1])


def trust(xy):
    return float(trustworthiness(points, xy, n_neighbors=15))


if len(sys.argv) > 2:
    print(json.dumps({"trustworthiness": trust(np.load(sys.argv[2]))}))
    sys.exit()

import umap  # noqa: E402  (its import is not counted)

seconds = []
for _ in range(2):
    started = time.process_time()
    xy = umap.UMAP(n_neighbors=15, min_dist=0.2, random_state=42).fit_transform(points)
    seconds.append(time.process_time() - started)
print(json.dumps({"cold_cpu_s": seconds[0], "warm_cpu_s": seconds[1], "trustworthiness": trust(xy)}))
