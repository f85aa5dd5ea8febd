"""What a reader must know beyond the facts: hidden words, orders to a machine, scans, strangers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from agents.tender_scoring.evidence import Evidence, write_loc
from agents.tender_scoring.facts import CriteriaTotal, EnergyBlock, Fact
from agents.tender_scoring.findings import Anomaly
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.statements import Reading, cite, clip, is_english, list_statements
from core.formats import count_noun, format_instant, format_number
from core.spans import Span
from core.words import fold
from ingest.tenders.dossier import Dossier, ReadPiece

ORDER = re.compile(
    r"(?:not(?:ez|er)|attribu(?:ez|er)|donn(?:ez|er)|mett(?:ez|re)|renvoy(?:ez|er)|rend(?:ez|re)"
    r"|indiqu(?:ez|er)|conclu(?:ez|re))[^.]{0,60}(?:\bno.?go\b|\bgo\b|100 ?/ ?100|note maximale"
    r"|score|favorable|verdict)"
    r"|ignor(?:ez|e|er)[^.]{0,40}(?:instructions?|consignes?|regles?|ce qui precede)"
    r"|ignore (?:all |any )?(?:previous|prior|above)|disregard (?:all|previous|the)"
    r"|(?:systeme|assistant|modele|logiciel|outil) d'(?:analyse|ia|intelligence)[^.]{0,15}:"
    r"|(?:a l'attention|a destination) (?:de l'|des? )(?:ia\b|intelligence|assistant|modele|systeme"
    r"|robot|agent)|intelligence artificielle[^.]{0,30}(?:doit|devez|:)|system prompt"
    r"|you are (?:an?|now) |as an ai|ne mentionn(?:ez|er) pas cette|<\s*/?\s*(?:system|instruction)"
)


def list_anomalies(
    reading: Reading,
    notice: Notice,
    totals: tuple[CriteriaTotal, ...],
    energy: EnergyBlock,
    deadline: Fact | None,
    now: dt.datetime,
) -> tuple[Anomaly, ...]:
    """Everything odd, each in a sentence."""
    return (
        *_hidden(reading.dossier),
        *_orders(reading),
        *_intake(reading.dossier),
        *_scans(reading.dossier),
        *_unread_pages(reading.dossier),
        *_languages(reading.dossier),
        *(Anomaly(kind="weights", message=f"Les pondérations{_about(t)} totalisent "
                  f"{format_number(t.total)} au lieu de 100.")
          for t in totals if t.total not in (0, 100)),
        *_points(energy),
        *_past(deadline, now),
        *_doubles(reading),
        *_notice_orders(notice),
    )  # fmt: skip


def _about(total: CriteriaTotal) -> str:
    stage = {
        "candidacy": " de la sélection des candidatures",
        "call_off": " des marchés subséquents",
    }
    return stage.get(total.stage, "") + (f" du lot {total.lot}" if total.lot else "")


def _hidden(dossier: Dossier) -> Iterator[Anomaly]:
    for piece in dossier.pieces:
        for hidden in piece.text.hidden:
            span = Span(f"{piece.id}#hidden", 0, len(hidden.text), hidden.text, hidden.page)
            evidence = Evidence(span=span, file=piece.name, loc=hidden.loc)
            is_order = ORDER.search(fold(hidden.text))
            told = (
                "Consigne cachée à destination d’un système d’analyse, sans effet sur le résultat"
                if is_order else "Texte caché, écarté de la lecture"
            )  # fmt: skip
            yield Anomaly(kind="injection" if is_order else "hidden_text",
                          message=f"{told} ({hidden.how}).", evidence=(evidence,))  # fmt: skip


def _orders(reading: Reading) -> Iterator[Anomaly]:
    for piece in reading.dossier.pieces:
        for statement in list_statements(piece):
            if ORDER.search(statement.plain):
                yield Anomaly(
                    kind="injection",
                    message="Consigne adressée à un système d’analyse, sans effet sur le résultat.",
                    evidence=(statement.cite(),),
                )  # fmt: skip


def _notice_orders(notice: Notice) -> Iterator[Anomaly]:
    found = ORDER.search(fold(notice.source))
    if found:
        quote = notice.source[found.start() : found.end()]
        yield Anomaly(kind="injection", evidence=notice.cite(quote, "avis"),
                      message="Consigne adressée à un système d’analyse dans l’avis, sans effet "
                              "sur le résultat.")  # fmt: skip


def _intake(dossier: Dossier) -> Iterator[Anomaly]:
    intake = dossier.intake
    if intake.skipped:
        yield Anomaly(
            kind="foreign_piece",
            message=f"Le dossier contient {format_number(len(intake.files) + intake.skipped)} "
                    f"fichiers : les {len(intake.files)} premiers ont été lus, ceux dont le nom est "
                    "celui d’une pièce de marché d’abord. Retirez les autres ou découpez le dossier.",
        )  # fmt: skip
    for refusal in intake.refusals:
        yield Anomaly(kind="foreign_piece", message=f"{clip(refusal.path, 120)} : {refusal.reason}")
    for piece in dossier.pieces:
        if piece.status == "foreign":
            yield Anomaly(kind="foreign_piece", message=f"{piece.name} : {piece.reason}")
        if piece.mismatch:
            yield Anomaly(kind="type_mismatch", message=f"{piece.name} : {piece.mismatch}")


def _scans(dossier: Dossier) -> Iterator[Anomaly]:
    for piece in dossier.pieces:
        if piece.text.ocr_pages and piece.status == "used":
            pages = ", ".join(map(str, piece.text.ocr_pages))
            evidence = _first_on_page(piece, piece.text.ocr_pages[0])
            word = "page" if len(piece.text.ocr_pages) == 1 else "pages"
            yield Anomaly(
                kind="ocr",
                message=f"{piece.name}, {word} {pages} : numérisation lue par reconnaissance de "
                        "caractères. Confirmez les valeurs sur l’original.",
                evidence=evidence,
            )  # fmt: skip


def _unread_pages(dossier: Dossier) -> Iterator[Anomaly]:
    for piece in dossier.pieces:
        if piece.text.unread_pages:
            pages = ", ".join(map(str, piece.text.unread_pages))
            word = "page" if len(piece.text.unread_pages) == 1 else "pages"
            yield Anomaly(
                kind="ocr",
                message=f"{piece.name}, {word} {pages} : image à numériser, non lue, car aucune "
                        "reconnaissance de caractères n’est installée. Lisez-la sur l’original.",
            )  # fmt: skip


def _first_on_page(piece: ReadPiece, page: int) -> tuple[Evidence, ...]:
    for unit in piece.text.units:
        if piece.text.find_place(unit.start).page == page:
            return (cite(piece, unit.start, unit.end),)
    return ()


def _languages(dossier: Dossier) -> Iterator[Anomaly]:
    english = [p.name for p in dossier.used() if is_english(p)]
    if english:
        yield Anomaly(
            kind="language",
            message=f"{count_noun(len(english), 'pièce rédigée', 'pièces rédigées')} en anglais "
                    f"({', '.join(english[:4])}) : la lecture par règles y est partielle. Faites "
                    "vérifier chaque valeur sur l’original.",
        )  # fmt: skip


def _points(energy: EnergyBlock) -> Iterator[Anomaly]:
    faulty = [point for point in energy.points if point.issues]
    if faulty:
        first = faulty[0]
        yield Anomaly(
            kind="invalid_point",
            message=f"{count_noun(len(faulty), 'point de livraison', 'points de livraison')} à "
                    f"vérifier dans l’annexe, dont {first.file}, {write_loc(first.loc)} : {first.issues[0]}",
        )  # fmt: skip


def _past(deadline: Fact | None, now: dt.datetime) -> Iterator[Anomaly]:
    if deadline is not None and deadline.instant is not None and deadline.instant <= now:
        yield Anomaly(
            kind="deadline_past",
            message=f"La date limite est passée : {format_instant(deadline.instant)}.",
            evidence=deadline.evidence,
        )  # fmt: skip


def _doubles(reading: Reading) -> Iterator[Anomaly]:
    rules = list(reading.dossier.used("rc"))
    if len(rules) > 1:
        names = " et ".join(f"« {piece.name} »" for piece in rules)
        yield Anomaly(
            kind="foreign_piece",
            message=f"Deux règlements de la consultation coexistent sans ordre écrit : {names}. "
                    "Demandez à l’acheteur lequel s’applique.",
        )  # fmt: skip
