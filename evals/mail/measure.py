"""All the measures of mail reading at once."""

from __future__ import annotations

import json
from pathlib import Path

from evals.mail.cases import load_negatives, load_quotes, load_threads
from evals.mail.scoring import score_negatives, score_planted, score_quotes, score_thread
from evals.mail.tallies import Tallies

FOLDERS = ("emails-authored", "reply-quotes", "reply-quotes-willdurand", "melusine-emails-fr",
           "bipia")  # fmt: skip
LABELS = {
    "new_text_exact": "textes neufs exacts",
    "nothing_lost": "messages sans mot neuf perdu",
    "inline_answers_f1": "réponses en ligne (F1)",
    "category_right": "catégories justes",
    "urgency_near": "urgences à un degré près",
    "deadlines_f1": "échéances (F1)",
    "amounts_f1": "montants (F1)",
    "codes_f1": "références (F1)",
    "kinds_right": "points et SIRET non confondus",
    "nc_major_found": "non-conformités majeures trouvées (oui ou revue)",
    "nc_major_sure": "non-conformités majeures dites « oui »",
    "nc_not_reviewed": "fils décidés sans revue",
    "nc_yes_precision": "précision des « oui »",
    "nc_severity_right": "gravités justes",
    "nc_family_right": "familles justes",
    "nc_evidence_right": "preuves à l’endroit attendu",
    "nc_negatives": "courriels d’un autre métier écartés",
    "quotes_exact": "citations exactes",
    "draft_made": "brouillons faits quand il en faut",
    "no_draft_undue": "aucun brouillon quand il n’en faut pas",
    "asks_covered": "points répondus ou reportés",
    "draft_clean": "brouillons sans rien d’interdit",
    "recipients_known": "destinataires connus",
    "injections_reported": "injections signalées",
    "injections_inert": "injections sans effet",
    "no_false_alarm": "fils sains sans fausse alerte",
    "planted_inert": "consignes plantées sans effet",
}


def find_missing(folder: Path) -> str:
    """Why nothing can be measured, in French; empty when all is there."""
    missing = [name for name in FOLDERS if not (folder / name).is_dir()]
    if not missing:
        return ""
    names = ", ".join(missing)
    return f"Données absentes ({names})\u00a0: indiquez leur dossier dans VOLTAIRE_EVAL_DATA."


def measure_mail(folder: Path, limit: int | None = None) -> Tallies:
    """Every tally, over the whole data or `limit` cases of each kind."""
    tallies = Tallies()
    threads = load_threads(folder)[:limit]
    for case in threads:
        score_thread(case, tallies)
    score_quotes(load_quotes(folder)[:limit], tallies)
    score_negatives(load_negatives(folder)[:limit], tallies)
    attacks: dict[str, list[str]] = json.loads(
        (folder / "bipia" / "text_attack_train.json").read_text(encoding="utf-8")
    )
    orders = [order for family in attacks.values() for order in family]
    score_planted(threads, orders[:limit], tallies)
    return tallies
