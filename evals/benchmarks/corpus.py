"""A synthetic French corpus of the trade, as large as asked, the same for the same seed.

Sentences come from patterns filled with words of the trade and from a long tail of made-up
names. Distinct sentences of a pool are embedded with the real model; a chunk's vector is the mean
of those of its sentences, with a little noise.
"""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from knowledge.passage_embedder import PassageEmbedder, Vectors

PATTERNS = (
    "Le {doc} de {site} prévoit {action} avant le {date}.",
    "{actor} doit transmettre {doc} à {actor2} dans un délai de {n} jours.",
    "La {measure} du site de {site} atteint {n} {unit} sur la période de {season}.",
    "En cas de {problem}, {actor} ouvre une fiche et informe {actor2} sous {n} heures.",
    "Le prix {price} s’applique aux consommations de {season} au tarif de {n} euros.",
    "{actor} vérifie {doc} avant {action} et conserve la preuve pendant {n} ans.",
    "Pour {action}, le gestionnaire de réseau demande {doc} signé par {actor}.",
    "Les pénalités liées à {problem} sont plafonnées à {n} pour cent du montant annuel.",
    "La réunion de {season} avec {actor} à {site} a porté sur {problem}.",
    "Le critère {price} compte pour {n} points dans la note de {doc}.",
    "Aucune {measure} ne peut dépasser {n} {unit} sans accord écrit de {actor}.",
    "{actor} compare {doc} et {doc2} puis propose {action} au client de {site}.",
)
SLOTS: dict[str, tuple[str, ...]] = {
    "doc": (
        "le bordereau des prix", "le cahier des charges", "l’avenant de puissance", "la facture",
        "l’attestation de capacité", "le contrat de fourniture", "l’acte d’engagement",
        "le mandat de collecte", "la courbe de charge", "le bilan carbone", "le mémoire technique",
        "le relevé d’index", "le plan de comptage", "l’audit énergétique", "le rapport de visite",
    ),
    "actor": (
        "le responsable qualité", "la direction des achats", "le fournisseur", "le courtier",
        "le gestionnaire de réseau", "le chargé d’affaires", "la collectivité", "le syndic",
        "l’exploitant de chaufferie", "le bureau d’études", "le comptable", "l’auditeur externe",
    ),
    "action": (
        "le changement de fournisseur", "la résiliation anticipée", "la mise en service",
        "la modification de puissance", "le raccordement provisoire", "l’ouverture des plis",
        "la fixation du prix", "l’effacement de consommation", "la revue de direction",
        "le remplacement du compteur", "la renégociation des marges", "le groupement de commandes",
    ),
    "problem": (
        "coupure prolongée", "erreur de facturation", "dépassement de puissance",
        "litige commercial",
        "retard de paiement", "défaut de comptage", "résiliation tardive", "données manquantes",
        "écart de consommation", "hausse des taxes", "non-conformité majeure", "double facturation",
    ),
    "measure": (
        "consommation annuelle", "puissance souscrite", "puissance atteinte", "énergie réactive",
        "température de consigne", "production solaire", "part fixe", "émission évitée",
    ),
    "season": ("l’hiver", "l’été", "la mi-saison", "l’année gazière", "la pointe mobile"),
    "unit": ("kilowattheures", "kilovoltampères", "mégawattheures", "mètres cubes", "degrés"),
    "price": ("ferme", "indexé", "révisable", "plafonné", "à terme", "des garanties d’origine"),
}  # fmt: skip
SYLLABLES = (
    "ber", "val", "mon", "cour", "lan", "ville", "roche", "saint", "beau", "clair", "fon", "taine",
    "mar", "gné", "lou", "vre", "bois", "champ", "pré", "ny", "ac", "eux", "an", "gui", "tres",
)  # fmt: skip


# Sentences embedded at a time on one core.
PART = 256


@dataclass(frozen=True)
class Pool:
    """Distinct sentences and their vectors, shape (n, dimensions)."""

    sentences: tuple[str, ...]
    vectors: Vectors


