"""The proof file of an answer, as a person reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from core.formats import NBSP, count_noun, format_instant
from crm.proofs import UNSEEN, ProofFile
from knowledge.control import STANDINGS
from tools.document_table import name_roles


def write_proof(file: ProofFile) -> str:
    """Markdown: what was asked, by whom with which rights, what the answer rests on, its seal."""
    return "\n\n".join(_write_parts(file)) + "\n"


def _write_parts(file: ProofFile) -> Iterator[str]:
    proof = file.proof
    yield "# Dossier de preuve"
    yield _tell_verdict(file)
    if not proof:
        yield "\n".join(file.remarks)
        yield f"- Empreinte de la preuve{NBSP}: {file.sha256}\n" + (
            f"- Place dans le journal{NBSP}: {_tell_place(file)}"
        )
        return
    asked = format_instant(dt.datetime.fromisoformat(proof["asked_at"]))
    yield "\n".join([
        f"- Réponse{NBSP}: {file.turn_id}",
        f"- Question posée le {asked}{NBSP}: «{NBSP}{_line(proof['question'])}{NBSP}»",
        f"- Droits au moment de la question{NBSP}: {name_roles(proof['roles'])}",
        f"- Rédaction{NBSP}: {_tell_engine(proof)}",
        f"- Empreinte de la consigne{NBSP}: {proof['prompt_sha256'] or 'aucune'}",
        f"- Empreinte de la preuve{NBSP}: {file.sha256}",
        f"- Place dans le journal{NBSP}: {_tell_place(file)}",
    ])  # fmt: skip
    yield "## Réponse"
    yield proof["answer"]["text"].strip()
    if proof["documents"]:
        yield "## Documents cités"
        yield "\n".join(_tell_document(one) for one in proof["documents"])
    if proof["passages"]:
        yield "## Passages"
        for passage in proof["passages"]:
            yield "\n".join(f"> {line}" for line in str(passage["text"]).splitlines())
    if proof["runs"]:
        yield "## Lectures"
        runs = count_noun(len(proof["runs"]), "lecture conservée", "lectures conservées")
        yield f"{runs}, chacune avec l’empreinte de ce qu’elle a donné{NBSP}:\n\n" + "\n".join(
            f"- n° {run['ordinal']}{NBSP}: {run['result_sha256']}" for run in proof["runs"]
        )
    if file.approvals:
        yield "## Accords"
        yield "\n".join(_tell_approval(one) for one in file.approvals)
    if file.remarks:
        yield "## Depuis cette réponse"
        yield "\n".join(f"- {remark}" for remark in file.remarks)


def _tell_verdict(file: ProofFile) -> str:
    if file.faults:
        return "\n".join([f"**ANOMALIE**{NBSP}: cette preuve n’est pas intacte.",
                          *(f"- {fault}" for fault in file.faults)])  # fmt: skip
    if not file.proof:
        return "L’empreinte de cette preuve est intacte dans le journal."
    told = "La preuve est intacte."
    if UNSEEN in file.remarks:
        told += " La conversation de son auteur, que vous ne pouvez pas lire, n’a pas été comparée."
    if file.seal == "waiting":
        told += " Son scellement dans le journal est en attente."
    return told


def _tell_engine(proof: Mapping[str, Any]) -> str:
    if proof["is_model"]:
        return f"modèle {proof['engine']}, réponse vérifiée"
    return "moteur déterministe, sans modèle"


def _tell_place(file: ProofFile) -> str:
    return "en attente de scellement" if file.place is None else f"événement n° {file.place}"


def _tell_document(one: Mapping[str, Any]) -> str:
    standing = STANDINGS.get(one["status"], "")
    return (
        f"- {one['code']}, version {one['label']} ({standing} alors) – {one['title']}{NBSP}; "
        f"empreinte {one['sha256']}"
    )


def _tell_approval(one: Mapping[str, Any]) -> str:
    if one["decided_at"] is None:
        return f"- Proposition {one['id']}{NBSP}: aucun accord enregistré."
    who = one["full_name"] or "les règles du cabinet"
    return f"- Proposition {one['id']}{NBSP}: {who}, le {format_instant(one['decided_at'])}."


def _line(text: str) -> str:
    return " ".join(text.split())
