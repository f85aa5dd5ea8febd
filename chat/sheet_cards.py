"""The preview of an import and what came of it, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from chat.cards import EMPTY, plain, write_cell
from core.formats import NBSP, count_noun, join_words
from tools.importing.headings import Layout
from tools.importing.preview import LinePreview, Outcome, Preview
from tools.importing.proposing import Proposed
from tools.importing.telling import OUTCOMES, tell_changes, tell_proposed, tell_rest, tell_title

SHOWN = 15
ORDER: tuple[Outcome, ...] = ("refused", "update", "create", "ignored")
NOTHING_TO_DO = "Rien n’est à proposer."
NOTHING_WRITTEN = (
    "Rien n’est écrit, ni proposé. Relisez, puis proposez ce qui convient\u00a0: chaque "
    "modification attendra ensuite un accord."
)
HEADER = "| Ligne | Sort | Fiche | Détail |\n| ---: | --- | --- | --- |"


def write_preview(file_name: str, preview: Preview) -> str:
    """What each line would become: those refused, then those to check, then the others."""
    parts = [f"**{plain(file_name)}** – {plain(tell_title(preview))}{_tell_doubtful(preview)}"]
    parts.append(_write_columns(preview.layout))
    parts += [plain(remark) for remark in preview.remarks]
    parts.append(_write_table(preview))
    parts.append(NOTHING_WRITTEN if count_wished(preview) else NOTHING_TO_DO)
    return "\n\n".join(part for part in parts if part)


def write_done(done: Proposed) -> str:
    """What was proposed, and the lines that could not be."""
    lines = [" ".join(tell_proposed(done))]
    lines += [f"- Ligne {r.number}, refusée{NBSP}: {plain(r.reason)}" for r in done.refused]
    return "\n".join(lines)


def count_wished(preview: Preview) -> int:
    """How many lines would be proposed."""
    return preview.counts.get("create", 0) + preview.counts.get("update", 0)


def _tell_doubtful(preview: Preview) -> str:
    doubtful = sum(line.is_doubtful for line in preview.lines)
    if not doubtful:
        return ""
    return f" {count_noun(doubtful, 'ligne est douteuse', 'lignes sont douteuses')}\u00a0: " + (
        "vérifiez-la." if doubtful == 1 else "vérifiez-les."
    )


def _write_columns(layout: Layout) -> str:
    pairs = [f"{one.text} → {one.target.label}" for one in layout.headings if one.target]
    return f"Colonnes reprises{NBSP}: {plain(join_words(pairs))}."


def _write_table(preview: Preview) -> str:
    rows: list[str] = []
    rests: list[str] = []
    for outcome in ORDER:
        found = [line for line in preview.lines if line.outcome == outcome]
        found.sort(key=lambda line: not line.is_doubtful)
        rows += [_write_row(line) for line in found[:SHOWN]]
        if len(found) > SHOWN:
            rests.append(tell_rest(outcome, len(found) - SHOWN))
    if not rows:
        return ""
    return "\n\n".join(["\n".join([HEADER, *rows]), *rests])


def _write_row(line: LinePreview) -> str:
    fate = OUTCOMES[line.outcome][0] + (", à vérifier" if line.is_doubtful else "")
    cells = (str(line.number), fate, line.title or EMPTY, _tell_detail(line))
    return "| " + " | ".join(write_cell(cell) for cell in cells) + " |"


def _tell_detail(line: LinePreview) -> str:
    told: Sequence[str] = line.reasons if line.outcome == "refused" else [tell_changes(line)]
    detail = " ".join(one for one in told if one)
    return f"⚠ {line.remark} {detail}".strip() if line.is_doubtful else detail or line.remark
