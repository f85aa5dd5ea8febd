"""The commands `voltaire import` and `voltaire export`, on the data folder itself."""

from __future__ import annotations

from pathlib import Path

from api.offline import make_context, run_here
from api.written import check_writable, write_file
from core.context import Identity
from core.errors import InvalidInput
from core.formats import NBSP
from core.settings import Settings
from crm.installation import Installation
from crm.objects import OBJECTS
from ingest.spreadsheets.grid import LARGEST_BYTES, read_grid
from tools.exporting import Export, Form, export_list
from tools.importing.headings import IMPORTED, Layout, lay_out
from tools.importing.preview import LinePreview, Outcome, Preview, preview_import
from tools.importing.proposing import Proposed, propose_import
from tools.importing.telling import (
    OUTCOMES,
    tell_changes,
    tell_proposed,
    tell_rest,
    tell_title,
)

SHOWN = 15
SHOWN_OUTCOMES: tuple[Outcome, ...] = ("refused", "update", "create")
TO_GO_ON = "Rien n’est proposé. Relisez, puis relancez avec --apply {digest}."


def import_here(
    settings: Settings, user: str | None, path: Path, kind: str | None, sheet: str | None,
    digest: str | None,
) -> list[str]:  # fmt: skip
    """The preview of a file; with the digest that a preview gave, its proposals."""
    if not path.is_file():
        raise InvalidInput(f"«{NBSP}{path}{NBSP}» n’est pas un fichier.")
    with path.open("rb") as stream:
        content = stream.read(LARGEST_BYTES + 1)
    grid = read_grid(path.name, content, sheet)
    layout = lay_out(grid, find_object(kind))

    async def work(installation: Installation, identity: Identity) -> list[str]:
        context = make_context(installation, identity)
        preview = await preview_import(context, grid, layout)
        if digest is None:
            return describe_preview(preview)
        return describe_proposed(await propose_import(context, preview, digest, path.name, content))

    return run_here(settings, user, work)


def export_here(settings: Settings, user: str | None, kind: str, path: Path) -> list[str]:
    """Write the records of a kind to a file. Raises InvalidInput."""
    suffix = path.suffix.lower().lstrip(".")
    form: Form | None = "csv" if suffix == "csv" else "xlsx" if suffix == "xlsx" else None
    if form is None:
        raise InvalidInput("Donnez un fichier .csv ou .xlsx.")
    name = find_object(kind) or ""
    check_writable(path)

    async def work(installation: Installation, identity: Identity) -> Export:
        return await export_list(make_context(installation, identity), name, form)

    export = run_here(settings, user, work)
    write_file(path, export.content)
    return [f"Écrit{NBSP}: {path}"]


def find_object(kind: str | None) -> str | None:
    """The object of a French noun, singular or plural, or of its name. Raises InvalidInput."""
    if kind is None:
        return None
    wanted = kind.strip().lower().replace("'", "’")
    for name, declared in OBJECTS.items():
        if wanted in (name, declared.singular, declared.plural):
            return name
    known = ", ".join(OBJECTS[name].plural for name in IMPORTED)
    raise InvalidInput(f"«{NBSP}{kind[:60]}{NBSP}» n’est pas connu. Par exemple{NBSP}: {known}.")


def describe_preview(preview: Preview) -> list[str]:
    """The columns, the counts, the refused lines and some of the others, in French."""
    counts = preview.counts
    lines = [tell_title(preview), *describe_columns(preview.layout), *preview.remarks]
    for outcome in SHOWN_OUTCOMES:
        found = [line for line in preview.lines if line.outcome == outcome]
        lines += [describe_line(line) for line in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"  {tell_rest(outcome, len(found) - SHOWN)}")
    if counts.get("create") or counts.get("update"):
        lines.append(TO_GO_ON.format(digest=preview.digest))
    return lines


def describe_columns(layout: Layout) -> list[str]:
    """Which column fills which field."""
    return [f"  {one.text} → {one.target.label}" for one in layout.headings if one.target]


def describe_line(line: LinePreview) -> str:
    """A line of the sheet and what becomes of it."""
    head = f"Ligne {line.number}, {OUTCOMES[line.outcome][0]}"
    head += f" ({line.title[:60]})" if line.title else ""
    if line.outcome == "refused":
        return f"{head}{NBSP}: {' '.join(line.reasons)}"
    return f"{head}{NBSP}: {tell_changes(line)}" + (f" – {line.remark}" if line.remark else "")


def describe_proposed(done: Proposed) -> list[str]:
    """What the import led to."""
    first, *rest = tell_proposed(done)
    lines = [f"{first} Elles attendent votre accord{NBSP}: voltaire approvals list."]
    lines += [f"Ligne {one.number}, refusée{NBSP}: {one.reason}" for one in done.refused]
    return [*lines, *rest]
