"""Learns the weights, in an environment of its own: `python apart.py FOLDER`.

FOLDER holds `questions.json` and `weights.npz`, written by `evals.cross_encoder`; `learnt.npz` is
added to it. Every layer learns; the vectors of words do not.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

CORES = 2
SEED = 0
BATCH = 8
LONGEST = 104
DROPOUT = 0.1
LEARNING_RATE, HEAD_RATE, WARMING = 5e-5, 1e-3, 50
DECAY, MOST_GRADIENT = 0.01, 1.0
# An answering sentence weighs as much as the others of its question.
ANSWER_WEIGHT = 3.0
RANKING_WEIGHT = 0.5
READ = 4
# How often a sentence is read without its titles.
ALONE = 0.25
MASKED = -1e9
REACH_QUESTIONS = 150
PARTS = ("q", "k", "v", "ao", "fi", "fo")
NORMS = ("aln", "oln")

Pair = tuple[list[int], int]


class Layer(nn.Module):
    """Attention, then the inner layer, as the passage model has them."""

    def __init__(self, number: int, heads: int, epsilon: float, weights: Any) -> None:
        super().__init__()
        self.heads, self.epsilon = heads, epsilon
        # How far from zero the inputs of each matrix go, once it no longer learns.
        self.reach: dict[str, torch.Tensor] = {}
        for name in (*PARTS, *NORMS):
            for kind in "wb":
                value = torch.tensor(weights[f"l{number}.{name}.{kind}"])
                self.register_parameter(f"{name}_{kind}", nn.Parameter(value))

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States of shape (texts, pieces, width), the next ones."""
        texts, pieces, width = states.shape
        split = (texts, pieces, self.heads, width // self.heads)
        q, k, v = (self._project(name, states).view(split).transpose(1, 2) for name in "qkv")
        dropout = DROPOUT if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)
        attended = self._project("ao", mixed.transpose(1, 2).reshape(texts, pieces, width))
        states = self._normalise(
            "aln", states + functional.dropout(attended, DROPOUT, self.training)
        )
        inner = self._project("fo", functional.gelu(self._project("fi", states)))
        return self._normalise("oln", states + functional.dropout(inner, DROPOUT, self.training))

    def _project(self, name: str, states: torch.Tensor) -> torch.Tensor:
        if name not in "kv" and not self.training:
            gone = states.detach().abs().amax((0, 1))
            self.reach[name] = torch.maximum(self.reach.get(name, gone), gone)
        return functional.linear(states, getattr(self, f"{name}_w"), getattr(self, f"{name}_b"))

    def _normalise(self, name: str, states: torch.Tensor) -> torch.Tensor:
        gain, shift = getattr(self, f"{name}_w"), getattr(self, f"{name}_b")
        return functional.layer_norm(states, states.shape[-1:], gain, shift, self.epsilon)


