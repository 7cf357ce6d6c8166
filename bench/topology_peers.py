#!/usr/bin/env python3
"""Persistence of the same clouds by Gapfield and its peers, each in a process of its own, in one run.

Measured: user CPU seconds (not wall: other work may share the machine) and peak memory, both above the program's own
start: less those of the same program on four points (commands) or before the call (Python packages). Reading the points
counts for the commands. The starts are printed below the table. Repeats are interleaved and the least is kept. Every diagram is compared with Gapfield's, bar by bar, to 1e-5 of the largest scale.

  python3 bench/topology_peers.py --gapfield BIN [--ripser BIN] [--holos BIN] [--threads 1] [--repeats 3] [--only CASE]

Peers that are not there are left out and named. See bench/topology.sh for how to get them.
"""
import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time

SLOW = 4.0  # user seconds from which a case is measured once only


def clouds(root):
    """Name and points of every case."""
    import numpy as np

    rng = np.random.default_rng(20240501)
    for n, d in [(500, 12), (1000, 12), (2502, 12), (500, 64), (1000, 64), (2502, 64)]:
        yield f"gaussian {d}-d, n {n}", rng.standard_normal((n, d))
    for n in [1000, 2502]:
        centres = rng.uniform(-1, 1, (8, 5))
        yield f"8 clusters 5-d, n {n}", centres[rng.integers(0, 8, n)] + 0.1 * rng.standard_normal((n, 5))
    angle = rng.uniform(0, 2 * math.pi, 500)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    yield "noisy circle, n 500", circle + 0.1 * rng.standard_normal((500, 2))
    for n in [300, 1000]:
        u, v = rng.uniform(0, 2 * math.pi, (2, n))
        yield f"flat torus 4-d, n {n}", np.stack([np.cos(u), np.sin(u), np.cos(v), np.sin(v)], 1)
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        return
    for run in sorted(os.listdir(os.path.join(root, "sample_runs"))):
        path = os.path.join(root, "sample_runs", run, "field", "delta.parquet")
        if os.path.exists(path):
            table = parquet.read_table(path)
            columns = [c for c in table.column_names if c.endswith("score01")][:5]
            points = np.stack([table[c].to_numpy() for c in columns], 1)
            points = points[np.isfinite(points).all(1)]
            yield f"delta field {run}, n {len(points)}", points


def make(folder, only):
    """Writes every case as .npy and .csv (a process of its own: what this one holds would count as its children's)."""
    import numpy as np

    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    four = ("four points", np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float))
    names = []
    for name, points in [four, *clouds(root)]:
        if name != four[0] and only not in name:
            continue
        path = os.path.join(folder, str(len(names)))
        points = np.ascontiguousarray(points, dtype=np.float32)
        np.save(path + ".npy", points)
        np.savetxt(path + ".csv", points, delimiter=",", fmt="%.9g")
        names.append(name)
    print(json.dumps(names))


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_python(peer, path, threads):
    """Runs a Python peer here; prints its measures and writes its bars."""
    import numpy as np

    points = np.load(path).astype(np.float64)
    if peer == "giotto-ph":
        from gph import ripser_parallel

        def call():
            return ripser_parallel(points, maxdim=1, n_threads=threads)["dgms"]
    else:
        from gudhi.sklearn import RipsPersistence

        collapses = 1 if peer.endswith("collapse") else 0
        rips = RipsPersistence(homology_dimensions=[0, 1], num_collapses=collapses, homology_coeff_field=2)

        def call():
            return rips.fit_transform([points])[0]

    # Import and first use of the libraries are not the peer's work.
    before_mb = peak_mb()
    user = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    wall = time.perf_counter()
    diagrams = call()
    wall = time.perf_counter() - wall
    user = resource.getrusage(resource.RUSAGE_SELF).ru_utime - user
    bars = [[dim, *map(float, bar)] for dim, bars in enumerate(diagrams) for bar in np.asarray(bars).reshape(-1, 2)]
    print(json.dumps({"user": user, "wall": wall, "mb": peak_mb() - before_mb, "bars": bars}))


def in_process(command, out, read):
    """Runs a command; its measures and bars."""
    wall = time.perf_counter()
    with open(out, "w") as stdout:
        child = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - wall
    if status != 0:
        raise RuntimeError(f"{command[0]} ended with status {status}")
    with open(out) as text:
        bars = read(text.read())
    return {"user": usage.ru_utime, "wall": wall, "mb": usage.ru_maxrss / 1024, "bars": bars}


def gapfield_bars(text):
    return [[b["dim"], b["birth"], math.inf if b["death"] is None else b["death"]] for b in json.loads(text)["bars"]]


def ripser_bars(text):
    bars, dim = [], 0
    for line in text.splitlines():
        if line.startswith("persistence intervals in dim"):
            dim = int(line.split()[-1].rstrip(":"))
        elif line.startswith(" ["):
            birth, death = line.strip(" [)\n").split(",")
            bars.append([dim, float(birth), float(death) if death.strip() else math.inf])
    return bars


