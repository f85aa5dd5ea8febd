"""Search of the knowledge base, as a tool."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from core.context import Context
from core.errors import InvalidInput, NotFound
from core.formats import NBSP, format_date, of
from core.french import french_words
from core.words import fold
from crm.contradictions import list_reviewed
from knowledge.assurance import judge
from knowledge.close_reading import read_closely
from knowledge.control import STANDINGS, ControlledVersion
from knowledge.found import SearchResult
from knowledge.search import SearchFilters, search
from knowledge.terms import find_term, list_terms, split_words
from tools.library import APPLIED, find_version, list_versions
from tools.outputs import Passage, Passages, Sentence
from tools.revisions import find_previous

LIMIT = 16
FORMER = "précédente"
COLLEAGUES = "SELECT full_name, job_title FROM users WHERE tenant_id = %s AND is_active"


async def read_knowledge(
    context: Context,
    query: str,
    *,
    kinds: tuple[str, ...] = (),
    standards: tuple[str, ...] = (),
    codes: tuple[str, ...] = (),
    as_of: dt.date | None = None,
    version: str | None = None,
) -> Passages:
    """The passages that answer best among those in force (or valid on `as_of`).

    With the label of a `version`, and one code, those of that version, in force or not any more
    (« précédente »: the one before the version in force). Raises InvalidInput without exactly one
    code, NotFound for a version that never applied.
    """
    asked = None if version is None else await _find_asked(context, codes, version)
    if asked is not None:
        as_of = None if asked.standing == "in_force" else asked.valid_from or asked.valid_to
    filters = SearchFilters(kinds=kinds, standards=standards, codes=codes, as_of=as_of)
    result = await look_up(context, query, filters)
    if asked is not None:
        kept = tuple(one for one in result.passages if one.version_id == asked.id)
        result = replace(result, passages=kept)
    note = ""
    if not result.passages and len(codes) == 1:
        note = await _explain_absence(context, codes[0], as_of or context.today)
    assurance = judge(result)
    label = "Passages de la base de connaissances"
    if as_of is not None:
        label += f" valables au {format_date(as_of)}"
    return Passages(
        label=label,
        query=query,
        as_of=as_of,
        assurance=assurance.chance,
        is_weak=assurance.is_weak,
        missing=assurance.missing,
        note=note,
        executed_at=context.clock(),
        passages=tuple(
            Passage(
                chunk_id=p.chunk_id, document_id=p.document_id, version_id=p.version_id,
                code=p.code, title=p.title, version_label=p.version_label, status=p.status,
                valid_from=p.valid_from, valid_to=p.valid_to, section=p.section_path, kind=p.kind,
                score=p.score, lexical=p.lexical, dense=p.dense,
                sentences=tuple(
                    Sentence(start=s.start, end=s.end, text=s.text, page=s.page, score=s.score)
                    for s in p.sentences
                ),
            )
            for p in result.passages
        ),
        reviewed=tuple(
            await list_reviewed(
                context.database, context.identity, [p.version_id for p in result.passages]
            )
        ),
    )  # fmt: skip


async def _find_asked(context: Context, codes: Sequence[str], label: str) -> ControlledVersion:
    """The version to search, that applies or applied on known days."""
    if len(codes) != 1:
        raise InvalidInput("une version se cherche avec le code d’un seul document.")
    found = await find_version(context, codes[0], None if label == FORMER else label)
    if label == FORMER:
        former = find_previous(await list_versions(context, code=found.code), found)
        if former is None:
            raise NotFound(f"aucune version de {found.code} ne précède la version {found.label}.")
        found = former
    if found.standing == "in_force":
        return found
    name = f"la version {found.label} de {found.code}"
    asked = f"«{NBSP}Que change la version {found.label} de {found.code}{NBSP}?{NBSP}»"
    if found.standing not in APPLIED:
        raise NotFound(
            f"{name} est «{NBSP}{STANDINGS[found.standing]}{NBSP}»{NBSP}; aucune réponse ne la "
            f"cite. {asked} en montre les phrases face à l’actuelle."
        )
    if found.valid_to is None:
        raise NotFound(
            f"on ne sait pas jusqu’à quand {name} a valu{NBSP}; aucune réponse ne la cite. {asked} "
            f"en montre les phrases."
        )
    return found


async def _explain_absence(context: Context, code: str, day: dt.date) -> str:
    """Why no version of a document applied on `day`; empty when one did, or none may be seen."""
    found = await list_versions(context, code=code)
    if not found or await list_versions(context, as_of=day, code=code):
        return ""
    known = sorted(filter(_has_applied, found), key=_find_start)
    started = [one for one in known if _find_start(one) <= day]
    if known and not started:
        first = known[0]
        return (
            f"La première version {of(first.code)}, la {first.label}, s’applique à partir du "
            f"{format_date(_find_start(first))}."
        )
    last = started[-1] if started else found[0]
    told = f"{last.code}, version {last.label}, est «{NBSP}{STANDINGS[last.standing]}{NBSP}»"
    if not started or last.valid_to is None:
        return f"{told}{NBSP}; aucune réponse ne la cite."
    end = format_date(last.valid_to)
    return (
        f"{told}{NBSP}; elle s’est appliquée jusqu’au {end}. Pour ce qu’elle disait, demandez "
        f"«{NBSP}Que disait {last.code} au {end}{NBSP}?{NBSP}»."
    )


def _has_applied(version: ControlledVersion) -> bool:
    """Tell whether a version applies, did, or will: what is withdrawn with an end did."""
    is_past = version.standing == "withdrawn" and version.valid_to is not None
    return version.standing in APPLIED or version.standing == "scheduled" or is_past


def _find_start(version: ControlledVersion) -> dt.date:
    """The first day of a version; without one, it is held to have applied always."""
    return version.valid_from or dt.date.min


async def look_up(context: Context, query: str, filters: SearchFilters) -> SearchResult:
    """The passages for `query` and their sentences, read whole."""
    found = await search(
        context.database, context.identity, query, today=context.today, filters=filters,
        limit=LIMIT, stand_ins=await _find_roles(context, query),
    )  # fmt: skip
    return await read_closely(found)


async def _find_roles(context: Context, query: str) -> dict[str, list[str]]:
    """For each colleague's name in `query`, the words of what they do.

    Documents speak of « le responsable qualité » where people say « Hugo ». A name that is a word
    of French, « Petit », stands for nothing.
    """
    asked = set(list_terms(query))
    async with context.database.transaction(context.identity) as connection:
        cursor = await connection.execute(COLLEAGUES, (context.identity.tenant_id,))
        people = await cursor.fetchall()
    found: defaultdict[str, list[str]] = defaultdict(list)
    for person in people:
        for name in split_words(person["full_name"]):
            # The words of French are loaded by who needs them alone.
            if (term := find_term(name)) in asked and fold(name) not in french_words():
                found[term] += list_terms(person["job_title"] or "")
    return dict(found)
