#!/usr/bin/env bash
# Gapfield's UMAP against umap-learn on the same clouds, one after the other in one run: user CPU seconds and
# trustworthiness (k 15, by scikit-learn for both).
#
#   bench/umap.sh [CLOUD.npy ...]
#
# Needs python3 with umap-learn, scikit-learn and numpy (PYTHON=...), and a gapfield built for speed (GAPFIELD=...; without
# it one is built as `make run` does). Without clouds two are made: four gaussian groups in
# 12 dimensions (2,502 points) and a mixture in 64 (10,000 points). Seeds are fixed. umap-learn is given two chances: cold
# (its first call compiles) and warm (the second does not).
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gapfield=${GAPFIELD:-}
if [ -z "$gapfield" ]; then
  cargo build --locked --bin gapfield
  gapfield=${CARGO_TARGET_DIR:-target}/debug/gapfield
fi
clouds=("$@")
if [ ${#clouds[@]} -eq 0 ]; then
  "$python" - "$work" <<'PY'
import sys
import numpy as np
rng = np.random.default_rng(7)
centres = 4 * rng.standard_normal((4, 12))
np.save(f"{sys.argv[1]}/groups-2502x12.npy", (centres[np.arange(2502) % 4] + rng.standard_normal((2502, 12))).astype("f4"))
centres = 3 * rng.standard_normal((20, 64))
np.save(f"{sys.argv[1]}/mixture-10000x64.npy", (centres[np.arange(10000) % 20] + rng.standard_normal((10000, 64))).astype("f4"))
PY
  clouds=("$work"/*.npy)
fi
for cloud in "${clouds[@]}"; do
  # The whole process counts, reading the file and measuring trustworthiness included.
  TIMEFORMAT=%U
  ours=$({ time "$gapfield" project --points "$cloud" --out "$work/ours.npy" --seed 42 --quiet >/dev/null 2>&1; } 2>&1)
  trust=$("$python" bench/umap_peer.py "$cloud" "$work/ours.npy")
  theirs=$("$python" bench/umap_peer.py "$cloud")
  again=$({ time "$gapfield" project --points "$cloud" --out "$work/again.npy" --seed 42 --quiet >/dev/null 2>&1; } 2>&1)
  cmp -s "$work/ours.npy" "$work/again.npy" || { echo "two runs gave different positions"; exit 1; }
  "$python" - "$cloud" "$ours" "$again" "$trust" "$theirs" <<'PY'
import json
import os
import sys
cloud, ours, again, trust, theirs = sys.argv[1:]
best, trust, theirs = max(float(ours), float(again)), json.loads(trust)["trustworthiness"], json.loads(theirs)
print(os.path.basename(cloud))
print(f"  gapfield    {best:6.2f} user CPU s (the slower of two)                 trustworthiness {trust:.4f}")
print(f"  umap-learn  {theirs['cold_cpu_s']:6.2f} CPU s cold, {theirs['warm_cpu_s']:.2f} warm                       trustworthiness {theirs['trustworthiness']:.4f}")
print(f"  ratio       {theirs['cold_cpu_s'] / best:6.1f} cold, {theirs['warm_cpu_s'] / best:.1f} warm                             difference {trust - theirs['trustworthiness']:+.4f}")
PY
done
