"""The peer of `benches/scorers.rs`: the same two scorers in eager PyTorch, as a prototype would write them.

One job is five dimensions. `separate` trains and scores five modules one after another (nn.Linear, nn.GRUCell,
nn.LayerNorm); `stacked` computes all five at once with batched products. Prints one JSON object a line.
"""

import argparse
import json
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

DIMS = 5
TURNS = 2502


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


class Heads(nn.Module):
    """All heads; `read` gives them from the body's state."""

    def __init__(self, width, embedding, tiny):
        super().__init__()
        names = ["score", "logvar", "disagree", "consistency", "ood", "temp", "halt"] + (["agree", "sens"] if tiny else [])
        self.heads = nn.ModuleDict({n: nn.Linear(width, 1) for n in names})
        self.aux3 = nn.Linear(width, 3)
        self.recon = nn.Linear(width, embedding)

    def read(self, state, halt, y):
        out = {n: h(state) for n, h in self.heads.items() if n != "halt"}
        tau = 0.5 + 0.5 * F.softplus(out["temp"])
        recon = self.recon(state)
        out.update(
            state=state,
            halt=halt,
            log_var=out["logvar"].clamp(-5, 5),
            score=torch.sigmoid(out["score"] / tau),
            aux3=self.aux3(state),
            recon=F.cosine_similarity(recon, y, dim=-1).unsqueeze(-1),
        )
        return out


class Tiny(Heads):
    def __init__(self, d=384, layers=2, recursions=6, dropout=0.1):
        super().__init__(d, d, True)
        self.z_proj = nn.Linear(3 * d, d)
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(layers))
        self.mlps = nn.ModuleList(
            nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * d, d)) for _ in range(layers)
        )
        self.final = nn.LayerNorm(d)
        self.enc, self.enc_norm, self.dec = nn.Linear(d, d // 2), nn.LayerNorm(d // 2), nn.Linear(d // 2, d)
        self.recursions = recursions

    def forward(self, x, y):
        z, halt = torch.zeros_like(x), None
        for _ in range(self.recursions):
            h = torch.tanh(self.z_proj(torch.cat([x, y, z], -1)))
            for norm, mlp in zip(self.norms, self.mlps):
                h = h + mlp(norm(h))
            logit = self.heads["halt"](self.final(h))
            halt = logit if halt is None else torch.maximum(halt, logit)
            z = z + 0.1 * h
        last = self.final(z)
        return self.read(last + self.dec(self.enc_norm(torch.relu(self.enc(last)))), halt, y)


class Hrm(Heads):
    def __init__(self, d=384, h=256, l=128, cycles=4, steps=4, dropout=0.1):
        super().__init__(h, d, False)
        self.project, self.norm, self.drop = nn.Linear(2 * d, h), RmsNorm(h), nn.Dropout(dropout)
        self.fast, self.fast_norm = nn.GRUCell(2 * h, l), RmsNorm(l)
        self.slow, self.slow_norm = nn.GRUCell(l + h, h), RmsNorm(h)
        self.final = RmsNorm(h)
        self.h, self.l, self.cycles, self.steps = h, l, cycles, steps

    def forward(self, x, y):
        inp = self.drop(self.norm(self.project(torch.cat([x, y], -1))))
        zl, zh = x.new_zeros(x.shape[0], self.l), x.new_zeros(x.shape[0], self.h)
        halt = None
        for _ in range(self.cycles):
            for _ in range(self.steps):
                zl = self.fast_norm(self.fast(torch.cat([inp, zh], -1), zl))
            zh = self.slow_norm(self.slow(torch.cat([zl, zh], -1), zh))
            state = self.final(zh)
            logit = self.heads["halt"](state)
            halt = logit if halt is None else torch.maximum(halt, logit)
        return self.read(state, halt, y)


class StackedLinear(nn.Module):
    """Five Linear layers as one batched product on `[5, rows, in]`."""

    def __init__(self, layers):
        super().__init__()
        self.w = nn.Parameter(torch.stack([l.weight.detach().T.contiguous() for l in layers]))
        self.b = nn.Parameter(torch.stack([l.bias.detach().unsqueeze(0) for l in layers]))

    def forward(self, x):
        return torch.baddbmm(self.b, x, self.w)


class StackedLayerNorm(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.g = nn.Parameter(torch.stack([l.weight.detach().unsqueeze(0) for l in layers]))
        self.b = nn.Parameter(torch.stack([l.bias.detach().unsqueeze(0) for l in layers]))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:]) * self.g + self.b


