#!/bin/sh
# Persistence against Ripser, holos-tda, giotto-ph and gudhi in one run: `sh bench/topology.sh [options of the script]`.
#
# Wanted beside the project, never in it:
#   RIPSER  a binary built from the public source of Ripser (g++ -O3 -DNDEBUG -std=c++11 ripser.cpp -o ripser)
#   HOLOS   the `holos` binary (cargo install holos-tda --version 0.9.0 --root SOMEWHERE)
#   PYTHON  a Python with numpy, giotto-ph, gudhi, scikit-learn, pyarrow (python -m venv; pip install)
# A peer that is missing is left out and named.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/gapfield/target}
export CARGO_TARGET_DIR="$target"
if [ -z "${GAPFIELD:-}" ]; then
  ${CARGO:-cargo} build --locked --bin gapfield
  GAPFIELD="$target/debug/gapfield"
fi
set -- --gapfield "$GAPFIELD" "$@"
[ -n "${RIPSER:-}" ] && set -- "$@" --ripser "$RIPSER"
[ -n "${HOLOS:-}" ] && set -- "$@" --holos "$HOLOS"
exec "${PYTHON:-python3}" bench/topology_peers.py "$@"
