"""The `voltaire` command: French words, exit codes, findings of `doctor`, printed answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from api import doctor
from api.answers import fit_widths, wrap_text, write_answer
from api.instance import Instance, announced, find_instance, instance_path
from api.tour import draw_table
from core.formats import label_totals
from core.settings import PROJECT_ROOT, Settings

ANSWER: dict[str, Any] = {
    "text": "**Deux** contrats [1].",
    "tables": [
        {
            "title": "Contrats",
            "columns": [
                {"label": "Compte", "is_numeric": False},
                {"label": "Volume", "is_numeric": True},
            ],
            "rows": [["Fonderie de l’Erdre", "1 200"], ["Lycée", "90"]],
            "totals": ["", "12 340"],
            "total_rows": 5,
        }
    ],
    "citations": [
        {"kind": "records", "number": 1, "label": "Contrats", "total_rows": 5},
        {
            "kind": "document", "number": 2, "code": "PR-08", "version_label": "3.1", "page": 2,
            "quote": "Le délai\nest de 10 jours.",
        },
    ],
    "engine": "moteur déterministe",
    "is_model": False,
    "duration_ms": 140,
}  # fmt: skip


def run(*arguments: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "VOLTAIRE_DATA_DIR": str(data_dir),
        "TERM": "dumb",
        "COLUMNS": "100",
    }
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


ENGLISH = ("Usage", "Commands", "Show this", "Error", "Missing", "required", "Try", "No such")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("ask", "--help"), ("serve", "--help")])
def test_help_is_in_french(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments, data_dir=tmp_path)
    assert done.returncode == 0
    assert "Utilisation" in done.stdout
    assert [word for word in ENGLISH if word in done.stdout] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("inconnue",), "Commande inconnue\u00a0: inconnue."),
        (("ask",), "Il manque «\u00a0QUESTION\u00a0»."),
        (("serve", "--prot"), "Option inconnue\u00a0: --prot."),
        (("serve", "--port", "abc"), "La valeur donnée à «\u00a0PORT\u00a0» ne convient pas."),
        (("serve", "--port", "99999"), "La valeur donnée à «\u00a0PORT\u00a0» ne convient pas."),
    ],
)
def test_a_badly_written_command_is_explained_in_french(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = run(*arguments, data_dir=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stdout == ""


def test_an_error_is_one_line_on_the_error_output_without_traceback(tmp_path: Path) -> None:
    done = run("ingest", str(tmp_path / "absent"), data_dir=tmp_path)
    assert done.returncode == 1
    assert "n’est pas un dossier" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_server_address_is_explained_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOLTAIRE_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/voltaire")
    done = run("migrate", data_dir=tmp_path / "data")
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
    assert "VOLTAIRE_DATABASE_URL" in done.stderr
    assert not (tmp_path / "data" / "postgres").exists()


def test_asking_loads_no_heavy_library() -> None:
    heavy = ("chainlit", "langgraph", "llama_index", "fastapi", "psycopg", "sqlalchemy", "rich")
    script = (
        "import sys, api.cli, api.client, api.answers, api.instance\n"
        "from core.settings import get_settings; get_settings()\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def note(pid: int) -> Instance:
    return Instance("http://localhost:1", "127.0.0.1", 1, pid, "jeton", "a@b.example")


def test_a_note_is_found_while_its_process_lives_and_gone_afterwards(tmp_path: Path) -> None:
    with announced(tmp_path, note(os.getpid())):
        assert find_instance(tmp_path) == note(os.getpid())
        assert instance_path(tmp_path).stat().st_mode & 0o777 == 0o600
        assert "jeton" not in repr(find_instance(tmp_path))
    assert find_instance(tmp_path) is None
    assert not instance_path(tmp_path).exists()


def test_the_note_of_a_dead_process_or_a_broken_one_is_ignored(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path = instance_path(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**note(0).__dict__, "pid": ended.pid}))
    assert find_instance(tmp_path) is None
    path.write_text("{")
    assert find_instance(tmp_path) is None


def test_an_answer_is_printed_with_tables_sources_and_engine() -> None:
    text = write_answer(ANSWER, 80)
    assert text.splitlines() == [
        "Deux contrats [1].",
        "",
        "Contrats",
        "Compte               Volume",
        "───────────────────  ──────",
        "Fonderie de l’Erdre   1 200",
        "Lycée                    90",
        "───────────────────  ──────",
        "Total                12 340",
        "… et 3\u00a0lignes de plus.",
        "",
        "Sources",
        "  [1] Contrats — 5\u00a0lignes",
        "  [2] PR-08 v3.1, p.\u00a02 — «\u00a0Le délai est de 10 jours.\u00a0»",
        "",
        "Réponse du moteur déterministe, sans modèle · 0,14\u00a0s",
    ]


def test_a_wide_table_is_cut_to_the_terminal() -> None:
    assert sum(fit_widths([30, 10, 50], 60)) + 4 == 60
    assert fit_widths([3, 4], 60) == [3, 4]
    assert all(len(line) <= 24 for line in write_answer(ANSWER, 24).splitlines()[2:10])


def test_the_tour_shows_the_totals_of_all_the_rows() -> None:
    console = Console(width=60, file=StringIO(), color_system=None)
    console.print(draw_table(ANSWER["tables"][0]))
    assert isinstance(console.file, StringIO)
    last = console.file.getvalue().splitlines()[-3]
    assert last.replace("│", "").split() == ["Total", "12", "340"]


def test_a_table_of_one_summed_column_keeps_its_figure_beside_the_label() -> None:
    assert label_totals(("12 340",)) == ["Total\u00a0: 12 340"]
    assert label_totals(()) == []


def test_markdown_marks_are_not_printed() -> None:
    assert wrap_text("**Gras**, *penché*, `code`, 3 * 4", 80) == "Gras, penché, code, 3 * 4"


def settings_with_key(tmp_path: Path, key: str | None) -> Settings:
    secret = SecretStr(key) if key else None
    return Settings(data_dir=tmp_path, anthropic_api_key=secret, anthropic_base_url=None)


def test_without_a_key_doctor_says_the_deterministic_engine_answers(tmp_path: Path) -> None:
    finding = doctor.check_engine(settings_with_key(tmp_path, None))
    assert finding.line.startswith("– Clé d’API")
    assert "moteur déterministe" in finding.line


def test_doctor_doubts_a_key_of_the_wrong_form_without_showing_it(tmp_path: Path) -> None:
    finding = doctor.check_engine(settings_with_key(tmp_path, "pas-une-cle"))
    assert (finding.state, finding.is_blocking) == ("failed", False)
    assert "pas-une-cle" not in finding.line


def test_doctor_ticks_no_key_that_it_has_not_tried(tmp_path: Path) -> None:
    finding = doctor.check_engine(settings_with_key(tmp_path, "sk-ant-xyz"))
    assert finding.state == "untried"
    assert "✓" not in finding.line
    assert "sk-ant-xyz" not in finding.line


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (None, "api.anthropic.com"),
        ("https://moi:secret@relais.example:8443/v1", "relais.example:8443"),
        ("pas une adresse", "l’adresse réglée"),
        ("http://relais:port", "l’adresse réglée"),
    ],
)
def test_doctor_names_the_server_without_what_its_address_keeps_secret(
    address: str | None, name: str
) -> None:
    assert doctor.name_server(address) == name


def test_doctor_says_what_to_install_when_a_package_or_a_tool_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = doctor.check_packages(("pydantic", "paquet-absent"))
    assert missing.is_blocking
    assert "paquet-absent" in missing.line
    assert doctor.check_browser(("/absent",)).state == "absent"
    monkeypatch.setattr("api.doctor.list_tesseract_languages", frozenset)
    assert "RapidOCR" in doctor.check_ocr().line
    monkeypatch.setattr("api.doctor.find_spec", lambda _: None)
    assert "tesseract-ocr-fra" in doctor.check_ocr().line


def test_doctor_finds_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    assert doctor.check_data_folder(tmp_path / "fichier").is_blocking
    assert doctor.check_data_folder(tmp_path / "nouveau").state == "ok"


def test_doctor_fails_when_the_database_cannot_be_reached(tmp_path: Path) -> None:
    unreachable = SecretStr("postgresql://nobody:x@127.0.0.1:1/voltaire")
    findings = list(doctor.check_database(Settings(data_dir=tmp_path, database_url=unreachable)))
    assert [finding.is_blocking for finding in findings] == [True]
    assert "127.0.0.1:1" in findings[0].line
