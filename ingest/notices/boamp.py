"""BOAMP records: the fields of the open-data API around `donnees`, in whatever shape it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.words import fold
from ingest.notices.boamp_forms import read_boamp_form
from ingest.notices.eforms import is_eforms, read_eforms
from ingest.notices.notice import Kind, Moment, Notice, Procedure, Proof
from ingest.notices.tree import Node, grow_tree, parse_json
from ingest.notices.wording import parse_moment, parse_real_day

KINDS: dict[str, Kind] = {
    "APPEL_OFFRE": "contract", "ATTRIBUTION": "award", "PRE-INFORMATION": "information",
    "PREINFORMATION": "information", "RECTIFICATIF": "correction", "ANNULATION": "cancellation",
    "MODIFICATION": "modification", "PERIODIQUE": "information", "QUALIFICATION": "information",
}  # fmt: skip
STATES: dict[str, Kind] = {"RECTIFICATIF": "correction", "ANNULATION": "cancellation"}
PROCEDURES: tuple[tuple[str, Procedure], ...] = (
    ("adapte", "adapted"), ("mapa", "adapted"), ("negoci", "negotiated"),
    ("dialogue", "negotiated"), ("innovation", "negotiated"), ("restreint", "restricted"),
    ("ouvert", "open"),
)  # fmt: skip


def is_boamp_record(value: object) -> bool:
    """Tell whether a JSON value is a record of the BOAMP's API."""
    return isinstance(value, Mapping) and ("idweb" in value or "donnees" in value)


def read_boamp(record: Mapping[str, Any]) -> Notice:
    """The notice of a record: its form says most, the record's own fields fill what is left.

    Where both give a deadline and they differ, the record's is kept and the doubt is told.
    Raises NoticeUnreadable where `donnees` is not JSON.
    """
    form = _read_form(record.get("donnees"))
    fields = grow_tree({str(k): v for k, v in record.items() if k not in {"donnees", "gestion"}})
    proofs = dict(form.proofs)
    deadline, doubts = _settle_deadline(form, _moment(fields, proofs))
    kind = _recognise_kind(fields, form)
    refers_to = (*_texts(fields, "annonce_lie"), *_texts(fields, "annonces_anterieures"))
    return replace(
        form,
        source="boamp",
        kind=kind,
        id=_text(fields, "idweb") or _text(fields, "id"),
        url=_text(fields, "url_avis"),
        buyer=_or(form.buyer, fields, "nomacheteur", "buyer", proofs),
        title=_or(form.title, fields, "objet", "title", proofs),
        procedure=_procedure(fields) or form.procedure,
        nature=form.nature or _text(fields, "type_marche_facette"),
        deadline=deadline,
        published_on=parse_real_day(_text(fields, "dateparution") or "") or form.published_on,
        departments=tuple(code.zfill(2) for code in _departments(fields)),
        keywords=_texts(fields, "descripteur_libelle"),
        refers_to=tuple(dict.fromkeys((*refers_to, *form.refers_to))),
        doubts=(*form.doubts, *doubts),
        proofs=proofs,
    )


def _read_form(data: object) -> Notice:
    empty = Notice("boamp", "sans formulaire", "contract")
    if not data:
        return empty
    value = parse_json(data) if isinstance(data, str | bytes) else data
    if not isinstance(value, Mapping):
        return empty
    root = grow_tree(value, path="donnees:")
    eforms = next((node for node in root.walk() if is_eforms(node)), None)
    return read_eforms(eforms) if eforms else read_boamp_form(root)


def _settle_deadline(form: Notice, own: Moment | None) -> tuple[Moment | None, tuple[str, ...]]:
    told = form.deadline
    if own is None or told is None:
        return own or told, ()
    if told.on == own.on and (told.at is None or told.instant == own.instant):
        return own, ()
    if told.on == own.on and own.at is None:
        return told, ()
    return own, ("La date limite de l’avis et celle de sa fiche BOAMP diffèrent.",)


def _moment(fields: Node, proofs: dict[str, Proof]) -> Moment | None:
    text = _text(fields, "datelimitereponse")
    if text is None or (moment := parse_moment(text)) is None:
        return None
    proofs["deadline"] = Proof("/datelimitereponse", text)
    return moment


def _recognise_kind(fields: Node, form: Notice) -> Kind:
    state = STATES.get((_text(fields, "etat") or "").upper())
    nature = KINDS.get((_text(fields, "nature") or "").upper().replace(" ", "_"))
    if state or nature:
        return state or nature or form.kind
    label = fold(_text(fields, "nature_libelle") or "")
    for word, kind in (("rectificatif", "correction"), ("annulation", "cancellation"),
                       ("resultat", "award"), ("attribution", "award"),
                       ("information", "information")):  # fmt: skip
        if word in label:
            return kind  # pyright: ignore[reportReturnType] - the pairs hold kinds alone
    return form.kind


def _procedure(fields: Node) -> Procedure | None:
    for name in ("type_procedure", "procedure_libelle", "procedure_categorise"):
        words = fold(_text(fields, name) or "")
        for word, procedure in PROCEDURES:
            if word in words:
                return procedure
    return None


def _departments(fields: Node) -> tuple[str, ...]:
    return _texts(fields, "code_departement") or _texts(fields, "code_departement_prestation")


def _or(
    told: str | None, fields: Node, name: str, field: str, proofs: dict[str, Proof]
) -> str | None:
    own = _text(fields, name)
    if told or own is None:
        return told
    proofs[field] = Proof(f"/{name}", own)
    return own


def _text(fields: Node, name: str) -> str | None:
    node = fields.find(name)
    return node.line or None if node else None


def _texts(fields: Node, name: str) -> tuple[str, ...]:
    return tuple(node.line for node in fields.list(name) if node.line)
