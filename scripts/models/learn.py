"""Learns the model that reads questions, from what `prepare.py` wrote; needs PyTorch.

`python learn.py PREPARED.npz MODEL.npz`. It starts as six of the twelve layers of the model that
reads passages, and first learns to give every text the vector that the twelve give it. Then each
question of the texts is also brought nearer to the sentences that answer it than to their
neighbours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformer import Layer, pack_layer, unpack

LAYERS = (0, 2, 4, 8, 10, 11)
LEAST_RATE = 0.02
TEXTS, PAIRS, CHUNK = 96, 48, 64
PIECES = 64
NEAR, ALIKE, PAIR, HEAT = 20.0, 50.0, 0.3, 0.03
SEED = 3


class Reader(nn.Module):
    """The model to learn: some layers of the one it imitates."""

    def __init__(self, kept: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.register_buffer("words", torch.tensor(kept["words"]))
        self.register_buffer("places", torch.tensor(kept["places"]))
        self.gain = nn.Parameter(torch.tensor(kept["emb.ln.w"]))
        self.shift = nn.Parameter(torch.tensor(kept["emb.ln.b"]))
        self.layers = nn.ModuleList(Layer(kept, number) for number in LAYERS)

    def forward(self, numbers: Tensor, mask: Tensor) -> Tensor:
        x = self.words[numbers] + self.places[: numbers.shape[1]]
        x = functional.layer_norm(x, x.shape[-1:], self.gain, self.shift, 1e-12)
        hidden = torch.zeros(mask.shape).masked_fill(~mask, -1e9)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, hidden)
        weights = mask.float()[..., None]
        return functional.normalize((x.float() * weights).sum(1) / weights.sum(1), dim=-1)


def collate(texts: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Texts as one table of piece numbers, and which of its cells are filled."""
    cut = [one if len(one) <= PIECES else np.append(one[: PIECES - 1], one[-1]) for one in texts]
    longest = max(len(text) for text in cut)
    numbers = torch.zeros(len(cut), longest, dtype=torch.long)
    mask = torch.zeros(len(cut), longest, dtype=torch.bool)
    for row, text in enumerate(cut):
        numbers[row, : len(text)] = torch.tensor(text.astype(np.int64))
        mask[row, : len(text)] = True
    return numbers, mask


def draw_texts(texts: list[np.ndarray], draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Groups of texts of like length, without end."""
    while True:
        order = draw.permutation(len(texts))
        for start in range(0, len(order), TEXTS * CHUNK):
            chunk = sorted(order[start : start + TEXTS * CHUNK], key=lambda one: len(texts[one]))
            groups = [np.array(chunk[at : at + TEXTS]) for at in range(0, len(chunk), TEXTS)]
            yield from (groups[one] for one in draw.permutation(len(groups)))


def draw_pairs(count: int, draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Groups of questions, without end."""
    while True:
        order = draw.permutation(count)
        yield from (order[at : at + PAIRS] for at in range(0, count - PAIRS + 1, PAIRS))


def weigh_pairs(
    asked: Tensor, answers: list[np.ndarray], nearby: list[np.ndarray], stated: Tensor
) -> Tensor:
    """How far the answers are from coming first among all the sentences of the group's texts."""
    places = sorted({int(place) for one in nearby for place in one})
    column = {place: at for at, place in enumerate(places)}
    chances = functional.log_softmax(asked @ stated[places].T / HEAT, -1)
    wanted = torch.zeros_like(chances)
    for row, one in enumerate(answers):
        wanted[row, [column[int(place)] for place in one]] = 1
    return -((chances * wanted).sum(-1) / wanted.sum(-1)).mean()


@dataclass(frozen=True)
class Stage:
    """Some steps of learning: how many, how fast, and whether questions are learnt as well."""

    steps: int
    rate: float
    warm_steps: int
    with_pairs: bool


STAGES = (Stage(3_500, 6e-4, 60, False), Stage(700, 2e-4, 30, True))


def learn(kept: dict[str, np.ndarray]) -> Reader:
    """The model learnt; prints its progress."""
    torch.manual_seed(SEED)
    draw = np.random.default_rng(SEED)
    model = Reader(kept)
    at = {int(number): place for place, number in enumerate(kept["used"])}
    texts, asked = (
        [np.array([at[int(number)] for number in one]) for one in unpack(kept, name)]
        for name in ("texts", "asked")
    )
    answers, nearby = unpack(kept, "answers"), unpack(kept, "nearby")
    vectors, stated = torch.tensor(kept["vectors"]), torch.tensor(kept["stated"])
    groups, pairs = draw_texts(texts, draw), draw_pairs(len(asked), draw)

    def weigh_questions() -> Tensor:
        some = next(pairs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            questions = model(*collate([asked[one] for one in some]))
        told = [answers[one] for one in some], [nearby[one] for one in some]
        return PAIR * weigh_pairs(questions, *told, stated)

    for stage in STAGES:
        for step, optimiser in enumerate(optimise(model, stage), 1):
            chosen = next(groups)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                given = model(*collate([texts[one] for one in chosen]))
            loss = imitate(given.float(), vectors[torch.tensor(chosen)])
            if stage.with_pairs:
                loss = loss + weigh_questions()
            optimiser.zero_grad()
            loss.backward()
            if step % 50 == 0:
                sys.stdout.write(f"{step}/{stage.steps} {loss.item():.3f}\n")
                sys.stdout.flush()
    return model


def imitate(given: Tensor, aim: Tensor) -> Tensor:
    """How far vectors are from those aimed at, and their likenesses from theirs."""
    near = ((given - aim) ** 2).sum(-1).mean()
    return NEAR * near + ALIKE * ((given @ given.T - aim @ aim.T) ** 2).mean()


def optimise(model: Reader, stage: Stage) -> Iterator[torch.optim.Optimizer]:
    """The optimiser of a stage, once a step, which is taken when the next is asked for."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=stage.rate, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: (
            min(1.0, (step + 1) / stage.warm_steps) * max(LEAST_RATE, 1 - step / stage.steps)
        ),
    )
    for _ in range(stage.steps):
        yield optimiser
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()


def export(model: Reader, target: Path) -> None:
    """Write the model learnt."""
    found = {"emb.ln.w": model.gain.detach().numpy(), "emb.ln.b": model.shift.detach().numpy()}
    for number, layer in enumerate(model.layers):
        found |= pack_layer(layer, number)
    np.savez_compressed(target, **found)


if __name__ == "__main__":
    with np.load(sys.argv[1]) as archive:
        export(learn({name: archive[name] for name in archive.files}), Path(sys.argv[2]))
