"""The page of the search benchmark."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from core.formats import format_number
from evals.benchmarks.rivals.data import RivalMeasure
from knowledge.search import SearchDepths


@dataclass(frozen=True)
class Measure:
    """The product at one size: times in milliseconds, throughput, recall@10 against exact.

    `held_mb` is the memory of the firms' indexes.
    """

    chunks: int
    tenants: int
    p50_ms: float
    p95_ms: float
    per_second: float
    first_p50_ms: float
    recall_at_10: float
    held_mb: float


def format_report(
    measures: Sequence[Measure], rivals: Sequence[RivalMeasure], questions: int
) -> str:
    """The Markdown page of the measures."""
    load = _write(os.getloadavg()[0], 1)
    lines = [
        "# Recherche : vitesse et exactitude à l’échelle",
        "",
        f"Commande : `python -m evals.benchmarks.search` (`--large` pour le million). "
        f"{os.cpu_count()} cœurs, charge moyenne de la machine {load} en fin de mesure.",
        "",
        f"{questions} questions jamais posées, chacune dans un cabinet, après d’autres questions "
        "qui échauffent le processus et la base (« première fois » : leur médiane, lecture des "
        "index en mémoire comprise). Temps de bout en bout, plongement de la question et "
        "reclassement compris, une question à la fois ; débit avec 8 questions à la fois, dans un "
        "seul processus. Les phrases des passages, notées quand une réponse les lit, ne sont pas "
        "comptées (environ 1 ms). Corpus synthétique ; le vecteur d’un passage est la moyenne, "
        "bruitée, de ceux que le vrai modèle donne à ses phrases.",
        "",
        "Rappel@10 : part des dix passages que donne la même recette quand les vecteurs de tous "
        "les passages du cabinet sont comparés, sans choix préalable ; le reclassement porte dans "
        f"les deux cas sur les {SearchDepths().reranked} meilleurs.",
        "",
        "| passages | cabinets | p50 (ms) | p95 (ms) | p50 première fois (ms) | questions/s "
        "| rappel@10 | mémoire des index (Mo) |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {format_number(one.chunks)} | {one.tenants} | {_write(one.p50_ms, 1)} "
        f"| {_write(one.p95_ms, 1)} | {_write(one.first_p50_ms, 1)} | {one.per_second:.0f} "
        f"| {_write(one.recall_at_10, 4)} | {one.held_mb:.0f} |"
        for one in measures
    ]
    if rivals:
        lines += _list_rivals(rivals)
    return "\n".join(lines) + "\n"


def _list_rivals(rivals: Sequence[RivalMeasure]) -> list[str]:
    return [
        "",
        "## À côté d’autres",
        "",
        "Mêmes textes, mêmes vecteurs de passage, mêmes questions, un cabinet par question, dix "
        "réponses. Le plongement de la question n’est pas compté ici (environ 1,5 ms), et aucun ne "
        "reclasse ni ne juge de droits. Rappel@10 : part des dix passages les plus proches par "
        "leur vecteur, comparés un à un, que trouve la recherche par vecteur de chacun.",
        "",
        "| système | passages | chargement (s) | p50 (ms) | p95 (ms) | questions/s | rappel@10 "
        "| réglages |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        *(
            f"| {one.system} | {format_number(one.chunks)} | {one.load_s:.0f} "
            f"| {_write(one.p50_ms, 1)} | {_write(one.p95_ms, 1)} | {one.per_second:.0f} "
            f"| {_write(one.recall, 4)} | {one.note} |"
            for one in rivals
        ),
    ]


def _write(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")
