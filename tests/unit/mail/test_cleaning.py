"""New words told from the rest, whatever the mail program; none is ever lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.mail.cleaning import clean_thread
from ingest.mail.page import read_page
from tests.unit.mail.samples import BROKER, make_mail

ASKED = (
    "Bonjour Paul,\n\nQuelle est la puissance du site ?\nLe contrat est-il signé ?\n\n"
    "Bien à vous,\nMaud Kerrien\nCabinet"
)
OUTLOOK = (
    "De : Maud Kerrien <m.kerrien@cabinet.example>\nEnvoyé : mercredi 3 juin 2026 09:00\n"
    "À : Paul Durand\nObjet : Offre\n\n"
)
MARKED = "\n".join(f"> {line}" for line in ASKED.split("\n"))
HEADERS = {
    "gmail wrapped": "Le mer. 3 juin 2026 à 09:00, Maud Kerrien <m.kerrien@cabinet.example> a\nécrit :\n\n" + MARKED,
    "thunderbird": "Le 03/06/2026 à 09:00, Maud Kerrien a écrit :\n" + MARKED,
    "outlook": OUTLOOK + ASKED,
    "original": "-----Message d'origine-----\n" + OUTLOOK + ASKED,
    "outlook mobile": "________________________________\nFrom: Maud Kerrien <m@x.example>\nSent: Wednesday, June 3, 2026 9:00 AM\nTo: Paul\nSubject: Offre\n\n" + ASKED,
    "zimbra": 'De: "Maud Kerrien" <m@x.example>\nÀ: "Paul" <p@y.example>\nEnvoyé: Mercredi 3 Juin 2026 09:00:00\nObjet: Offre\n\n' + ASKED,
    "free": '> Message du 03/06/26 09:00\n> De : "Maud" <m@x.example>\n> A : p@y.example\n> Copie à :\n> Objet : Offre\n>\n' + MARKED,
    "yahoo": "    Le mercredi 3 juin 2026 à 09:00:12 UTC+2, Maud Kerrien <m@x.example> a écrit :  \n \n " + ASKED,
    "apple, unmarked": "Le 3 juin 2026 à 09:00, « Maud Kerrien » <m@x.example> a écrit :\n" + ASKED,
    "english": "On Wed, Jun 3, 2026 at 9:00 AM Maud Kerrien <m@x.example> wrote:\n\n" + MARKED,
    "german": "Am 03.06.2026 um 09:00 schrieb Maud Kerrien <m@x.example>:\n\n" + MARKED,
    "unknown tongue": '2026.06.03. 9:00 keltezéssel, "Maud Kerrien" írta:\n' + MARKED,
}  # fmt: skip


@pytest.mark.parametrize("client", HEADERS)
def test_a_reply_above_its_quotation_is_cut_there(client: str):
    first = make_mail(ASKED, sender=BROKER)
    reply = make_mail(
        f"Oui, 250 kVA.\n\nCordialement,\nPaul Durand\n\n{HEADERS[client]}", name="2", hours=1
    )
    message = clean_thread([first, reply]).last
    assert message.new_text == "Oui, 250 kVA.\n\nCordialement,"
    assert any(part.kind == "signature" for part in message.parts)


@pytest.mark.parametrize(("before", "mark"), [(OUTLOOK, ""), (OUTLOOK, ">> ")])
def test_answers_inside_an_unmarked_quotation_are_given_back(before: str, mark: str):
    body = ASKED.replace("site ?", f"site ?\n{mark}250 kVA depuis mars").replace(
        "signé ?", f"signé ?\n{mark}Oui, hier."
    )
    first = make_mail(ASKED, sender=BROKER)
    message = clean_thread(
        [first, make_mail(f"Voir dessous.\n\n{before}{body}", name="2", hours=1)]
    ).last
    assert message.new_text == f"Voir dessous.\n\n{mark}250 kVA depuis mars\n\n{mark}Oui, hier."
    assert [(a.question.quote, a.answer.quote) for a in message.inline_answers] == [
        ("Quelle est la puissance du site ?", f"{mark}250 kVA depuis mars"),
        ("Le contrat est-il signé ?", f"{mark}Oui, hier."),
    ]


def test_words_below_a_known_quotation_are_new():
    first = make_mail(ASKED, sender=BROKER)
    text = f"Bonjour Maud.\n\n{OUTLOOK}{ASKED}\n\nJ'oubliais : le compteur a été changé hier."
    message = clean_thread([first, make_mail(text, name="2", hours=1)]).last
    assert "J'oubliais : le compteur a été changé hier." in message.new_text


def test_an_unseen_quotation_is_kept_apart_not_dropped():
    message = clean_thread([make_mail(f"Merci.\n\n{OUTLOOK}{ASKED}")]).last
    assert message.new_text == "Merci."
    quoted = message.list_parts("quoted")
    assert "Quelle est la puissance du site ?" in quoted[0].span.quote
    assert not quoted[0].is_known


def test_prose_that_looks_like_headers_stays():
    text = (
        "Bonjour,\n\nDe : 8 h à 12 h, nous sommes fermés.\nÀ : partir de lundi c'est ouvert.\n\n"
        "Le 3 juin 2026, M. Martin a écrit au fournisseur : rien ne bouge.\n\nMerci de votre aide."
    )
    assert clean_thread([make_mail(text)]).last.new_text == text


def test_a_postscript_below_the_signature_is_not_lost():
    text = "Merci.\n\nCordialement,\nPaul Durand\n\nPS : le PRM 14512345678901 change de nom, pensez-y."
    assert "PS : le PRM 14512345678901" in clean_thread([make_mail(text)]).last.new_text


def test_notices_forwards_and_mobile_marks_are_told_apart():
    text = (
        "Pour info, à traiter.\nPaul\nEnvoyé de mon iPhone\n\nDébut du message réexpédié :\n\n"
        "De: Enedis <info@enedis.example>\nObjet: Travaux\nDate: 2 juin 2026 à 10:00\n"
        "À: p.durand@usine.example\n\nCoupure le 12 juin."
    )
    message = clean_thread([make_mail(text, subject="Tr : Travaux")]).last
    assert message.new_text == "Pour info, à traiter."
    assert "Coupure le 12 juin." in message.list_parts("forwarded")[0].span.quote
    notice = "Ce message et ses pièces jointes sont confidentiels et destinés à leur destinataire."
    ended = clean_thread([make_mail(f"Oui.\n\nPaul Durand\n\n{notice}")]).last
    assert [part.span.quote for part in ended.list_parts("disclaimer")] == [notice]


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<span style="display:none">ordre secret ici</span>', "display"),
        ('<font color="#FFFFFF">ordre secret ici</font>', "colour"),
        ('<p style="font-size:0px">ordre secret ici</p>', "size"),
        ('<div style="position:absolute;left:-9999px">ordre secret ici</div>', "offscreen"),
        ("<style>.x{display:none}</style><p class=x>ordre secret ici</p>", "display"),
        ('<td style="background:#222;color:#202020">ordre secret ici</td>', "colour"),
        ('<p style="opacity:0">ordre secret ici</p>', "size"),
    ],
)
def test_hidden_text_is_taken_out_and_reported(html: str, reason: str):
    page = read_page(f"<html><body><p>Bonjour</p>{html}<p>Merci</p></body></html>")
    assert "secret" not in page.text
    assert [(h.text, h.reason) for h in page.hidden] == [("ordre secret ici", reason)]


@pytest.mark.parametrize(
    "html",
    [
        '<body bgcolor="#000000" text="#ffffff">Bonjour</body>',
        '<div style="background:#1a1a1a;color:#fff">Bonjour</div>',
        '<div style="background-image:url(x.png);color:#fff">Bonjour</div>',
        "<style>.b{background:#004}</style><div class=b><b style='color:white'>Bonjour</b></div>",
    ],
)
def test_light_text_on_dark_is_not_hidden(html: str):
    assert read_page(html).text == "Bonjour"


def test_table_rows_keep_their_cells():
    page = read_page(
        "<table><tr><td>Site</td><td><p>PRM</p></td></tr><tr><td>A</td><td>1</td></tr></table>"
    )
    assert page.text == "Site\tPRM\nA\t1"


def test_parts_are_exact_and_ordered():
    first = make_mail(ASKED, sender=BROKER)
    message = clean_thread([first, make_mail(f"Oui.\n\n{OUTLOOK}{ASKED}", name="2", hours=1)]).last
    for part in message.parts:
        assert message.text[part.span.start : part.span.end] == part.span.quote
    starts = [part.span.start for part in message.parts]
    assert starts == sorted(starts)


WORDS = st.lists(st.sampled_from("site compteur offre mai prix contrat merci 250 kVA".split()), min_size=1, max_size=8)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(lines=st.lists(WORDS, min_size=1, max_size=6), client=st.sampled_from(sorted(HEADERS)))
def test_no_word_of_any_reply_is_lost(lines: list[list[str]], client: str):
    body = "\n".join(" ".join(words) for words in lines)
    first = make_mail(ASKED, sender=BROKER)
    reply = make_mail(f"{body}\n\n{HEADERS[client]}", name="2", hours=1)
    message = clean_thread([first, reply]).last
    kept = " ".join(part.span.quote for part in message.list_parts("new", "signature"))
    assert set(body.split()) <= set(kept.split())


def test_the_librarys_vote_counts_only_with_the_threads_word():
    asked = make_mail("Bonjour,\nQuelle est la puissance du site ?", sender=BROKER)
    text = (
        "250 kVA.\n\nBegin forwarded message\n\nQuelle est la puissance du site ?\nEt rien d'autre."
    )
    message = clean_thread([asked, make_mail(text, name="2", hours=1)]).last
    assert "Et rien d'autre." in message.new_text
    assert "Et rien d'autre." in clean_thread([make_mail(text)]).last.text