@dataclass(frozen=True)
class SyntheticChunk:
    """A passage: its sentences, and its vector of shape (dimensions,)."""

    sentences: tuple[str, ...]
    vector: Vectors

    @property
    def text(self) -> str:
        """The passage as one line."""
        return " ".join(self.sentences)


def make_pool(size: int, embedder: PassageEmbedder, seed: int = 7) -> Pool:
    """`size` distinct sentences with their real embeddings."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible corpus
    found: dict[str, None] = {}
    while len(found) < size:
        found[make_sentence(chance)] = None
    sentences = tuple(found)
    parts = [sentences[first : first + PART] for first in range(0, size, PART)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return Pool(sentences, np.concatenate(list(threads.map(embedder.encode, parts))))


def make_chunk(pool: Pool, chance: random.Random, noise: np.random.Generator) -> SyntheticChunk:
    """A chunk of three to seven sentences; the last bears names of its own."""
    places = chance.sample(range(len(pool.sentences)), chance.randint(3, 7))
    own = f"{make_name(chance)} {make_name(chance)}, {make_name(chance)}."
    mean = pool.vectors[places].mean(axis=0)
    vector = unit(mean + noise.normal(0, 0.003, mean.shape).astype(np.float32))
    return SyntheticChunk((*(pool.sentences[place] for place in places), own), vector)


def make_questions(pool: Pool, count: int, seed: int = 11) -> list[str]:
    """Questions of five to nine words taken from sentences of the pool."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible corpus
    openings = ("Que prévoit", "Comment traiter", "Quel est", "Quand demander", "Qui décide de")
    questions: list[str] = []
    for sentence in chance.sample(pool.sentences, count):
        words = sentence.rstrip(".").split()
        size = min(len(words), chance.randint(5, 9))
        first = chance.randint(0, len(words) - size)
        questions.append(f"{chance.choice(openings)} {' '.join(words[first : first + size])} ?")
    return questions


def unit(vectors: Vectors) -> Vectors:
    """Rows of `vectors` brought to length one; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def make_name(chance: random.Random) -> str:
    """A place or person that does not exist; short ones recur, long ones hardly."""
    return "".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 3, 4)))).capitalize()


def make_sentence(chance: random.Random) -> str:
    """One sentence in four follows a pattern of the trade; the others draw on the long tail."""
    sentence = _fill_pattern(chance) if chance.random() < 0.25 else _draw_words(chance)
    return sentence[0].upper() + sentence[1:]


def _fill_pattern(chance: random.Random) -> str:
    filled: dict[str, str] = {slot: chance.choice(words) for slot, words in SLOTS.items()}
    filled |= {
        "doc2": chance.choice(SLOTS["doc"]),
        "actor2": chance.choice(SLOTS["actor"]),
        "site": make_name(chance),
        "n": str(chance.randint(2, 990)),
        "date": f"{chance.randint(1, 28)} {chance.choice(MONTHS)} {chance.randint(2024, 2029)}",
    }
    return chance.choice(PATTERNS).format_map(filled)


def _draw_words(chance: random.Random) -> str:
    words = [
        f"{chance.choice(LINKS)} {chance.choices(VOCABULARY, cum_weights=ZIPF)[0]}"
        for _ in range(chance.randint(7, 12))
    ]
    return " ".join(words) + "."


MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "septembre", "novembre")


LINKS = ("le", "la", "de", "pour", "et", "dans", "sur", "avec", "par", "des", "une", "à")
TRADE_WORDS = tuple(
    dict.fromkeys(word for phrases in SLOTS.values() for phrase in phrases
                  for word in phrase.split() if len(word) > 4)
)  # fmt: skip
VOCABULARY = tuple(
    dict.fromkeys(
        (*TRADE_WORDS, *(make_name(random.Random(rank)).lower() for rank in range(12_000)))  # noqa: S311
    )
)
ZIPF = tuple(accumulate(1 / (rank + 20) for rank in range(len(VOCABULARY))))
