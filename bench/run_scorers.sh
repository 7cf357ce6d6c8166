#!/bin/sh
# Scorers against eager PyTorch in one run: `bench/run_scorers.sh [cpu|wgpu] [seconds a job] [threads]`.
# GAPFIELD_SPEED names the bench program (built by `cargo bench --bench scorers --no-run` when unset); PYTHON a Python with torch.
set -eu
cd "$(dirname "$0")/.."
device=${1:-cpu} seconds=${2:-8} threads=${3:-2}
python=${PYTHON:-python3}
peer=cpu
[ "$device" = cpu ] || peer=cuda
if [ -z "${GAPFIELD_SPEED:-}" ]; then
  GAPFIELD_SPEED=$(cargo bench --locked --profile dev --bench scorers --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*scorers-[^"]*\)".*/\1/p' | tail -1)
fi
out=${OUT:-bench/results}
mkdir -p "$out"
lines="$out/scorers-$device.jsonl"
: >"$lines"
export RAYON_NUM_THREADS="$threads" OMP_NUM_THREADS="$threads" MKL_NUM_THREADS="$threads"
turns=${TURNS:-2502} width=${WIDTH:-384}
forms="separate stacked"
for scorer in hrm tiny; do
  for job in "train 16" "train 64" "score 128"; do
    set -- $job
    # The two sides take turns, so that a busy machine burdens both.
    for kernels in fused plain; do
      "$GAPFIELD_SPEED" --scorer $scorer --job "$1" --batch "$2" --seconds "$seconds" --device "$device" --kernels $kernels \
        --turns "$turns" --width "$width" >>"$lines"
    done
    for form in $forms; do
      "$python" bench/torch_scorers.py --scorer $scorer --job "$1" --batch "$2" --seconds "$seconds" --device $peer \
        --threads "$threads" --form $form --turns "$turns" --width "$width" >>"$lines"
    done
  done
done
"$python" - "$lines" <<'PY'
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1])]
print(f"{'scorer':6} {'job':6} {'batch':>5}  {'side':17} {'per second':>11} {'median':>11} {'best':>11} {'cpu':>11} {'peak MiB':>9}  against torch separate")
for r in rows:
    peer = next(p for p in rows if p["side"] == "torch separate" and all(p[k] == r[k] for k in ("scorer", "job", "batch")))
    print(f"{r['scorer']:6} {r['job']:6} {r['batch']:5}  {r['side']:17} {r['per_s']:11.2f} {r['median_s']*1e3:8.1f} ms {r['best_s']*1e3:8.1f} ms {r['cpu_s']*1e3:8.1f} ms {r['peak_mib']:9.0f}  {peer['median_s']/r['median_s']:.2f}x (best {peer['best_s']/r['best_s']:.2f}x, cpu {peer['cpu_s']/r['cpu_s']:.2f}x)")
PY
