"""How far an answer from documents goes: asserted, quoted to be checked, or none."""

from __future__ import annotations

from typing import Any

from agents.portfolio_assistant.rules.quoting import Bearing, Quoted, tell_gap, tell_passages
from agents.portfolio_assistant.rules.transcript import Run

SAID = "La lettre part trente jours avant le terme."
OTHERS = [f"Le courrier numéro {n} est classé le jour même." for n in range(6)]


def search(level: str, *texts: str, score: float = 0.9, missing: str = "") -> Run:
    sentences: list[dict[str, Any]] = [
        {
            "repere": f"S1-{rank}", "document": "PR-01 v1 – Envois", "section": "Envois › Délais",
            "statut": "in_force", "nature": "procedure", "page": 1, "texte": text,
            "pertinence": score - rank / 100,
        }
        for rank, text in enumerate(texts, 1)
    ]  # fmt: skip
    result: dict[str, Any] = {
        "niveau": level, "phrases": sentences, "mots_absents": [missing] if missing else [],
        "contradictions_relues": [],
    }  # fmt: skip
    return Run("search_knowledge", {}, result)


def quote(*runs: Run, weakest: float = 0.6, bearing: Bearing | None = None) -> Quoted | None:
    return tell_passages(runs, weakest, bearing)


def test_a_sure_search_is_asserted_and_an_unsure_one_is_to_be_checked() -> None:
    sure, unsure = quote(search("sur", SAID)), quote(search("a_verifier", SAID, *OTHERS))
    assert sure is not None and sure.alone() == sure.text and SAID in sure.text
    assert unsure is not None and unsure.alone().startswith("[STATUT a_verifier]Je n’ai pas trouvé")
    assert unsure.alone().count("[S1-") == 4, "fewer sentences than where the answer is sure"
    assert quote(search("insuffisant", SAID)) is None


def test_a_search_that_failed_takes_nothing_from_the_other() -> None:
    failed = Run("search_knowledge", {}, {"echec": "La base ne répond pas."})
    assert quote(failed) is None
    both = quote(failed, search("sur", SAID))
    assert both is not None and both.is_sure


def test_what_scores_little_is_never_asserted() -> None:
    weak = quote(search("sur", SAID, score=0.4))
    assert weak is not None and not weak.is_sure


def test_a_record_named_must_be_spoken_of_and_a_colleague_may_be_there_by_the_way() -> None:
    found = search("sur", SAID)
    assert quote(found, bearing=Bearing(records=["Fonderie Chavanne"])) is None
    by_the_way = quote(found, bearing=Bearing(people=["Hugo"]))
    assert by_the_way is not None and not by_the_way.is_sure
    spoken = quote(search("sur", "Hugo signe la lettre."), bearing=Bearing(people=["Hugo"]))
    assert spoken is not None and spoken.is_sure
    assert quote(found, bearing=Bearing(unknown=["CT-2099-0001"])) is None


def test_after_records_the_documents_say_whether_they_are_sure() -> None:
    for level, label in (("sur", "Dans les documents"), ("a_verifier", ", à vérifier")):
        quoted = quote(search(level, SAID))
        assert quoted is not None
        told = quoted.after("Un contrat.")
        assert told.startswith("Un contrat.\n\nDans les documents") and label in told
        assert (", à vérifier" in told) is (level == "a_verifier")
        assert "[STATUT" not in told, "the records answer"


def oppose_two(state: str | None = None, *, copies: tuple[str, ...] = ()) -> str:
    """An answer from two documents that disagree, the second holding `copies` besides."""
    texts = ("La lettre de dénonciation part trente jours avant le terme.",
             "La lettre de dénonciation part quinze jours avant le terme.")  # fmt: skip
    found = search("sur", *texts, *copies)
    for place, sentence in enumerate(found.result["phrases"]):
        sentence["document"] = "PR-01 v1 – Envois" if place == 0 else "PR-02 v1 – Courriers"
    if state is not None:
        found.result["contradictions_relues"].append({"reperes": ["S1-2", "S1-1"], "etat": state})
    quoted = quote(found)
    assert quoted is not None
    return quoted.text


def test_two_documents_that_disagree_are_told_unless_the_register_set_it_aside() -> None:
    for state in (None, "confirmée"):
        assert oppose_two(state).startswith("Deux documents en vigueur se contredisent")
    dismissed = oppose_two("écartée")
    assert "se contredisent" not in dismissed
    assert "trente jours" in dismissed and "quinze jours" in dismissed


def test_a_contradiction_that_people_confirmed_is_told_whatever_the_words() -> None:
    found = search("sur", SAID, "Un courrier se poste quand le client le veut.")
    found.result["phrases"][1]["document"] = "PR-02 v1 – Courriers"
    alone = quote(found)
    assert alone is not None and "se contredisent" not in alone.text
    found.result["contradictions_relues"].append({"reperes": ["S1-1", "S1-2"], "etat": "confirmée"})
    confirmed = quote(found)
    assert confirmed is not None and "se contredisent" in confirmed.text


def test_a_copy_opposes_nothing_and_takes_no_place() -> None:
    told = oppose_two(copies=("La lettre de dénonciation part trente jours avant le terme.",))
    assert "se contredisent" not in told
    assert told.count("trente jours") == 1 and "quinze jours" in told


def test_a_gap_says_what_is_missing_and_shows_nothing() -> None:
    told = tell_gap([search("insuffisant", SAID, missing="antivirus")])
    assert "«\u00a0antivirus\u00a0»" in told and "[S1-" not in told


def test_a_document_without_a_code_is_named_once_and_a_withdrawn_version_is_told() -> None:
    found = search("sur", SAID)
    sentence = found.result["phrases"][0]
    sentence |= {"document": "Envois v1", "section": "Envois", "statut": "withdrawn"}
    told = quote(found)
    assert told is not None
    assert told.text.startswith("**Envois v1** (version retirée), p.\u00a01\u00a0:")


def test_a_withdrawn_version_is_told_beside_the_first_document_too() -> None:
    found = search("sur", SAID, OTHERS[0])
    found.result["phrases"][1] |= {"document": "PR-02 v1 – Courriers", "statut": "withdrawn"}
    told = quote(found)
    assert told is not None and told.text.endswith("PR-02 v1 – Courriers (version retirée)")
