"""Transcripts in every form they come in, good and bad."""

from __future__ import annotations

import io

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from ingest.errors import UnreadableFile
from ingest.meetings.audio import has_speech, transcribe
from ingest.meetings.reading import read_transcript

GUID = "3446e826-500f-48a5-8b14-95bd2e30ef72"
TEAMS = f"""WEBVTT

{GUID}/14-0
00:00:03.666 --> 00:00:05.101
Enregistrement démarré.

{GUID}/19-0
00:00:06.886 --> 00:00:10.107
<v LEFEVRE Camille>Bonjour à tous, je vous envoie
le relevé demain.</v>

{GUID}/22-0
00:00:09.454 --> 00:00:13.259
<v GUILLOU Gwenaëlle (Externe)>D'accord.</v>

{GUID}/30-0
00:00:14.000 --> 00:00:15.000
Merci.
"""


def test_a_teams_export_keeps_ids_voices_and_folded_lines() -> None:
    transcript = read_transcript("reunion.vtt", TEAMS.encode())
    assert [cue.id.rpartition("/")[2] for cue in transcript.cues] == ["19-0", "22-0", "30-0"]
    assert transcript.speakers == ("LEFEVRE Camille", "GUILLOU Gwenaëlle")
    assert transcript.cues[0].text == "Bonjour à tous, je vous envoie le relevé demain."
    assert (transcript.cues[1].is_external, transcript.cues[2].speaker) == (True, None)
    assert transcript.cues[0].starts_ms == 6886
    assert all(transcript.text[cue.start : cue.end] == cue.text for cue in transcript.cues)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_any_encoding_gives_the_same_words(encoding: str) -> None:
    expected = read_transcript("r.vtt", TEAMS.encode()).text
    assert read_transcript("r.vtt", TEAMS.replace("ê", "e").encode(encoding)).text == expected


def test_text_encoded_twice_is_restored() -> None:
    twice = TEAMS.encode().decode("cp1252").encode()
    assert "Gwenaëlle" in read_transcript("r.vtt", twice).speakers[1]


def test_decreasing_times_are_put_in_order() -> None:
    head, *blocks = TEAMS.strip().split("\n\n")
    backwards = "\n\n".join([head, *reversed(blocks)])
    transcript = read_transcript("r.vtt", backwards.encode())
    assert transcript.cues[0].text.startswith("Bonjour")
    assert any("reculent" in remark for remark in transcript.remarks)


def test_a_cut_file_is_told() -> None:
    cut = TEAMS[: TEAMS.index("le relevé")]
    transcript = read_transcript("r.vtt", cut.encode())
    whole = read_transcript("r.vtt", TEAMS.encode())
    assert len(transcript.cues) < len(whole.cues)
    cut_later = TEAMS[: TEAMS.index("D'accord") + 4]
    assert any("fin de la réunion" in r for r in read_transcript("r", cut_later.encode()).remarks)


def test_subrip_and_named_lines_are_read() -> None:
    text = "1\n00:00:01,000 --> 00:00:03,000\nLéa Martin: Je m'en charge.\n\n2\n00:00:04,5 --> x\n"
    transcript = read_transcript("r.srt", text.encode())
    assert (transcript.format, transcript.speakers, transcript.unread) == (
        "srt",
        ("Léa Martin",),
        1,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Léa Martin : Je m'en charge.\nPaul Roux : Merci.",
        "Léa Martin   0:03\nJe m'en charge.\n\nPaul Roux   0:08\nMerci.",
        "[00:00:03] Léa Martin : Je m'en charge.\n[00:00:08] Paul Roux : Merci.",
    ],
)
def test_plain_texts_name_their_speakers(text: str) -> None:
    transcript = read_transcript("r.txt", text.encode())
    assert transcript.speakers == ("Léa Martin", "Paul Roux")
    assert [cue.text for cue in transcript.cues] == ["Je m'en charge.", "Merci."]


def test_a_word_transcript_is_read() -> None:
    document = Document()
    document.add_paragraph("Léa Martin   0:03\nJe m'en charge.")
    document.add_paragraph("Paul Roux   0:08\nMerci.")
    written = io.BytesIO()
    document.save(written)
    transcript = read_transcript("r.docx", written.getvalue())
    assert (transcript.format, transcript.speakers) == ("docx", ("Léa Martin", "Paul Roux"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "vide"),
        (b"WEBVTT\n\n", "Aucune parole"),
        (b"PK\x03\x04rubbish", "Word"),
        (b"\x00\x01\x02" * 400, "pas un texte"),
        (b"x" * (31 * 1024 * 1024), "30 Mo"),
    ],
)
def test_what_cannot_be_read_is_refused_in_french(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_transcript("r.vtt", content)
    assert told in refused.value.message


@given(st.binary(max_size=400))
def test_any_bytes_give_a_transcript_or_a_refusal(content: bytes) -> None:
    try:
        transcript = read_transcript("r.vtt", b"WEBVTT\n\n" + content)
    except UnreadableFile:
        return
    assert all(transcript.text[cue.start : cue.end] == cue.text for cue in transcript.cues)


@pytest.mark.skipif(has_speech(), reason="the speech packages are installed here")
def test_audio_without_its_packages_says_how_to_install_them() -> None:
    with pytest.raises(ConfigurationError) as refused:
        transcribe("r.mp3", b"ID3")
    assert "pip install .[audio]" in refused.value.message
