"""Writes the PyTorch checkpoints of this folder: pip install torch safetensors; python make.py

`tiny.pt` is the state dict of a Tiny of width 8 built from PyTorch's own modules, `training.pt` the same in half
precision inside what a training script saves, `views.pt` two tensors that share a storage (one transposed);
`tiny.safetensors` and `views.safetensors` hold the numbers they must give.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).parent
D = 8


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln = nn.LayerNorm(D)
        self.mlp = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * D, D))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_attn = nn.LayerNorm(D)
        self.attn = nn.MultiheadAttention(D, 2, batch_first=True)
        self.ff = FeedForward()


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.z_proj = nn.Linear(3 * D, D)
        self.core = nn.ModuleList([Block()])
        self.final_ln = nn.LayerNorm(D)
        self.sae_enc = nn.Sequential(nn.Linear(D, D // 2), nn.ReLU(), nn.LayerNorm(D // 2))
        self.sae_dec = nn.Linear(D // 2, D)
        for head in ["score", "logvar", "disagree", "consistency", "ood", "temp", "halt", "agree", "causal_sens"]:
            setattr(self, f"{head}_head", nn.Linear(D, 1))
        self.aux3_head = nn.Linear(D, 3)
        self.recon_head = nn.Linear(D, D)


torch.manual_seed(7)
model = Tiny()
state = model.state_dict()
torch.save(state, HERE / "tiny.pt")
save_file(state, HERE / "tiny.safetensors")
half = {name: tensor.half() for name, tensor in state.items()}
optimiser = torch.optim.AdamW(model.parameters())
torch.save({"epoch": 3, "loss": 0.25, "model_state_dict": half, "optimizer": optimiser.state_dict()}, HERE / "training.pt")
base = torch.arange(12, dtype=torch.float64).reshape(3, 4)
views = {"transposed": base.t(), "row": base[1], "one": nn.Parameter(torch.tensor([1.5], dtype=torch.bfloat16))}
torch.save(views, HERE / "views.pt")
save_file({name: t.detach().float().contiguous() for name, t in views.items()}, HERE / "views.safetensors")
