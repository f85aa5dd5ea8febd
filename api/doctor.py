"""The examination of an installation: each finding says what to do when something is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from core.errors import VoltaireError
from core.settings import Settings

State = Literal["ok", "failed", "absent", "untried"]
MARKS: dict[State, str] = {"ok": "✓", "failed": "✗", "absent": "–", "untried": "…"}
NBSP = "\u00a0"

PACKAGES = (
    "anthropic", "chainlit", "fastapi", "langgraph", "llama-index-core", "pgvector",
    "procrastinate", "psycopg", "pydantic", "unstructured", "uvicorn",
)  # fmt: skip
FREE_SPACE_MB = 500
SERVER_VERSION = 160000
KEY_PREFIX = "sk-ant-"
CHROMIUM_PATHS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


@dataclass(frozen=True)
class Finding:
    """One line of the examination; `is_blocking` when Voltaire cannot work without it."""

    state: State
    subject: str
    detail: str
    is_blocking: bool = False

    @property
    def line(self) -> str:
        """The line shown."""
        return f"{MARKS[self.state]} {self.subject}{NBSP}: {self.detail}"


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings, in the order they matter; each comes as soon as it is known."""
    yield check_python()
    yield check_packages()
    yield check_data_folder(settings.data_dir)
    yield check_disk(settings.data_dir)
    yield from check_database(settings)
    yield check_embeddings()
    yield check_ocr()
    yield check_browser()
    yield check_engine(settings)
    from api.libraries import examine_libraries
    from api.model_findings import examine_models

    yield from examine_libraries(settings)
    yield from examine_models(settings)


def check_python() -> Finding:
    """Python 3.11 to 3.13."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return _ok("Python", found)
    return _failed("Python", f"{found} ne convient pas. Installez Python 3.11, 3.12 ou 3.13.")


def check_packages(names: tuple[str, ...] = PACKAGES) -> Finding:
    """The packages Voltaire is made of."""
    missing = [name for name in names if _find_version(name) is None]
    if missing:
        return _failed("Paquets", f"il manque {', '.join(missing)}. Relancez « make setup ».")
    return _ok("Paquets", f"{len(names)} présents (Chainlit {_find_version('chainlit')})")


def check_data_folder(folder: Path) -> Finding:
    """The data folder can be made and written."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return _ok("Dossier de données", str(folder))
    return _failed(
        "Dossier de données",
        f"{folder} n’est pas accessible en écriture. Rendez-le à votre compte ou choisissez-en un "
        "autre avec VOLTAIRE_DATA_DIR.",
    )


