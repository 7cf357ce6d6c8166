"""Builds assets/fonts and assets/colormaps from their upstream packages (run once; outputs are committed).
Inter 4 (OFL-1.1, Debian fonts-inter), JetBrains Mono (OFL-1.1, Debian fonts-jetbrains-mono), Phosphor icons 2.1
(MIT, npm @phosphor-icons/web), Crameri colour maps (MIT, pip cmcrameri), viridis (CC0, matplotlib's table via cmcrameri's peer)."""
import json, re, sys, os, io
from fontTools import subset
from fontTools.ttLib import TTFont
out = sys.argv[1]
os.makedirs(out + "/fonts", exist_ok=True); os.makedirs(out + "/colormaps", exist_ok=True)
I = "/usr/share/fonts/opentype/inter/Inter-%s.otf"
J = "/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-%s.ttf"
def uni(*ranges):
    s = set()
    for a, b in ranges: s |= set(range(a, b + 1))
    return s
TEXT = uni((0x20, 0x7e), (0xa0, 0x17f), (0x1cd,0x1dc), (0x218, 0x21b), (0x2c6, 0x2dd), (0x300,0x33f), (0x370, 0x3ff), (0x400, 0x45f), (0x490,0x491), (0x1e80,0x1e85),(0x1ea0,0x1ef9), (0x2000, 0x206f), (0x2070, 0x209c), (0x20ac, 0x20ac), (0x2100, 0x214f), (0x2190, 0x21ff), (0x2200, 0x22ff), (0x2300,0x23cf), (0x25a0, 0x25ff), (0x2713,0x2717))
LATIN = uni((0x20, 0x7e), (0xa0, 0x17f), (0x2010, 0x2026), (0x2030, 0x203a), (0x2190, 0x2193), (0x2212, 0x2212), (0x2248,0x2248), (0x2260, 0x2265), (0x3b1,0x3c9), (0x394,0x394), (0x2009,0x2009), (0x202f,0x202f),(0x221e,0x221e),(0xb1,0xb1),(0x2070,0x2079),(0x2080,0x2089))
def opts(**k):
    o = subset.Options(); o.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]; o.name_IDs = ["*"]; o.notdef_outline = True
    o.hinting = False; o.desubroutinize = True
    for a, b in k.items(): setattr(o, a, b)
    return o
def do(src, dst, unicodes, mutate=None, **k):
    f = TTFont(src)
    if mutate: mutate(f)
    s = subset.Subsetter(opts(**k)); s.populate(unicodes=unicodes); s.subset(f)
    if dst.endswith("woff2"): f.flavor = "woff2"
    f.save(dst); print(dst, os.path.getsize(dst))
def tnum(f):
    g = f["GSUB"].table
    idx = set()
    for r in g.FeatureList.FeatureRecord:
        if r.FeatureTag == "tnum": idx |= set(r.Feature.LookupListIndex)
    m = {}
    for i in idx:
        for st in g.LookupList.Lookup[i].SubTable:
            st = getattr(st, "ExtSubTable", st)
            m.update(st.mapping)
    for t in f["cmap"].tables:
        for c, n in list(t.cmap.items()):
            if n in m: t.cmap[c] = m[n]
    del f["GSUB"]
    global TN; TN = {c for c, n in TTFont_c.items() if n in m}
for w in ["Regular", "Medium", "SemiBold"]:
    do(I % w, f"{out}/fonts/Inter-{w}.otf", TEXT)
    TTFont_c = TTFont(I % w).getBestCmap(); TN = set()
    f = TTFont(I % w); tnum(f); keep = {c for c in TN if c < 0x2213}
    do(I % w, f"{out}/fonts/InterTabular-{w}.otf", keep | {0x20}, mutate=tnum, layout_features=[])
print(sorted(map(chr, keep)))
do(J % "Regular", f"{out}/fonts/JetBrainsMono-Regular.ttf", TEXT, layout_features=[])
for w in ["Regular", "SemiBold"]:
    do(I % w, f"{out}/fonts/figure-{w}.woff2", LATIN, layout_features=["kern"])
# icons
sel = json.load(open("package/src/regular/selection.json"))
want = """house database graduation-cap grid-four squares-four table chart-scatter graph polygon share-network waveform sliders-horizontal plus x minus check check-circle warning warning-circle info question gear gear-six sun moon cpu magnifying-glass caret-down caret-up caret-left caret-right funnel folder-open folder upload-simple download-simple export share play pause stop skip-back skip-forward repeat rewind push-pin dots-three dots-three-vertical list list-bullets arrow-up arrow-down arrow-right arrow-left arrow-up-right copy pencil-simple trash clock-counter-clockwise clock eye eye-slash lock crosshair crosshair-simple corners-out arrows-out arrows-out-simple frame-corners image file file-text file-csv chart-line chart-bar chart-bar-horizontal tree-structure sort-ascending sort-descending arrows-down-up seal-check shield-check timer hard-drives memory monitor command keyboard selection selection-all lasso columns rows text-align-left bookmark-simple tag link circle circle-half circle-dashed square hash arrows-clockwise arrow-clockwise arrow-counter-clockwise flask palette camera film-strip scissors broadcast scales chat-text chats-circle user robot hourglass download tray-arrow-down bell bug plug chart-polar chart-donut math-operations function intersect exclude sidebar sidebar-simple layout eyeglasses path wave-sine wave-square circuitry lightning""".split()
cps = {}
for i in sel["icons"]:
    for n in i["properties"]["name"].split(","):
        cps[n.strip()] = i["properties"]["code"]
have = {n: cps[n] for n in want if n in cps}
print("missing icons:", [n for n in want if n not in cps])
do("package/src/regular/Phosphor.ttf", f"{out}/fonts/phosphor.ttf", set(have.values()), layout_features=[], name_IDs=[])
with open(f"{out}/fonts/phosphor.csv", "w") as h:
    for n in sorted(have): h.write(f"{n},{have[n]:x}\n")
# colour maps: 256 x RGB bytes
for n in ["batlow", "vik", "berlin", "romaO", "lipari", "grayC"]:
    rows = [list(map(float, l.split())) for l in open(f"cmcrameri/cmaps/{n}.txt") if l.strip()]
    assert len(rows) == 256, (n, len(rows))
    open(f"{out}/colormaps/{n}.rgb", "wb").write(bytes(min(255, max(0, round(v * 255))) for r in rows for v in r))