class Reader(nn.Module):
    """From a question and a sentence, as pieces, to the logarithm of the odds that it answers."""

    def __init__(self, weights: Any, sizes: dict[str, Any]) -> None:
        super().__init__()
        width, self.epsilon = sizes["width"], sizes["epsilon"]
        self.words = nn.Embedding.from_pretrained(torch.tensor(weights["words"]), freeze=True)
        self.register_buffer("places", torch.tensor(weights["places"]))
        self.sides = nn.Parameter(torch.zeros(2, width))
        self.gain = nn.Parameter(torch.tensor(weights["emb.ln.w"]))
        self.shift = nn.Parameter(torch.tensor(weights["emb.ln.b"]))
        self.layers = nn.ModuleList(
            Layer(number, sizes["heads"], self.epsilon, weights)
            for number in range(sizes["layers"])
        )
        self.head = nn.Linear(2 * width, 1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(
        self, pieces: torch.Tensor, sides: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """One number by pair: the inputs have shape (pairs, pieces)."""
        states = self.words(pieces) + self.places[: pieces.shape[1]] + self.sides[sides]
        states = functional.layer_norm(
            states, states.shape[-1:], self.gain, self.shift, self.epsilon
        )
        hidden = torch.zeros(mask.shape).masked_fill(~mask, MASKED)[:, None, None]
        for layer in self.layers:
            states = layer(states, hidden)
        said = (mask & (sides == 1)).float()[..., None]
        mean = (states * said).sum(1) / said.sum(1)
        return self.head(torch.cat([states[:, 0], mean], -1))[:, 0]

    def list_learnt(self) -> dict[str, np.ndarray]:
        """The tensors by the names that the product reads."""
        tensors = {
            "sides": self.sides, "head": self.head.weight[0], "bias": self.head.bias,
            "emb.ln.w": self.gain, "emb.ln.b": self.shift,
        }  # fmt: skip
        for number, layer in enumerate(self.layers):
            for name in (*PARTS, *NORMS):
                for kind in "wb":
                    tensors[f"l{number}.{name}.{kind}"] = getattr(layer, f"{name}_{kind}")
            tensors |= {f"l{number}.{name}.reach": gone for name, gone in layer.reach.items()}
        return {name: tensor.detach().numpy() for name, tensor in tensors.items()}


def pair(question: Sequence[int], sentence: Sequence[int], ends: tuple[int, int]) -> Pair:
    """A question and a sentence as one text, and where the sentence starts."""
    first, last = ends
    before = [first, *question, last]
    return [*before, last, *sentence[: LONGEST - len(before) - 2], last], len(before)


def collate(pairs: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pieces, sides and mask of pairs of different lengths."""
    shape = (len(pairs), max(len(pieces) for pieces, _ in pairs))
    pieces, sides = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.bool)
    for row, (own, start) in enumerate(pairs):
        pieces[row, : len(own)] = torch.tensor(own)
        sides[row, start : len(own)] = 1
        mask[row, : len(own)] = True
    return pieces, sides, mask


def draw(question: dict[str, Any]) -> list[tuple[list[int], float]]:
    """Sentences to read for a question, and whether each answers: those that do, a few others."""
    is_alone = random.random() < ALONE  # noqa: S311 - no secret is drawn
    sentences = question["alone" if is_alone else "placed"]
    answers = question["answers"]
    others = [place for place in range(len(sentences)) if place not in answers]
    few = random.sample(others, min(len(others), READ - min(1, len(answers))))
    return [(sentences[place], float(place in answers)) for place in (*answers, *few)]


def lose(scores: torch.Tensor, truths: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """Each sentence judged alone, and against the others of its question."""
    ranking = [
        -torch.logsumexp(functional.log_softmax(scores[own], 0)[truths[own] == 1], 0)
        for number in range(int(groups.max()) + 1)
        if truths[own := groups == number].any()
    ]
    alone = functional.binary_cross_entropy_with_logits(
        scores, truths, pos_weight=torch.tensor(ANSWER_WEIGHT)
    )
    return alone + RANKING_WEIGHT * sum(ranking) / max(1, len(ranking))


def learn(folder: Path) -> None:
    """Learn from the passes of `questions.json`, and write `learnt.npz`."""
    given = json.loads((folder / "questions.json").read_text())
    model = Reader(np.load(folder / "weights.npz"), given["sizes"])
    ends = (given["first"], given["last"])
    body = [tensor for name, tensor in model.named_parameters()
            if tensor.requires_grad and not name.startswith("head")]  # fmt: skip
    optimiser = torch.optim.AdamW(
        [{"params": body}, {"params": model.head.parameters()}], weight_decay=DECAY
    )
    batches = [
        one[first : first + BATCH]
        for one in (random.sample(own, len(own)) for own in given["passes"])
        for first in range(0, len(one), BATCH)
    ]
    started = time.monotonic()
    for step, batch in enumerate(batches):
        share = min(1.0, (step + 1) / WARMING) * max(0.02, 1 - step / len(batches))
        for group, rate in zip(optimiser.param_groups, (LEARNING_RATE, HEAD_RATE), strict=True):
            group["lr"] = rate * share
        read = [(number, given["questions"][place]) for number, place in enumerate(batch)]
        rows = [(number, pair(question["question"], sentence, ends), truth)
                for number, question in read for sentence, truth in draw(question)]  # fmt: skip
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = model(*collate([row[1] for row in rows]))
        truths, groups = (torch.tensor([row[at] for row in rows]) for at in (2, 0))
        loss = lose(scores.float(), truths, groups)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MOST_GRADIENT)
        optimiser.step()
        if step % 50 == 0 and math.isfinite(loss.item()):
            spent = time.monotonic() - started
            sys.stderr.write(f"{step} / {len(batches)}, perte {loss.item():.3f}, {spent:.0f} s\n")
    model.eval()
    with torch.no_grad():
        for place in random.sample(given["passes"][-1], REACH_QUESTIONS):
            question = given["questions"][place]
            for sentence, _ in draw(question):
                model(*collate([pair(question["question"], sentence, ends)]))
    np.savez(folder / "learnt.npz", **model.list_learnt())


if __name__ == "__main__":
    torch.set_num_threads(CORES)
    torch.manual_seed(SEED)
    random.seed(SEED)
    learn(Path(sys.argv[1]))