def check_disk(folder: Path) -> Finding:
    """Enough free space for the database to live."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    free = shutil.disk_usage(existing).free // (1024 * 1024)
    if free >= FREE_SPACE_MB:
        return _ok("Espace disque", f"{free} Mo libres")
    return _failed(
        "Espace disque",
        f"{free} Mo libres, il en faut {FREE_SPACE_MB}. Libérez de la place ou changez "
        "VOLTAIRE_DATA_DIR.",
    )


def check_database(settings: Settings) -> Iterator[Finding]:
    """The server answers, is recent, has its extensions and the present schema."""
    from crm.installation import open_installation

    try:
        with open_installation(settings) as installation:
            yield from _examine_server(installation.admin_conninfo)
    except VoltaireError as error:
        yield _failed("Base de données", error.message)


def check_embeddings() -> Finding:
    """The embedding model loads and gives vectors."""
    try:
        from knowledge.cross_encoder import get_cross_encoder
        from knowledge.llamaindex import LlamaIndexEmbedding
        from knowledge.passage_embedder import get_passage_embedder

        name = get_passage_embedder().model_name
        size = len(LlamaIndexEmbedding().get_text_embedding("échéance du contrat"))
        get_cross_encoder().score("Quelle échéance ?", ["échéance du contrat"])
    except Exception as error:
        return _failed(
            "Modèle de recherche",
            f"ne se charge pas ({type(error).__name__}). Relancez « make setup ».",
        )
    return _ok("Modèle de recherche", f"{name}, {size} dimensions")


def check_ocr() -> Finding:
    """A reader of scanned pages: Tesseract with French, else RapidOCR."""
    languages = list_tesseract_languages()
    if "fra" in languages:
        return _ok("Lecture des scans", "Tesseract, français")
    if find_spec("rapidocr") is not None:
        advice = "installez tesseract-ocr-fra pour aller cinq fois plus vite"
        return _ok("Lecture des scans", f"RapidOCR ({advice})")
    return Finding(
        "absent",
        "Lecture des scans",
        "aucun lecteur : les pages scannées ne seront pas lues. Installez tesseract-ocr-fra.",
    )


def check_browser(paths: tuple[str, ...] = CHROMIUM_PATHS) -> Finding:
    """A browser for the end-to-end tests; not needed otherwise."""
    for path in paths:
        if Path(path).exists():
            return _ok("Chromium (tests seulement)", path)
    return Finding(
        "absent",
        "Chromium (tests seulement)",
        "absent, les essais dans un navigateur seront passés. Debian : apt install chromium.",
    )


def check_engine(settings: Settings) -> Finding:
    """Which engine will answer; a key of the right form is worth nothing until it is tried."""
    if settings.anthropic_api_key is None:
        return Finding(
            "absent",
            "Clé d’API",
            "absente, le moteur déterministe répondra (sans modèle). Pour Claude : "
            "VOLTAIRE_ANTHROPIC_API_KEY.",
        )
    key = settings.anthropic_api_key.get_secret_value()
    if settings.anthropic_base_url is None and not key.startswith(KEY_PREFIX):
        return Finding(
            "failed",
            "Clé d’API",
            f"elle ne commence pas par « {KEY_PREFIX} ». Recopiez-la depuis la console "
            "d’Anthropic, ou retirez-la pour le moteur déterministe.",
        )
    where = name_server(settings.anthropic_base_url)
    return Finding("untried", "Clé d’API", f"présente, essayée ci-dessous sur {where}")


def name_server(base_url: str | None) -> str:
    """The server of the model, without the names and passwords an address may hold."""
    if base_url is None:
        return "api.anthropic.com"
    try:
        parts = urlsplit(base_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "l’adresse réglée"
    return f"{parts.hostname}{port}" if parts.hostname else "l’adresse réglée"


def list_tesseract_languages() -> frozenset[str]:
    """The languages Tesseract reads here; none where it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return frozenset()
    done = subprocess.run(  # noqa: S603 - fixed program
        [program, "--list-langs"], capture_output=True, text=True, check=False, timeout=20
    )
    return frozenset(done.stdout.split())


def _examine_server(admin_conninfo: str) -> Iterator[Finding]:
    from crm.migrations.runner import EXTENSIONS, current_revision, head_revision
    from crm.servers import describe_server

    server = describe_server(admin_conninfo)
    if server.version >= SERVER_VERSION:
        yield _ok("Base de données", f"PostgreSQL {server.version // 10000}, joignable")
    else:
        yield _failed(
            "Base de données",
            f"PostgreSQL {server.version // 10000} est trop ancien, il faut la 16 au moins.",
        )
    missing = [name for name in EXTENSIONS if name not in server.extensions]
    if missing:
        yield _failed(
            "Extensions",
            f"il manque {', '.join(missing)}. Demandez à l’administrateur du serveur : "
            f"CREATE EXTENSION {missing[0]};",
        )
    else:
        yield _ok("Extensions", ", ".join(f"{n} {server.extensions[n]}" for n in EXTENSIONS))
    current, head = current_revision(admin_conninfo), head_revision()
    if current == head:
        yield _ok("Schéma", f"révision {current}")
    else:
        yield _failed(
            "Schéma", f"révision {current}, attendue {head}. Lancez « voltaire migrate »."
        )


def _find_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _ok(subject: str, detail: str) -> Finding:
    return Finding("ok", subject, detail)


def _failed(subject: str, detail: str) -> Finding:
    return Finding("failed", subject, detail, is_blocking=True)
