"""What the learning scripts share: a layer of the model, and how its weights are kept."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

HEADS = 12
# Whole numbers of seven bits, as the product runs them.
MOST = 63
MATRICES = ("ao", "fi", "fo")
NORMS = ("aln", "oln")


class Layer(nn.Module):
    """A layer of the model, its weights to learn."""

    def __init__(self, kept: dict[str, np.ndarray], number: int) -> None:
        super().__init__()

        def take(name: str) -> Tensor:
            return torch.tensor(kept[f"l{number}.{name}"])

        self.mix = nn.Parameter(torch.cat([take(f"{one}.w") for one in "qkv"]))
        self.mix_bias = nn.Parameter(torch.cat([take(f"{one}.b") for one in "qkv"]))
        for name in MATRICES + NORMS:
            setattr(self, name, nn.Parameter(take(f"{name}.w")))
            setattr(self, f"{name}_bias", nn.Parameter(take(f"{name}.b")))

    def forward(self, x: Tensor, mask: Tensor, dropped: float = 0.0) -> Tensor:
        count, length, width = x.shape
        parts = functional.linear(x, self.mix, self.mix_bias).view(
            count, length, 3, HEADS, width // HEADS
        )
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = functional.linear(seen.transpose(1, 2).reshape(x.shape), self.ao, self.ao_bias)
        seen = functional.dropout(seen, dropped)
        x = functional.layer_norm(x + seen, (width,), self.aln, self.aln_bias, 1e-12)
        wide = functional.gelu(functional.linear(x, self.fi, self.fi_bias))
        narrow = functional.dropout(functional.linear(wide, self.fo, self.fo_bias), dropped)
        return functional.layer_norm(x + narrow, (width,), self.oln, self.oln_bias, 1e-12)


def pack_layer(layer: Layer, number: int) -> dict[str, np.ndarray]:
    """The weights of a layer by name: whole numbers and a scale by row, floats else."""
    found: dict[str, np.ndarray] = {}

    def keep(name: str, matrix: np.ndarray, bias: np.ndarray) -> None:
        scales = np.maximum(np.abs(matrix).max(axis=1), np.finfo(np.float32).tiny) / MOST
        found[f"{name}.w"] = np.rint(matrix / scales[:, None]).astype(np.int8)
        found[f"{name}.w.scales"] = scales.astype(np.float32)
        found[f"{name}.b"] = bias

    weights = {name: one.detach().numpy() for name, one in layer.named_parameters()}
    parts = np.split(weights["mix"], 3), np.split(weights["mix_bias"], 3)
    for name, matrix, bias in zip("qkv", *parts, strict=True):
        keep(f"l{number}.{name}", matrix, bias)
    for name in MATRICES:
        keep(f"l{number}.{name}", weights[name], weights[f"{name}_bias"])
    for name in NORMS:
        found[f"l{number}.{name}.w"] = weights[name]
        found[f"l{number}.{name}.b"] = weights[f"{name}_bias"]
    return found


def unpack(kept: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """Lists of numbers, of which the whole and the lengths are kept."""
    return np.split(kept[name], np.cumsum(kept[f"{name}.lengths"])[:-1])
