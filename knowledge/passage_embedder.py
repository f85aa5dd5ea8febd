"""Embeddings of passages and of the questions asked of them, offline: multilingual-e5-small.

Words and sentences alone have a lighter model, `knowledge.embeddings`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from core.settings import get_settings
from knowledge.slots import load_slot

if TYPE_CHECKING:
    from knowledge.e5 import E5

Vectors = NDArray[np.float32]

# Ends with a number that changes with the arithmetic: vectors of two numbers do not compare.
MODEL_NAME = "multilingual-e5-small/2"
DIMENSIONS = 384

# Texts of no subject in common: what their vectors share, every vector has.
COMMON_TEXTS = (
    "Le contrat prend effet à la date de signature et se renouvelle chaque année.",
    "La responsable qualité vérifie le document, puis le transmet à la direction.",
    "Bonjour, pouvez-vous m’indiquer à qui adresser cette demande ? Merci d’avance.",
    "La température moyenne du mois de janvier reste inférieure à celle de février.",
    "Article 12. Les pièces sont conservées pendant cinq ans, sauf disposition contraire.",
    "Le conseil municipal s’est réuni pour voter le budget de la commune.",
    "| Site | Puissance | Montant | Échéance |",
    "Cette espèce vit dans les forêts et se nourrit de graines et d’insectes.",
    "Pour installer l’application, ouvrez la page des réglages et suivez les étapes.",
    "L’équipe a remporté la finale après deux prolongations.",
    "Le roman raconte la vie d’une famille de pêcheurs au siècle dernier.",
    "Les candidats remettent leur offre avant la date limite, sous pli fermé.",
)


class PassageEmbedder(Protocol):
    """What searches passages by meaning; a setting can name another than the default one.

    `weight` is what a likeness counts beside the words of a passage, `unrelated` the likeness of
    texts that have nothing to do with each other: both depend on the model. `dimensions` is a
    multiple of 64.
    """

    model_name: str
    dimensions: int
    weight: float
    unrelated: float

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimensions), float32."""
        ...

    def encode_question(self, question: str) -> Vectors:
        """The unit vector of a question, shape (dimensions,)."""
        ...


class E5Embedder:
    """The default model; it loads at first use, in a third of a second."""

    model_name = MODEL_NAME
    dimensions = DIMENSIONS
    weight = 150.0
    unrelated = 0.8

    def __init__(self) -> None:
        self._model: E5 | None = None
        self._loading = Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), 384); a long text is cut at 510 pieces."""
        model = self._load()
        made = [model.encode(text) for text in texts]
        return np.array(made, np.float32).reshape(-1, DIMENSIONS)

    def encode_question(self, question: str) -> Vectors:
        """The unit vector of a question, shape (384,)."""
        return self._load().encode_question(question)

    def _load(self) -> E5:
        with self._loading:
            if self._model is None:
                from knowledge.e5 import E5

                self._model = E5()
            return self._model


@lru_cache(maxsize=1)
def get_passage_embedder() -> PassageEmbedder:
    """The process's embedder, that of the settings or the default one, its model kept in memory."""
    path = get_settings().embedder
    return load_slot(path) if path else E5Embedder()


async def embed_question(embedder: PassageEmbedder, question: str) -> Vectors:
    """`encode_question` in a thread, so that the event loop keeps running."""
    return await asyncio.to_thread(embedder.encode_question, question)


_CENTRES: dict[str, Vectors] = {}


def find_centre(embedder: PassageEmbedder) -> Vectors:
    """The mean vector of texts without a subject in common, shape (dimensions,)."""
    if embedder.model_name not in _CENTRES:
        _CENTRES[embedder.model_name] = embedder.encode(COMMON_TEXTS).mean(axis=0)
    return _CENTRES[embedder.model_name]
