"""Learns to tell the sentence that answers a question, or that none does; needs PyTorch.

`python learn_cross.py PREPARED.npz MODEL.npz` reads what `prepare_cross.py` wrote, each question
once. `… LEARNT.npz 23505` goes on from a model already learnt, with the questions from that one on.
The first layers stay those of the model that reads passages. A question's sentences compete with
one another and with there being no answer, whose log-odds are 0.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformer import Layer, pack_layer, unpack

LAYERS, KEPT = 12, 4
MARKS = 3
DROPPED = 0.05
# The rate at which a model learns, and one that goes on.
RATE, RATE_ON = 1e-4, 5e-5
WARM_STEPS, LEAST_RATE = 60, 0.02
# Questions of a step; for each, its answers at most, other sentences of its text, of other texts.
QUESTIONS, ANSWERS, OWN, OTHERS = 12, 2, 3, 1
# How often the sentences of other texts are near ones, rather than any.
NEAR = 0.7
# Parts that a step's pairs are read in, by length: each is as wide as its longest pair.
PARTS = 5
SEED = 1
# Half-width numbers, where the processor multiplies them.
IS_HALF = torch.ops.mkldnn._is_mkldnn_bf16_supported()


class CrossReader(nn.Module):
    """The model to learn: from pairs of texts to the log-odds that the second answers."""

    def __init__(self, kept: dict[str, np.ndarray]) -> None:
        super().__init__()
        for name in ("words", "places"):
            self.register_buffer(name, torch.tensor(kept[name]))
        self.register_buffer("gain", torch.tensor(kept["emb.ln.w"]))
        self.register_buffer("shift", torch.tensor(kept["emb.ln.b"]))
        layers = [Layer(kept, number) for number in range(LAYERS)]
        self.first = nn.ModuleList(layers[:KEPT]).requires_grad_(requires_grad=False)
        self.last = nn.ModuleList(layers[KEPT:])
        width = self.gain.shape[0]
        self.marks = nn.Parameter(torch.zeros(2 * MARKS, width))
        self.head = nn.Linear(2 * width, 1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, numbers: Tensor, mask: Tensor, marks: Tensor) -> Tensor:
        x = self.words[numbers].float() + self.places[: numbers.shape[1]]
        x = functional.layer_norm(x, x.shape[-1:], self.gain, self.shift, 1e-12)
        hidden = torch.zeros(mask.shape).masked_fill(~mask, -1e9)[:, None, None, :]
        with torch.no_grad():
            for layer in self.first:
                x = layer(x, hidden)
        x = x + self.marks[marks]
        for layer in self.last:
            x = layer(x, hidden, DROPPED)
        x, weights = x.float(), mask.float()[..., None]
        mean = (x * weights).sum(1) / weights.sum(1)
        return self.head(torch.cat([x[:, 0], mean], -1))[:, 0]


@dataclass(frozen=True)
class Cut:
    """A text's pieces, and the term of the word that each belongs to, -1 for none."""

    numbers: np.ndarray
    terms: np.ndarray

    def mark(self, other: Cut, first: int) -> np.ndarray:
        """The mark of each piece beside `other`."""
        has_term = self.terms >= 0
        return first + has_term + (has_term & np.isin(self.terms, other.terms))


def collate(pairs: list[tuple[Cut, Cut]]) -> tuple[Tensor, Tensor, Tensor]:
    """Pairs as tables of piece numbers, of which cells are filled, and of marks."""
    longest = max(len(a.numbers) + len(b.numbers) for a, b in pairs)
    numbers = np.zeros((len(pairs), longest), np.int64)
    mask = np.zeros((len(pairs), longest), bool)
    marks = np.zeros((len(pairs), longest), np.int64)
    for row, (asked, told) in enumerate(pairs):
        both = np.concatenate([asked.numbers, told.numbers])
        numbers[row, : len(both)], mask[row, : len(both)] = both, True
        own = np.concatenate([asked.mark(told, 0), told.mark(asked, MARKS)])
        marks[row, : len(both)] = own
    return torch.tensor(numbers), torch.tensor(mask), torch.tensor(marks)


