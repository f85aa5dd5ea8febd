"""Which of the firm's templates open a reply, and to which mails."""

from __future__ import annotations

from uuid import uuid4

import pytest

from agents.triage.means import find_categories, list_templates


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("Accusé de réception d’une réclamation", ("non_conformite",)),
        ("Réponse à une demande d’offre", ("demande_devis",)),
        ("Réponse : report de rendez-vous", ("rendez_vous",)),
        ("Relance d’un fournisseur pour un avoir", ()),
        ("Réclamation au gestionnaire de réseau", ()),
        ("Réponse type", ()),
    ],
)
def test_a_template_that_writes_to_others_opens_no_reply(
    name: str, served: tuple[str, ...]
) -> None:
    assert find_categories(name) == served


def test_a_template_keeps_its_language_and_body() -> None:
    row = {"id": uuid4(), "name": "Réponse à une demande de document", "body": "Bonjour {{objet}}",
           "language": "fr"}  # fmt: skip
    (template,) = list_templates([row])
    assert (template.category, template.body, template.language) == (
        "document", "Bonjour {{objet}}", "fr",
    )  # fmt: skip