def measure(peer, path, text, a, folder):
    out = os.path.join(folder, "out.txt")
    threads = str(a.threads)
    if peer == "gapfield":
        command = [a.gapfield, "topology", "--points", path, "--json", "--quiet"]
        return in_process(command, out, gapfield_bars)
    if peer == "ripser":
        return in_process([a.ripser, "--format", "point-cloud", text], out, ripser_bars)
    if peer == "holos-tda":
        return in_process([a.holos, text, "--threads", threads], out, ripser_bars)
    command = [sys.executable, os.path.abspath(__file__), "--one", peer, path, threads]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{peer}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def apart(ours, theirs):
    """Bars longer than the tolerance, matched: the largest difference, relative to the largest scale."""
    import numpy as np

    scale = max([d for _, _, d in ours if math.isfinite(d)] + [1e-300])

    def long(bars):
        # Peers round to float32: bars shorter than that may be there or not.
        keep = [(d, b, e) for d, b, e in bars if not math.isfinite(e) or e - b > 2e-5 * scale]
        return sorted(keep)

    worst = 0.0
    for dim in (0, 1):
        a = np.array([(b, min(e, 1e30)) for d, b, e in long(ours) if d == dim]).reshape(-1, 2)
        b = np.array([(b, min(e, 1e30)) for d, b, e in long(theirs) if d == dim]).reshape(-1, 2)
        if dim == 0:
            a, b = a[:, 1:], b[:, 1:]
        if abs(len(a) - len(b)) > 0:
            # A bar at the limit of length may fall on either side of it.
            a, b = a[(a[:, -1] - (a[:, 0] if dim else 0)) > 4e-5 * scale], b[(b[:, -1] - (b[:, 0] if dim else 0)) > 4e-5 * scale]
            if len(a) != len(b):
                return math.inf
        for column in range(a.shape[1]):
            worst = max(worst, float(np.max(np.abs(np.sort(a[:, column]) - np.sort(b[:, column])), initial=0.0)))
    return worst / scale


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--gapfield", required=True)
    p.add_argument("--ripser")
    p.add_argument("--holos")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--only", default="")
    p.add_argument("--out", help="also write the table here")
    a = p.parse_args()
    os.environ.update({k: str(a.threads) for k in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")})
    peers = ["gapfield"] + (["ripser"] if a.ripser else []) + (["holos-tda"] if a.holos else [])
    for name, module in [("giotto-ph", "gph"), ("gudhi", "gudhi.sklearn"), ("gudhi, collapse", "gudhi.sklearn")]:
        found = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode == 0
        peers += [name] if found else []
        if not found:
            print(f"{name} is not installed and left out", file=sys.stderr)
    ratios, lines = [], []

    def say(line):
        print(line, flush=True)
        lines.append(line)

    say(f"User CPU seconds / MB, above the program's own start, H0 and H1, full enclosing radius, {a.threads} thread(s), "
        f"least of {a.repeats} interleaved repeats (one where a program needs over {SLOW:.0f} s).\n")
    say("| case | " + " | ".join(peers) + " | best peer / gapfield |")
    say("|---" * (len(peers) + 2) + "|")
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run([sys.executable, __file__, "--make", folder, a.only], capture_output=True, text=True, check=True)
        names = json.loads(made.stdout)
        start = {}
        for at, name in enumerate(names):
            path, text = os.path.join(folder, f"{at}.npy"), os.path.join(folder, f"{at}.csv")
            best = {}
            for repeat in range(a.repeats):
                for peer in peers:
                    if peer == "gudhi, collapse" and name.startswith("gaussian") and not name.endswith("n 500"):
                        best[peer] = None  # it takes minutes there
                        continue
                    if peer in best and best[peer] is None or repeat and best[peer]["user"] > SLOW:
                        continue
                    try:
                        m = measure(peer, path, text, a, folder)
                    except RuntimeError as error:
                        print(error, file=sys.stderr)
                        best[peer] = None
                        continue
                    with open(os.path.join(folder, f"{peer}.bars"), "w") as f:
                        json.dump(m.pop("bars"), f)
                    if peer in ("gapfield", "ripser", "holos-tda"):
                        first = start.get(peer, {"user": 0.0, "mb": 0.0})
                        m["mb"] = max(m["mb"] - first["mb"], 0.0)
                        m["user"] = max(m["user"] - first["user"], 5e-4)
                    old = best.get(peer, m)
                    best[peer] = {k: min(m[k], old[k]) for k in m}
            if at == 0:
                start = {p: m for p, m in best.items() if m}
                continue
            for peer in peers[1:]:
                if best[peer] is None:
                    continue
                both = [os.path.join(folder, f"{p}.bars") for p in ("gapfield", peer)]
                done = subprocess.run([sys.executable, __file__, "--apart", *both], capture_output=True, text=True, check=True)
                off = float(done.stdout)
                if off > 1e-5:
                    print(f"{name}: {peer} differs by {off:.2g} of the largest scale", file=sys.stderr)
                    best[peer]["differs"] = True

            def cell(m):
                if m is None:
                    return "-"
                return f"{m['user']:.3f} / {m['mb']:.0f}" + (" (values differ)" if "differs" in m else "")

            quickest = min((best[p]["user"] for p in peers[1:] if best[p]), default=math.nan)
            ratio = quickest / best["gapfield"]["user"]
            ratios.append(ratio)
            say(f"| {name} | " + " | ".join(cell(best[p]) for p in peers) + f" | {ratio:.1f} |")
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    own = ", ".join(f"{p} {m['user']:.3f} s" for p, m in start.items() if p in ("gapfield", "ripser", "holos-tda"))
    say(f"\nStarts left out: {own}.")
    say(f"Geometric mean of best peer / gapfield: {mean:.1f}; least: {min(ratios):.1f}.")
    if a.out:
        with open(a.out, "w") as f:
            f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        in_python(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    elif sys.argv[1:2] == ["--make"]:
        make(sys.argv[2], sys.argv[3])
    elif sys.argv[1:2] == ["--apart"]:
        print(apart(*(json.load(open(path)) for path in sys.argv[2:4])))
    else:
        main()