def score(model: CrossReader, pairs: list[tuple[Cut, Cut]]) -> Tensor:
    """The log-odds of each pair."""
    order = np.argsort([len(a.numbers) + len(b.numbers) for a, b in pairs], kind="stable")
    parts = np.array_split(order, PARTS)
    odds = torch.cat([model(*collate([pairs[at] for at in part])).float() for part in parts])
    return odds[torch.tensor(np.argsort(order))]


def weigh(odds: Tensor, is_answer: Tensor) -> Tensor:
    """How far a question's answers, or there being none, are from coming first."""
    whole = torch.logsumexp(torch.cat([odds, torch.zeros(1)]), 0)
    return whole - torch.logsumexp(odds[is_answer], 0) if is_answer.any() else whole


def take_up(kept: dict[str, np.ndarray], learnt: dict[str, np.ndarray]) -> CrossReader:
    """A model as `export` wrote it."""
    scales = {
        name: learnt[f"{name}.scales"][:, None] for name in learnt if f"{name}.scales" in learnt
    }
    whole = {name: one * scales.get(name, np.float32(1)) for name, one in learnt.items()}
    model = CrossReader(kept | whole)
    with torch.no_grad():
        model.marks.copy_(torch.tensor(learnt["marks"]).view_as(model.marks))
        model.head.weight.copy_(torch.tensor(learnt["head.w"])[None])
        model.head.bias.copy_(torch.tensor(learnt["head.b"]))
    return model


def learn(kept: dict[str, np.ndarray], model: CrossReader, first: int, rate: float) -> None:
    """Teach `model` the questions from `first` on, each once; prints its progress."""
    draw = np.random.default_rng(SEED)
    asked, told = (
        [Cut(*both) for both in zip(unpack(kept, name), unpack(kept, f"{name}_terms"), strict=True)]
        for name in ("asked", "told")
    )
    answers, own, others = (unpack(kept, name) for name in ("answers", "own", "others"))
    steps = (len(asked) - first) // QUESTIONS
    learnt = [one for one in model.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(learnt, lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min(1.0, (step + 1) / WARM_STEPS) * max(LEAST_RATE, 1 - step / steps),
    )

    def choose(question: int) -> tuple[list[int], int]:
        """The sentences set against one another for a question, its answers first."""
        right = answers[question][:ANSWERS]
        near = own[question][: OWN + 2]
        near = near[np.sort(draw.permutation(len(near))[:OWN])]
        far = others[question]
        if draw.random() >= NEAR:
            alike = (*answers[question], *own[question])
            far = np.setdiff1d(draw.integers(0, len(told), 20), alike)
        chosen = np.concatenate([right, near, draw.choice(far, OTHERS, replace=False)])
        return chosen.astype(int).tolist(), len(right)

    order = first + draw.permutation(len(asked) - first)
    for step in range(1, steps + 1):
        group = order[(step - 1) * QUESTIONS : step * QUESTIONS].tolist()
        chosen = [choose(question) for question in group]
        pairs = [
            (asked[question], told[place])
            for question, (places, _) in zip(group, chosen, strict=True)
            for place in places
        ]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=IS_HALF):
            odds = score(model, pairs)
        parts = torch.split(odds, [len(places) for places, _ in chosen])
        loss = torch.stack(
            [
                weigh(part, torch.arange(len(part)) < right)
                for part, (_, right) in zip(parts, chosen, strict=True)
            ]
        ).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            sys.stdout.write(f"{step}/{steps} {loss.item():.3f}\n")
            sys.stdout.flush()


def export(model: CrossReader, target: Path) -> None:
    """Write the layers learnt, the marks and the head."""
    found = {
        "marks": model.marks.detach().numpy().ravel(),
        "head.w": model.head.weight.detach().numpy()[0],
        "head.b": model.head.bias.detach().numpy(),
    }
    for number, layer in enumerate(model.last):
        found |= pack_layer(layer, KEPT + number)
    np.savez_compressed(target, **found)


def open_arrays(path: str) -> dict[str, np.ndarray]:
    """The arrays of a file, by name."""
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def main(prepared: str, target: str, learnt: str | None = None, first: str = "0") -> None:
    """Learn from nothing or go on from `learnt`, then write `target`."""
    torch.manual_seed(SEED)
    kept = open_arrays(prepared)
    model = take_up(kept, open_arrays(learnt)) if learnt else CrossReader(kept)
    learn(kept, model, int(first), RATE_ON if learnt else RATE)
    export(model, Path(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
