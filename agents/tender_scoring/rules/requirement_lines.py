"""Lines of the compliance matrix: documents, levels, exclusions, then the holder's duties."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.tender_scoring.facts import Fact, Facts, Requirement
from agents.tender_scoring.rules.sanctions import find_sanctioned, is_sanction
from agents.tender_scoring.rules.statements import Reading, Statement, clip, lots_of

DUTY = re.compile(
    r"^(?:le |la |l')?(?:titulaire|prestataire|candidat|assistant|attributaire|fournisseur)\b"
    r"|\bil (?:remet|fournit|transmet|assure|produit|calcule|controle|presente|tient)"
)
DUTY_CHARS = 400
Key = tuple[str, int]
"""The piece and the place of a statement."""


def list_requirements(facts: Facts, reading: Reading) -> tuple[Requirement, ...]:
    """What is asked, once each; what a later sentence excludes for is eliminatory."""
    statements = {(s.piece.id, s.unit.start): s for s in reading.statements}
    lines: dict[Key, Requirement] = {}
    for key, line in _list_lines(facts, reading):
        statement = statements.get(key)
        if statement is not None and is_sanction(statement):
            continue
        held = lines.get(key)
        if held is None:
            lines[key] = line
        elif line.is_eliminatory and not held.is_eliminatory:
            lines[key] = held.model_copy(update={"is_eliminatory": True})
    for statement in reading.of("rc", "ccp", "corrigendum"):
        if is_sanction(statement):
            _attach(statement, reading, lines)
    return tuple(line.model_copy(update={"key": f"exigence-{rank}"})
                 for rank, line in enumerate(lines.values(), 1))  # fmt: skip


def _attach(sanction: Statement, reading: Reading, lines: dict[Key, Requirement]) -> None:
    """Make what the sanction is about eliminatory, with both passages."""
    before = [s for s in reading.statements
              if s.piece is sanction.piece and s.unit.start < sanction.unit.start]  # fmt: skip
    meant = find_sanctioned(sanction, before)
    known = [(s.piece.id, s.unit.start) for s in meant if (s.piece.id, s.unit.start) in lines]
    for key in known:
        held = lines[key]
        evidence = (*held.evidence, sanction.cite())
        lines[key] = held.model_copy(update={"is_eliminatory": True, "evidence": evidence})
    if known:
        return
    own = meant[-1] if meant else sanction
    evidence = (own.cite(), sanction.cite()) if meant else (sanction.cite(),)
    lines[own.piece.id, own.unit.start] = Requirement(
        key="", text=clip(own.unit.text.strip(" ;"), DUTY_CHARS), lots=lots_of(own),
        category="eliminatory", is_eliminatory=True, answer_expected="Justificatif",
        evidence=evidence,
    )  # fmt: skip


def _list_lines(facts: Facts, reading: Reading) -> Iterator[tuple[Key, Requirement]]:
    for fact in facts.required_documents:
        yield _key(fact), Requirement(
            key="", text=fact.value, lots=fact.lots,
            category="candidacy" if fact.label == "Candidature" else "offer",
            answer_expected="Document à joindre", evidence=fact.evidence,
        )  # fmt: skip
    for fact in facts.eliminatory:
        yield _key(fact), Requirement(
            key="", text=fact.value, lots=fact.lots, category="eliminatory", is_eliminatory=True,
            answer_expected="Justificatif", evidence=fact.evidence,
        )  # fmt: skip
    for fact in facts.insurance:
        yield _key(fact), Requirement(
            key="", text=fact.value, lots=fact.lots, category="administrative",
            answer_expected="Attestation", evidence=fact.evidence,
        )  # fmt: skip
    for statement in reading.of("cctp", "ccp"):
        if statement.unit.kind in ("sentence", "item") and DUTY.search(statement.plain):
            text = " ".join(statement.unit.text.split())[:DUTY_CHARS]
            yield (statement.piece.id, statement.unit.start), Requirement(
                key="", text=text, lots=lots_of(statement), category="technical",
                answer_expected="Engagement dans le mémoire", evidence=(statement.cite(),),
            )  # fmt: skip


def _key(fact: Fact) -> Key:
    span = fact.evidence[0].span
    return span.source_id, span.start
