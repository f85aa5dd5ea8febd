"""Passages: exact spans, sizes, sections, self-describing table rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import build_draft, count_tokens
from knowledge.models import Block, DraftVersion, ParsedDocument

WORDS = ["le", "contrat", "prévoit", "une", "puissance", "souscrite", "de", "36", "kVA", "préavis"]
# Ends of sentences and of lines, and what a vocabulary joins to its neighbours.
PIECES = [
    "Le", "contrat", " ", "  ", "\n", "\n\n", "\u00a0", ".", ". ", ".\n", "…", "\u00a0: ", " :\n",
    ";\n", "! ", "« ", "\u00a0»", "12", "3 456,7", "(", ") ", "x²", "’s", "É", "_", "日本", "– ",
]  # fmt: skip


def draft_of(*blocks: Block, title: str = "Guide", **options: int) -> DraftVersion:
    return build_draft(ParsedDocument(None, "text/plain", 1, blocks), title, **options)


def quotes(draft: DraftVersion) -> list[str]:
    return [
        chunk.text[each.start : each.end]
        for section in draft.sections
        for chunk in section.chunks
        for each in chunk.sentences
    ]


def test_sections_follow_headings_and_paths_name_them_from_the_title() -> None:
    draft = draft_of(
        Block("heading", "Guide", 1, level=1),
        Block("heading", "4. Déroulement", 1, level=2),
        Block("heading", "4.2 Délais", 1, level=3),
        Block("text", "La fiche est ouverte sous deux jours.", 1),
        Block("heading", "5. Suites", 1, level=2),
        Block("text", "Le client est informé.", 1),
    )
    assert [section.path for section in draft.sections] == [
        "Guide › 4. Déroulement",
        "Guide › 4. Déroulement › 4.2 Délais",
        "Guide › 5. Suites",
    ]
    assert [section.level for section in draft.sections] == [1, 2, 1]


def test_a_table_row_is_a_sentence_that_repeats_its_headers() -> None:
    rows = (("Étape", "Délai"), ("Confinement", "24 heures"), ("Correction", ""))
    assert quotes(draft_of(Block("table", "", 3, rows=rows))) == [
        "Étape\u00a0: Confinement\u00a0; Délai\u00a0: 24 heures",
        "Étape\u00a0: Correction",
    ]


def test_the_sentence_that_introduces_a_table_stays_with_it() -> None:
    table = Block("table", "", 1, rows=(("Critère", "Seuil"), ("Montant", "5 000 €")))
    draft = draft_of(Block("text", "Un jour ouvré. Les seuils sont :", 1), table)
    text, tabular = draft.sections[0].chunks
    assert text.text == "Un jour ouvré."
    assert tabular.kind == "table"
    assert tabular.text.startswith("Les seuils sont :\nCritère")


def test_bullets_stay_outside_the_quoted_span() -> None:
    draft = draft_of(Block("text", "À fournir :", 1), Block("list_item", "un acte ;", 1))
    assert draft.sections[0].chunks[0].text == "À fournir :\n• un acte ;"
    assert quotes(draft) == ["À fournir :", "un acte ;"]


def test_pages_and_boxes_of_sentences_survive_in_a_passage_over_two_pages() -> None:
    draft = draft_of(
        Block("text", "Première phrase.", 1, (1.0, 2.0, 3.0, 4.0)),
        Block("text", "Seconde phrase.", 2, (5.0, 6.0, 7.0, 8.0)),
    )
    (chunk,) = draft.sections[0].chunks
    assert [(each.page, each.box) for each in chunk.sentences] == [
        (1, (1.0, 2.0, 3.0, 4.0)),
        (2, (5.0, 6.0, 7.0, 8.0)),
    ]


def test_a_document_of_headings_alone_is_still_found() -> None:
    draft = draft_of(Block("heading", "1. Objet", 1, level=1), Block("heading", "Fin", 2, level=1))
    assert quotes(draft) == ["1. Objet", "Fin"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["text", "list_item", "heading"]),
            st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_passage_counts_the_tokens_of_its_text(blocks: list[tuple[str, str]]) -> None:
    built = [
        Block("text" if kind == "text" else "list_item", text, 1) if kind != "heading"
        else Block("heading", text, 1, level=1)
        for kind, text in blocks
    ]  # fmt: skip
    for section in draft_of(*built, target_tokens=20, max_tokens=30).sections:
        assert [chunk.token_count for chunk in section.chunks] == [
            count_tokens(chunk.text) for chunk in section.chunks
        ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["text", "list_item"]),
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=400).map(" ".join),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_passages_stay_within_their_size_and_lose_no_text(blocks: list[tuple[str, str]]) -> None:
    built = [Block("text" if kind == "text" else "list_item", text, 1) for kind, text in blocks]
    draft = draft_of(*built, target_tokens=60, max_tokens=90)
    chunks = [chunk for section in draft.sections for chunk in section.chunks]
    assert all(chunk.token_count == count_tokens(chunk.text) <= 90 for chunk in chunks)
    kept = "".join("".join(quote.split()) for quote in quotes(draft))
    assert kept == "".join("".join(text.split()) for _, text in blocks)
