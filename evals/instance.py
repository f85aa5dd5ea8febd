"""The installation that evaluations run on: the demonstration firm and its documents."""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from core.context import Identity
from core.database import Database
from core.errors import InvalidInput
from core.settings import get_settings
from crm.installation import Installation, open_installation
from demo.documents.builder import build_documents
from demo.firm import PRINCIPAL, Firm, generate_firm
from demo.people import PEOPLE
from demo.seed import seed
from ingest.folder import ingest_folder

FIND_LOGIN = "SELECT * FROM security.find_login(%s)"
LIST_CONTRACTS = """
SELECT c.reference, c.end_on FROM contracts c JOIN tenants t ON t.id = c.tenant_id
WHERE t.slug = %s
"""
INGESTION_ROLE = "director"


@contextmanager
def open_evaluation(
    today: dt.date, data_dir: Path | None = None
) -> Generator[Installation, None, None]:
    """An installation that holds the demonstration of `today`, temporary unless `data_dir`.

    A folder that holds another day's demonstration is refused with InvalidInput: the truths
    would not be its own.
    """
    with _folder(data_dir) as folder:
        settings = get_settings().model_copy(update={"data_dir": folder, "database_url": None})
        with open_installation(settings) as installation:
            _load(installation, generate_firm(today))
            yield installation


@contextmanager
def _folder(data_dir: Path | None) -> Generator[Path, None, None]:
    if data_dir is not None:
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="voltaire-eval-") as folder:
        # The account that runs PostgreSQL for root walks to its data through this folder.
        Path(folder).chmod(0o711)
        yield Path(folder)


def _load(installation: Installation, firm: Firm) -> None:
    with psycopg.connect(installation.admin_conninfo) as connection:
        stored = set(connection.execute(LIST_CONTRACTS, (PRINCIPAL,)).fetchall())
    if not stored:
        seed(installation, firm)
    elif stored != {(r["reference"], r["end_on"]) for r in firm.tenant_rows("contracts")}:
        raise InvalidInput(
            f"Le dossier {installation.settings.data_dir} contient une autre démonstration que "
            f"celle du {firm.today:%d/%m/%Y} : donnez un dossier vide."
        )
    build_documents(installation.settings.documents_dir)
    asyncio.run(_ingest(installation))


async def _ingest(installation: Installation) -> None:
    """Index the documents in an event loop of its own, with pools of its own."""
    database = Database(installation.admin_conninfo, installation.secrets)
    try:
        identities = await sign_in(database)
        director = next(i for i in identities.values() if INGESTION_ROLE in i.roles)
        settings = installation.settings
        await ingest_folder(
            database, director, settings.documents_dir, workers=settings.ingest_workers
        )
    finally:
        await database.close()


async def sign_in(database: Database) -> Mapping[str, Identity]:
    """The identity of each active person of the principal firm, by first name."""
    found: dict[str, Identity] = {}
    async with database.transaction(None, "gatekeeper") as connection:
        for person in PEOPLE:
            if person.tenant != PRINCIPAL or not person.is_active:
                continue
            row = await (await connection.execute(FIND_LOGIN, (person.email,))).fetchone()
            if row is None:
                raise InvalidInput(f"Le compte {person.email} manque à la démonstration.")
            found[person.key] = Identity(
                row["tenant_id"], row["user_id"], frozenset(row["roles"]), row["tenant_name"],
                row["full_name"], row["email"],
            )  # fmt: skip
    return found
