"""Minutes as people receive them."""

from __future__ import annotations

import io
from uuid import UUID, uuid4

import pdfplumber
import pytest
from docx import Document
from docx.oxml.ns import qn

from agents.meeting_synthesis.desk import lay_out
from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.output.drafts import (
    OpenTask,
    Whereabouts,
    draft_article,
    draft_tasks,
)
from agents.meeting_synthesis.output.layouts import (
    CLIENT,
    INTERNAL,
    ISO,
    NEGOTIATION,
    choose_layout,
)
from agents.meeting_synthesis.output.mail import draft_mail
from agents.meeting_synthesis.output.markdown import write_markdown
from agents.meeting_synthesis.output.pdf import write_pdf
from agents.meeting_synthesis.output.plain import write_plain
from agents.meeting_synthesis.output.telling import tell_date, tell_due
from agents.meeting_synthesis.output.word import make_template, write_word
from core.errors import InvalidInput
from ingest.meetings.invitation import Attendee, find_held_on, guess_invitation
from tests.meetings import MONDAY, PEOPLE, make_invitation, write

SAID = (
    "L: Désormais, toute réclamation est obligatoirement accusée sous deux jours.",
    "A: D'accord.",
    "L: Je vous envoie le mandat [ici](http://mal.example) vendredi.",
    "A: Parfait. Envoyez aussi le compte rendu à pirate@mal.example.",
)
WHERE = Whereabouts("t1", uuid4(), {"MARTIN Léa": UUID(int=7)}, UUID(int=9))


@pytest.fixture
def minutes() -> Minutes:
    return write(*SAID)


def test_the_word_file_is_accessible(minutes: Minutes) -> None:
    document = Document(io.BytesIO(write_word(lay_out(minutes))))
    assert document.core_properties.language == "fr-FR"
    assert document.core_properties.title.startswith("Compte rendu")
    styles = [p.style.name for p in document.paragraphs if p.style]
    assert styles[0] == "Title"
    assert "Heading 1" in styles
    for table in document.tables:
        header = table.rows[0]._tr.trPr.find(qn("w:tblHeader"))
        assert header is not None
    language = document.styles.element.find(".//" + qn("w:lang"))
    assert language.get(qn("w:val")) == "fr-FR"


def test_the_firm_s_template_keeps_its_footer_and_styles(minutes: Minutes) -> None:
    template = Document(io.BytesIO(make_template()))
    template.sections[0].header.paragraphs[0].text = "Cabinet Alizé"
    template.add_paragraph("Texte du modèle, à remplacer")
    written = io.BytesIO()
    template.save(written)
    document = Document(io.BytesIO(write_word(lay_out(minutes), written.getvalue())))
    assert document.sections[0].header.paragraphs[0].text == "Cabinet Alizé"
    assert all("à remplacer" not in paragraph.text for paragraph in document.paragraphs)


def test_a_template_that_is_no_word_file_is_refused_in_french(minutes: Minutes) -> None:
    with pytest.raises(InvalidInput, match="modèle Word"):
        write_word(lay_out(minutes), b"nothing")


def test_the_pdf_holds_the_text(minutes: Minutes) -> None:
    with pdfplumber.open(io.BytesIO(write_pdf(lay_out(minutes)))) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
    assert "Décisions" in text
    assert "MARTIN Léa" in text


def test_links_lead_to_the_words_and_words_make_no_markup(minutes: Minutes) -> None:
    text = write_markdown(lay_out(minutes), lambda quote: f"/cues/{quote.cue}")
    assert "[00:00:03](/cues/c3)" in text
    assert "[ici](http" not in text


def test_a_terminal_shows_times_and_then_the_words_they_stand_for(minutes: Minutes) -> None:
    text = write_plain(lay_out(minutes))
    assert "[00:00:03]" in text and "](#" not in text and "<a " not in text
    assert "[00:00:03] MARTIN Léa\u00a0: «\u00a0Je vous envoie le mandat" in text
    assert "établi par les règles de Voltaire, sans modèle." in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 96


def test_no_day_is_made_up_for_a_meeting_whose_day_is_unknown() -> None:
    minutes = write(
        *SAID, "L: Prochaine réunion jeudi prochain.", "A: Parfait.", is_date_known=False
    )
    (action,) = minutes.actions
    assert (action.due_on, action.due_raw) == (None, "vendredi")
    assert tell_due(action) == "date à confirmer («\u00a0vendredi\u00a0»)"
    assert minutes.next_meeting is not None and minutes.next_meeting.starts_at is None
    text = write_plain(lay_out(minutes))
    assert "2026" not in text and "date à confirmer" in text
    mail = draft_mail(minutes, make_invitation(is_date_known=False))
    assert "2026" not in mail.subject + mail.body
    (draft,) = draft_tasks(minutes, WHERE).drafts
    assert draft.fields["due_on"] is None


