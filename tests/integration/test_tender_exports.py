"""Exports drawn from the knowledge base and the template library of a real database."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path
from typing import cast
from uuid import uuid4

import psycopg
import pytest
from docx import Document
from openpyxl import load_workbook

from agents.tender_scoring.outputs.exports import WRITERS, make_export
from agents.tender_scoring.outputs.proofs import find_proofs
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.engine.protocol import Engine
from core.errors import DatabaseUnavailable, NotFound
from ingest.folder import ingest_folder
from tests.unit.tender_analysis import make_analysis, make_requirements

INSERT_TEMPLATE = """
INSERT INTO document_templates (id, tenant_id, name, kind, target_segment, document_version,
    status, body) VALUES (%s, %s, %s, 'technical_memo', %s, %s, %s, %s)
"""
PROCEDURE = """# Suivi des factures

Le suivi mensuel des factures d'énergie comprend un contrôle des écarts sous dix jours.

Le café est servi à dix heures.
"""


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    clock = frozen_clock(dt.date(2026, 11, 26))
    return Context(identity, database, cast(Engine, None), clock)


async def know(context: Context, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "PR-20 Suivi des factures v1.0.md").write_text(PROCEDURE, encoding="utf-8")
    await ingest_folder(context.database, context.identity, folder, workers=1)


async def test_our_own_words_are_found_and_every_export_opens(
    context: Context, tmp_path: Path
) -> None:
    await know(context, tmp_path)
    proofs = await find_proofs(context, make_requirements())
    found = proofs["r1"]
    assert found and found[0].text.startswith("Le suivi mensuel des factures")
    assert not proofs["r2"]
    assert all("café" not in proof.text for one in proofs.values() for proof in one or ())

    for name in WRITERS:
        export = await make_export(context, make_analysis(), name)
        if name.endswith("docx"):
            assert Document(BytesIO(export.content)).paragraphs
        elif name.endswith("xlsx"):
            sheet = load_workbook(BytesIO(export.content)).worksheets[0]
            texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
            assert any(text.startswith("Le suivi mensuel") for text in texts)
        else:
            assert export.content.startswith(b"## Go")


async def test_the_memo_follows_the_template_in_force_for_the_segment(
    context: Context, conninfo: str
) -> None:
    tenant = context.identity.tenant_id
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for name, segment, status in (("Santé", "health", "in_force"),
                                      ("Ville", "local_authority", "in_force"),
                                      ("Projet", "local_authority", "draft")):  # fmt: skip
            row = (uuid4(), tenant, name, segment, "1.0", status, f"1. Chapitre {name}. 2. Équipe.")
            connection.execute(INSERT_TEMPLATE, row)
    export = await make_export(context, make_analysis(), "memo.docx", segment="local_authority")
    texts = [p.text for p in Document(BytesIO(export.content)).paragraphs]
    assert "1. Chapitre Ville" in texts


async def test_a_failed_search_is_told_as_such(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("La base ne répond pas.")

    monkeypatch.setattr("agents.tender_scoring.outputs.proofs.search", fail)
    export = await make_export(context, make_analysis(), "matrix.xlsx")
    sheet = load_workbook(BytesIO(export.content)).worksheets[0]
    assert sheet["K2"].value == "Recherche impossible"


async def test_an_unknown_export_is_refused(context: Context) -> None:
    with pytest.raises(NotFound, match=r"matrix\.xlsx"):
        await make_export(context, make_analysis(), "matrix.pdf")
