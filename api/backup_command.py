"""The commands `voltaire backup` and `voltaire restore`: a whole installation in one file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.formats import NBSP, count_noun, format_instant
from core.settings import Settings
from crm.backup import FILES, Content, restore_backup, write_backup
from crm.installation import open_installation


def backup_here(settings: Settings, target: Path) -> list[str]:
    """Write the installation to `target`; the lines to print."""
    with open_installation(settings) as installation:
        content = write_backup(installation, target)
        asyncio.run(installation.database.close())
    return [
        f"Sauvegarde écrite{NBSP}: {target}",
        _tell(content),
        "Elle contient le secret de l’installation et toutes les données du cabinet. Gardez-la "
        "hors de cette machine, en lieu sûr.",
    ]


def restore_here(settings: Settings, source: Path) -> list[str]:
    """Put back the installation of `source`; the lines to print."""
    content = restore_backup(settings, source)
    return [
        f"Installation restaurée dans {settings.data_dir}.",
        _tell(content),
        f"Vérifiez le journal{NBSP}: voltaire audit verify --user ADRESSE",
    ]


def _tell(content: Content) -> str:
    files = sum(name.startswith(FILES) for name in content.members)
    return (
        f"Base du {format_instant(content.made_at)}, schéma {content.revision}, "
        f"{count_noun(files, 'fichier', 'fichiers')}."
    )