class StackedRmsNorm(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.weight = nn.Parameter(torch.stack([l.weight.detach().unsqueeze(0) for l in layers]))

    def forward(self, x):
        return x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


class StackedGru(nn.Module):
    def __init__(self, cells):
        super().__init__()
        stack = lambda name: nn.Parameter(torch.stack([getattr(c, name).detach() for c in cells]))
        self.wi, self.wh = stack("weight_ih"), stack("weight_hh")
        self.bi, self.bh = stack("bias_ih"), stack("bias_hh")

    def forward(self, x, h):
        i = torch.baddbmm(self.bi.unsqueeze(1), x, self.wi.mT)
        s = torch.baddbmm(self.bh.unsqueeze(1), h, self.wh.mT)
        (ir, iz, inn), (sr, sz, sn) = i.chunk(3, -1), s.chunk(3, -1)
        r, z = torch.sigmoid(ir + sr), torch.sigmoid(iz + sz)
        n = torch.tanh(inn + r * sn)
        return n + z * (h - n)


def stack(models):
    """One module that computes all five: every leaf layer is replaced by its stacked form."""
    forms = {nn.Linear: StackedLinear, nn.LayerNorm: StackedLayerNorm, RmsNorm: StackedRmsNorm, nn.GRUCell: StackedGru}
    first = models[0]

    def visit(modules):
        for name, _ in list(modules[0].named_children()):
            children = [m._modules[name] for m in modules]
            form = forms.get(type(children[0]))
            if form:
                modules[0]._modules[name] = form(children)
            else:
                visit(children)

    visit(models)
    if isinstance(first, Hrm):
        first.forward = lambda x, y: stacked_hrm(first, x, y)
    return first


def stacked_hrm(m, x, y):
    inp = m.drop(m.norm(m.project(torch.cat([x, y], -1))))
    zl, zh = x.new_zeros(*x.shape[:-1], m.l), x.new_zeros(*x.shape[:-1], m.h)
    halt = None
    for _ in range(m.cycles):
        for _ in range(m.steps):
            zl = m.fast_norm(m.fast(torch.cat([inp, zh], -1), zl))
        zh = m.slow_norm(m.slow(torch.cat([zl, zh], -1), zh))
        state = m.final(zh)
        logit = m.heads["halt"](state)
        halt = logit if halt is None else torch.maximum(halt, logit)
    return m.read(state, halt, y)


def loss_of(out, target, ood, mask, rows):
    """The terms of the first phase; rows behind the first `rows` are made up and teach `ood` only."""
    cut = lambda t: t[..., :rows, :]
    score, log_var, state = cut(out["score"]), cut(out["log_var"]), cut(out["state"]).detach()
    off = (score - target).detach().abs()
    terms = [
        (torch.exp(-log_var) * (score - target) ** 2 + log_var).mean(),
        0.3 * F.cross_entropy(cut(out["aux3"]).flatten(0, -2), (target * 3).long().clamp(0, 2).flatten()),
        0.3 * F.smooth_l1_loss(torch.sigmoid(cut(out["disagree"])), off),
        0.2 * (1 - cut(out["recon"])).mean(),
        0.2 * F.mse_loss(torch.sigmoid(cut(out["consistency"])), (F.cosine_similarity(state, state * mask, dim=-1).unsqueeze(-1) + 1) / 2),
        0.1 * F.binary_cross_entropy_with_logits(out["ood"], ood.expand_as(out["ood"])),
        0.05 * F.binary_cross_entropy_with_logits(cut(out["halt"]), (off < 0.1).float()),
    ]
    if "sens" in out:
        terms.append(0.1 * F.mse_loss(torch.sigmoid(cut(out["sens"])), off))
    return sum(terms)


def embeddings(rows, d, device):
    return F.normalize(torch.randn(rows, d, device=device), dim=-1)


def synchronise(device):
    if device == "cuda":
        torch.cuda.synchronize()


def timed(run, device, seconds, least=5):
    """Seconds of each run after two warm-ups, for about so long."""
    run(), run()
    synchronise(device)
    times, start, cpu = [], time.perf_counter(), time.process_time()
    while len(times) < least or time.perf_counter() - start < seconds:
        at = time.perf_counter()
        run()
        synchronise(device)
        times.append(time.perf_counter() - at)
    return times, (time.process_time() - cpu) / len(times)


def report(args, scorer, job, batch, measured, work):
    times, cpu = measured
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gpu = torch.cuda.max_memory_allocated() / 2**20 if args.device == "cuda" else None
    line = dict(side=f"torch {args.form}", device=args.device, scorer=scorer, job=job, batch=batch, runs=len(times))
    line.update(median_s=statistics.median(times), best_s=min(times), per_s=work / statistics.median(times))
    line.update(cpu_s=cpu, peak_mib=round(rss, 1), gpu_mib=gpu)
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--form", choices=["separate", "stacked"], default="separate")
    parser.add_argument("--scorer", choices=["hrm", "tiny"], required=True)
    parser.add_argument("--job", choices=["train", "score"], required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--width", type=int, default=384)
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(args.threads)
    device, d = args.device, args.width
    kind = Tiny if args.scorer == "tiny" else Hrm
    models = [kind(d).to(device) for _ in range(DIMS)]
    stacked = args.form == "stacked"
    if stacked:
        models = [stack(models).to(device)]
    if args.job == "train":
        rows, made_up = args.batch, round(args.batch / 4)
        x, y = embeddings(rows + made_up, d, device), embeddings(rows + made_up, d, device)
        ood = (torch.arange(rows + made_up, device=device) >= rows).float().unsqueeze(-1)
        width = d if args.scorer == "tiny" else 256
        targets = [torch.rand(DIMS, rows, 1, device=device)] if stacked else [torch.rand(rows, 1, device=device) for _ in range(DIMS)]
        optimisers = [torch.optim.AdamW(m.parameters(), lr=1e-4, weight_decay=1e-2) for m in models]

        def step():
            for model, optimiser, target in zip(models, optimisers, targets):
                mask = (torch.rand(rows, width, device=device) >= 0.1).float()
                a, b = (t.expand(DIMS, -1, -1) for t in (x, y)) if stacked else (x, y)
                loss = loss_of(model(a, b), target, ood, mask, rows) * (DIMS if stacked else 1)
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                optimiser.step()

        report(args, args.scorer, "train", args.batch, timed(step, device, args.seconds), 1)
    else:
        x, y = embeddings(args.turns, d, device), embeddings(args.turns, d, device)
        for model in models:
            model.eval()

        @torch.inference_mode()
        def score():
            for model in models:
                parts = []
                for at in range(0, args.turns, args.batch):
                    a, b = x[at : at + args.batch], y[at : at + args.batch]
                    if stacked:
                        a, b = a.expand(DIMS, -1, -1), b.expand(DIMS, -1, -1)
                    out = model(a, b)
                    parts.append(torch.cat([out[n] for n in ("score", "log_var", "disagree", "consistency", "ood", "halt", "recon")], -1))
                torch.cat(parts, -2).cpu()

        report(args, args.scorer, "score", args.batch, timed(score, device, args.seconds, 3), args.turns)


if __name__ == "__main__":
    main()