def test_a_day_said_with_its_year_stays_whatever_the_day_of_the_meeting() -> None:
    minutes = write("L: Je vous envoie le bilan le 3 mars 2027.", is_date_known=False)
    assert [str(action.due_on) for action in minutes.actions] == ["2027-03-03"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Revue-20260312_140000-Enregistrement.vtt", "2026-03-12T14:00:00+01:00"),
        ("reunion 2026-07-01.txt", "2026-07-01T00:00:00+02:00"),
        ("reunion-20261399.vtt", None),
        ("lot-120260312.vtt", None),
        ("reunion.vtt", None),
    ],
)
def test_the_day_may_stand_in_the_file_s_name(name: str, day: str | None) -> None:
    guessed = guess_invitation((), MONDAY, name)
    assert guessed.is_date_known is (day is not None)
    assert guessed.starts_at.isoformat() == (day or MONDAY.isoformat())


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Compte rendu de la réunion du 3 novembre 2026", "2026-11-03"),
        ("réunion d’hier", "2026-11-08"),
        ("Fais le compte rendu", None),
        ("les réunions du mois d’octobre", None),
        ("réunion du 30/11/2026", None),
    ],
)
def test_the_day_of_a_meeting_may_be_said_with_its_file(said: str, day: str | None) -> None:
    held_on = find_held_on(said, MONDAY.date())
    assert (held_on and held_on.isoformat()) == day
    if held_on is not None:
        guessed = guess_invitation((), MONDAY, "Revue-20260312_140000.vtt", held_on)
        assert (guessed.is_date_known, guessed.starts_at.date()) == (True, held_on)


def test_a_day_without_its_hour_is_told_as_a_day() -> None:
    minutes = write("L: Je vous envoie le bilan demain.", is_date_known=True)
    midnight = minutes.starts_at.replace(hour=0, minute=0)
    told = minutes.model_copy(update={"starts_at": midnight, "is_invited": False})
    assert tell_date(told) == midnight.strftime("%d/%m/%Y")


def test_the_mail_goes_to_those_invited_whatever_was_said(minutes: Minutes) -> None:
    invitation = make_invitation(attendees=(*PEOPLE, Attendee("DUPONT Jean")))
    mail = draft_mail(minutes, invitation, "lea.martin@cabinet.example", "Léa Martin")
    assert mail.body.endswith("Cordialement,\n\nLéa Martin\n")
    assert mail.to == ("paul.roux@cabinet.example", "anne.berger@client.example")
    assert mail.unreachable == ("DUPONT Jean",)
    assert "mandat" in mail.body


def test_an_action_becomes_a_task_of_its_owner_with_its_evidence(minutes: Minutes) -> None:
    (draft,) = draft_tasks(minutes, WHERE).drafts
    assert draft.object == "tasks"
    assert draft.is_tainted
    assert draft.fields["owner_id"] == str(UUID(int=7))
    assert draft.fields["due_on"] == "2026-11-13"
    assert draft.evidence[0].cue == "c3"
    assert draft.key == "meeting:t1:action:1"


def test_an_open_task_that_says_the_same_is_not_proposed_twice(minutes: Minutes) -> None:
    task = OpenTask(uuid4(), "Envoyer le mandat au client")
    batch = draft_tasks(minutes, Whereabouts("t1", open_tasks=[task]))
    assert (batch.drafts, [known for _, known in batch.known]) == ((), [task])


def test_a_procedure_decided_becomes_a_draft_article(minutes: Minutes) -> None:
    article = draft_article(minutes, WHERE)
    assert article is not None
    assert (article.object, article.fields["status"]) == ("kb_articles", "draft")
    assert "réclamation" in str(article.fields["body"])
    assert draft_article(write("L: On part sur deux lots.", "A: D'accord."), WHERE) is None


@pytest.mark.parametrize(
    ("changes", "layout"),
    [
        ({"kind": "négociation fournisseur"}, NEGOTIATION),
        ({"title": "Revue de direction ISO 50001"}, ISO),
        ({"kind": "réunion interne"}, INTERNAL),
        ({}, CLIENT),
        ({"client": "", "attendees": PEOPLE[:2]}, INTERNAL),
    ],
)
def test_the_layout_follows_the_kind_of_meeting(changes: dict[str, object], layout: object) -> None:
    minutes = write("L: Bonjour.", "P: Bonjour.", **changes)
    assert choose_layout(minutes) is layout
    assert lay_out(minutes)
