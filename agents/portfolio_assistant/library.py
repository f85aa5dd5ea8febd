"""Requests about controlled documents and the documentary base, told from rows alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import get_args

from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.designation import (
    CODE_ALONE,
    SUBJECT,
    THE,
    find_designation,
    find_named,
    reduce_request,
)
from agents.portfolio_assistant.register import (
    are_standards_asked,
    is_history_asked,
    is_owner_asked,
    tell_owner,
    tell_standards,
)
from agents.portfolio_assistant.revisions import (
    is_approval_asked,
    is_revision_asked,
    tell_approval,
    tell_revision,
)
from core.addresses import API
from core.context import Context
from core.dates import find_period
from core.errors import InvalidInput
from core.formats import NBSP, count_noun, cut_list, format_date, format_instant, of
from core.roles import SUPERVISORS
from core.settings import get_settings
from core.words import fold, stem
from crm.day import list_reviews_due, list_unread
from ingest.asking import ask_reading
from knowledge.control import STANDINGS, ControlledVersion
from knowledge.documents import AccessRole, VersionStatus
from tools import library
from tools.document_table import name_roles
from tools.ingestion import read_state, tell_state

Tell = Callable[[Context, str, Surface], Awaitable[str]]
DOCUMENT = r"(?:documents?|procedures?|instructions?|versions?)"
ASK = (
    r"(?:(?:quel(?:le)?s sont |liste[rz]? |montrez?(?:[ -]moi)? |donnez?(?:[ -]moi)? |"
    r"affichez? |voir )?(?:la |le |les |des |l')?(?:liste |table(?:au)? )?(?:des |de )?|"
    r"quel(?:le)?s )"
)
ORDER = r"(?:(?:pouvez|pourriez)[ -]vous |veuillez |merci de |il faut |je voudrais |peux-tu )?"
PUT = r"(?:(?:mett?(?:ez|re|ons|s)|pass(?:ez|er|e)) en vigueur|approuv(?:ez|er|e))"
WITHDRAW = r"(?:(?:retir|abrog)(?:ez|er|e))"
IN_FORCE = re.compile(
    rf"^{ASK}{DOCUMENT} (?:sont |etaient |seront )?(?:en vigueur|applicables?)(?P<when> .+)?$|"
    r"^(?:registre documentaire|table des documents|liste des documents controles)$"
)
KINDS = r"(?:documents?|procedures?|instructions?|registre documentaire)"
TABLE = (
    r"(?:(?:la |le |les |l'|une? )?(?:export|table(?:au)?|liste|registre|classeur|fichier)"
    r"(?: (?:excel|xlsx))? )?(?:des |de |du |d')?(?:tous )?(?:la |le |les |l')?"
    rf"{KINDS}(?: (?:sont )?(?:en vigueur|applicables?|controles|maitrises))?(?: (?:au|le) .+?)?"
)
AS_SHEET = (
    r"(?:en|au format|sous|vers|dans|pour) (?:un )?(?:fichier |format |classeur )?"
    r"(?:excel|xlsx|tableur)"
)
EXPORT = re.compile(
    rf"^{ORDER}(?:(?:export|telecharg)\w*(?:[ -]moi)? {TABLE}(?: {AS_SHEET})?|"
    rf"(?:(?:me |nous )?\w+(?:[ -](?:moi|nous))? )?{TABLE} {AS_SHEET}|"
    r"(?:la )?table (?:de|pour) l'auditeur)$"
)
CHANGED = re.compile(
    rf"^(?:{ASK}{DOCUMENT}|qu'est-ce qui) (?:(?:qui )?(?:a|ont|sont) )?(?:ete )?"
    r"(?:change|modifie|evolue|remplace|revise|actualise|mis(?:e|es)? a jour|"
    r"(?:entre|passe)(?:e|es|s)? en vigueur)(?:e|es|s)?"
    r"(?: (?:dans la base documentaire|depuis|entre|en|cet(?:te)?|ce|ces|le|la|au|hier)\b.*)?$"
)
REVIEWS = re.compile(
    rf"^{ASK}{DOCUMENT} (?:sont )?(?:a|dois[ -]je|que je dois|devons[ -]nous) "
    rf"(?:revoir|reviser|relire)\b.*$|^{ASK}(?:revues|relectures) "
    r"(?:documentaires|de documents|prevues|dues|en retard)$|"
    rf"^{ASK}{DOCUMENT} (?:sont )?en retard(?: de (?:relecture|revue|revision))?$"
)
VERSIONS = re.compile(
    rf"^(?:(?:{ASK}versions?|toutes les versions|(?:l')?historique des versions) (?:de |du |d')"
    rf"{THE}|(?:l')?historique (?:de |du |d')(?:la |le |l')?(?:procedure|document|instruction|note)"
    rf" ){SUBJECT}(?: (?:existent|existantes|y a[ -]t[ -]il))?$"
)
STANDING = re.compile(
    rf"^(?:(?:quelle est )?(?:la )?(?:derniere version|version (?:en vigueur|applicable|actuelle)) "
    rf"(?:de |du |d'){THE}{CODE_ALONE}|"
    rf"quelle version (?:de |du |d'){THE}{CODE_ALONE} (?:est en vigueur|s'applique)|"
    rf"{THE}{CODE_ALONE} est[ -](?:elle|il) (?:toujours |encore )?"
    rf"(?:en vigueur|applicable|valable))$"
)
UNREAD = re.compile(
    rf"^mes lectures(?: a (?:faire|confirmer))?$|^{ASK}{DOCUMENT} (?:dois[ -]je|que je dois|"
    rf"je dois|ai[ -]je a) lire$|^{ASK}lectures a (?:faire|confirmer)$"
)
WHO = re.compile(rf"^qui (?:a|doit|n'a pas)(?: encore)? (?:lu|lire) {THE}{SUBJECT}$")
READ = re.compile(
    rf"^(?:j'ai (?:bien )?lu|(?:je )?confirme(?:r)? (?:la |ma |avoir )?(?:lecture|lu)(?: de)?) "
    rf"{THE}{SUBJECT}$"
)
DECIDE = re.compile(rf"^{ORDER}(?:(?P<put>{PUT})|(?P<withdraw>{WITHDRAW})) {THE}{SUBJECT}$")
READERS = re.compile(
    rf"^{ORDER}(?:(?P<who>.+?) (?:doit|doivent|devront) lire {THE}{CODE_ALONE}"
    rf"|(?:faites|faire) lire {THE}{CODE_ALONE} (?:a |aux? )(?P<whom>.+))$"
)
REVIEW = re.compile(
    rf"^{ORDER}(?:{THE}{CODE_ALONE} (?:est|sera) a (?:relire|revoir|reviser)|"
    rf"(?:planifi|fix|prevoy|report)\w+ la (?:relecture|revue|revision) (?:de |du |d'){THE}"
    rf"{CODE_ALONE}) (?:pour|avant|au|le|d'ici|en)\b.+$"
)
STATE = re.compile(
    rf"^{ASK}(?:etat|situation) (?:de la base documentaire|des documents lus|de l'ingestion|"
    r"de la base de connaissances|de la lecture(?: des documents)?)$|"
    rf"^ou en est la lecture(?: des documents)?$|"
    rf"^{ASK}{DOCUMENT} (?:n'ont pas (?:ete|pu etre) lus?|en echec|refuses|non lus)$"
)
AGAIN = re.compile(
    rf"^{ORDER}(?:relanc|recommenc|reli)\w* (?:la lecture|l'ingestion|l'indexation)"
    r"(?: (?:des documents|de la base documentaire|du dossier))?$"
)
APPROVE: dict[Surface, str] = {
    "chat": f" Ouvrez «{NBSP}Approbations{NBSP}».",
    "cli": f" Voyez-la par «{NBSP}voltaire approvals list{NBSP}».",
    "api": "",
}
WHO_ARTICLE = re.compile(
    r"^(?:(?:tous|toute|toutes|les|la|le|a|au|aux|des|du|de|equipe|service|responsable) |[ld]')+"
    r"(?=\w)"
)
ROLE_WORDS: dict[str, AccessRole] = {
    "commercial": "sales", "commerciale": "sales", "qualite": "quality", "direction": "director",
    "directeur": "director", "lecteur": "reader", "administration": "admin",
    "administrateur": "admin", "tout le cabinet": "all", "tout le monde": "all", "cabinet": "all",
    "tous": "all", "equipe": "all",
}  # fmt: skip
ROLES_READING: tuple[AccessRole, ...] = get_args(AccessRole)
# « Avant le 1er mars », « d'ici fin juin »: the last day of what is said.
LIMIT = re.compile(r"\b(?:avant|d'ici|au plus tard)\b")
LATE = re.compile(r"\ben retard\b")
KIND = re.compile(r"\b(?P<kind>procedure|instruction)s?\b")
OTHERS_UNSEEN = "Les lectures de vos collègues sont vues par la qualité et la direction."
MOST = 60


def find_library_request(question: str) -> Tell | None:
    """What answers a request about controlled documents; None for any other question."""
    for is_asked, tell in OF_ONE_DOCUMENT:
        if is_asked(question):
            return tell
    asked = reduce_request(question)
    for pattern, tell in TELLERS:
        match = pattern.search(asked)
        if match is None or (pattern in ORDERS and not _is_order(question, match)):
            continue
        named = "subject" in match.re.groupindex
        if not named or find_designation(question) is not None:
            return tell
    return None


def _is_order(question: str, match: re.Match[str]) -> bool:
    """Tell what asks for a change from a question on it (« Les commerciaux doivent lire… ? »)."""
    who = match.groupdict().get("who") or match.groupdict().get("whom")
    return not question.rstrip().endswith("?") and (who is None or find_roles(who) is not None)


async def tell_in_force(context: Context, question: str, surface: Surface) -> str:
    """The documents in force, today or on the day that the question names."""
    period = find_period(question, context.today)
    day = period.start if period is not None else None
    found = await library.list_versions(context, as_of=day)
    held = [one for one in found if day is not None or one.standing == "in_force"]
    when = format_date(day or context.today)
    if not held:
        is_to_come = day is not None and day > context.today
        verb = "n’est" if day is None else "ne sera" if is_to_come else "n’était"
        return f"Aucun document que vous puissiez lire {verb} en vigueur le {when}."
    lines = cut_list([_tell_version(one, day or context.today) for one in held], MOST)
    count = count_noun(len(held), "document en vigueur", "documents en vigueur")
    parts = [f"**{count} au {when}**", "\n".join(lines), _tell_export(surface, day)]
    return "\n\n".join(part for part in parts if part)


async def tell_table(context: Context, question: str, surface: Surface) -> str:
    """Where to take the documents in force as a workbook."""
    period = find_period(question, context.today)
    day = period.start if period is not None else None
    where = _tell_export(surface, day) or (
        "Téléchargez-la dans la page de conversation, en y faisant la même demande."
    )
    when = format_date(day or context.today)
    return f"Table des documents en vigueur au {when}, pour un tableur.\n\n{where}"


async def tell_changed(context: Context, question: str, _: Surface) -> str:
    """The versions that came into force, or were withdrawn, in the period that is named."""
    period = find_period(question, context.today)
    if period is None or period.start is None:
        raise InvalidInput(f"Dites depuis quand, par exemple «{NBSP}depuis septembre{NBSP}».")
    last = min(period.end or context.today, context.today)
    kind = KIND.search(fold(question))
    found = [
        one
        for one in await library.list_versions(context)
        if (kind is None or one.kind == kind["kind"])
        and (day := _find_change(one)) is not None
        and period.start <= day <= last
    ]
    when = f"du {format_date(period.start)} au {format_date(last)}"
    if not found:
        return f"Aucune version que vous puissiez lire n’a changé {when}."
    lines = cut_list([f"- **{one.code}**, version {_tell_state(one)}" for one in found], MOST)
    count = count_noun(len(found), "version a changé", "versions ont changé")
    first = next((one for one in found if one.standing == "in_force"), found[0])
    asked = f"«{NBSP}Que change la version {first.label} de {first.code}{NBSP}?{NBSP}»"
    how = f"*Pour voir les phrases qui diffèrent{NBSP}: {asked}.*"
    return "\n\n".join([f"**{count} {when}**", "\n".join(lines), how])


def _find_change(version: ControlledVersion) -> dt.date | None:
    """The day when a version began to apply, or ceased to since it is withdrawn."""
    if version.standing == "withdrawn":
        return version.valid_to
    return version.valid_from if version.standing in library.APPLIED else None


async def tell_reviews(context: Context, question: str, _: Surface) -> str:
    """The documents to review within thirty days; those overdue alone when asked for."""
    everyone = bool(context.identity.roles & SUPERVISORS)
    due = await list_reviews_due(context, context.today, everyone=everyone)
    title = "Documents à relire dans les trente jours"
    if LATE.search(fold(question)):
        due = [one for one in due if one.review_due_on < context.today]
        title = "Documents en retard de relecture"
        if not due:
            return "Aucun document n’est en retard de relecture."
    if not due:
        return "Aucun document à relire dans les trente jours."
    lines: list[str] = []
    for one in due:
        late = "**en retard** depuis le" if one.review_due_on < context.today else "pour le"
        name = f"{one.code}, version {one.label}" if one.code else "Article"
        owner = one.owner_name or "sans responsable"
        lines.append(f"- {name} – {one.title}{NBSP}: {late} {format_date(one.review_due_on)} "
                     f"({owner})")  # fmt: skip
    return "\n\n".join([f"**{title}**", "\n".join(lines)])


async def tell_unread(context: Context, _: str, __: Surface) -> str:
    """The documents that the user must still read."""
    unread = await list_unread(context, context.today)
    if not unread:
        return "Vous avez confirmé toutes vos lectures."
    lines: list[str] = []
    for one in unread:
        line = f"- {one.code}, version {one.label} – {one.title}"
        if one.valid_from is not None and one.valid_from > context.today:
            line += f" (s’appliquera le {format_date(one.valid_from)})"
        lines.append(line)
    first = unread[0].code
    if unread[0].label[:1].isdigit():
        first += f" version {unread[0].label}"
    how = f"*Une fois lu, écrivez par exemple «{NBSP}J’ai lu {first}{NBSP}».*"
    return "\n\n".join(["**Documents à lire**", "\n".join(lines), how])


async def tell_versions(context: Context, question: str, _: Surface) -> str:
    """Every version of a document, newest first: its status and when it applies."""
    code = (await find_named(context, question)).code
    found = await library.list_versions(context, code=code)
    title = f"**{count_noun(len(found), 'version', 'versions')} {of(code)}**"
    return "\n\n".join([title, "\n".join(f"- Version {_tell_state(one)}" for one in found)])


async def tell_readers(context: Context, question: str, _: Surface) -> str:
    """Who has read a document, and who must."""
    return await write_readers(context, await find_named(context, question))


async def write_readers(context: Context, version: ControlledVersion) -> str:
    """Who has read a version, and who must."""
    readers = await library.list_readers(context, version.id)
    title = f"**Lectures de {version.code}, version {version.label}**"
    sees_all = bool(context.identity.roles & SUPERVISORS)
    if not readers and sees_all:
        return f"{title}\n\nPersonne n’est tenu de confirmer la lecture de ce document."
    if not readers:
        return f"{title}\n\nVous n’êtes pas tenu de confirmer sa lecture. {OTHERS_UNSEEN}"
    lines = [
        f"- {one.full_name}{NBSP}: "
        + (f"lu le {format_instant(one.read_at)}" if one.read_at else "pas encore lu")
        for one in readers
    ]
    if not sees_all:
        lines.append(f"\n{OTHERS_UNSEEN}")
    return "\n\n".join([title, "\n".join(lines)])


async def tell_read(context: Context, question: str, _: Surface) -> str:
    """Note a reading that the user acknowledges."""
    version = await find_named(context, question)
    read_at = await library.acknowledge_reading(context, version.id)
    return (
        f"Lecture confirmée{NBSP}: {version.code}, version {version.label}, le "
        f"{format_instant(read_at)}."
    )


async def tell_decision(context: Context, question: str, surface: Surface) -> str:
    """Propose that a version comes into force, or is withdrawn."""
    match = DECIDE.search(reduce_request(question))
    status: VersionStatus = "in_force" if match is not None and match["put"] else "withdrawn"
    version = await find_named(context, question, pending=status == "in_force")
    period = find_period(question, context.today)
    day = period.start if period is not None else None
    submission = await library.propose_status(
        context, version.id, status, on=day, reason=" ".join(question.split())[:500]
    )
    verb = "mise en vigueur" if status == "in_force" else "retrait"
    state = "est proposée" if status == "in_force" else "est proposé"
    known = "" if submission.is_new else " (la même proposition attendait déjà)"
    article = "La" if status == "in_force" else "Le"
    return (
        f"{article} {verb} de {version.code}, version {version.label}, à compter du "
        f"{format_date(day or context.today)}, {state}{known}. Rien ne change avant l’accord de "
        f"la qualité ou de la direction.{APPROVE[surface]}"
    )


async def tell_new_readers(context: Context, question: str, surface: Surface) -> str:
    """Propose which roles must confirm that they have read a document."""
    match = READERS.search(reduce_request(question))
    said = (match["who"] or match["whom"]) if match is not None else ""
    version = await find_named(context, question)
    held: list[AccessRole] = [role for role in ROLES_READING if role in version.must_read]
    named: list[AccessRole] = find_roles(said) or []
    roles: list[AccessRole] = [*held, *(role for role in named if role not in held)]
    await library.propose_custody(
        context, version.id, must_read=roles, reason=" ".join(question.split())[:500]
    )
    return (
        f"La liste de ceux qui doivent lire {version.code} est proposée{NBSP}: "
        f"{name_roles(roles)}. Rien ne change avant l’accord de la qualité ou de la "
        f"direction.{APPROVE[surface]}"
    )


async def tell_new_review(context: Context, question: str, surface: Surface) -> str:
    """Propose when a version is to be reviewed next."""
    version = await find_named(context, question)
    period = find_period(question, context.today)
    is_limit = LIMIT.search(fold(question)) is not None
    bounds = (
        (period.end, period.start)
        if period is not None and is_limit
        else ((period.start, period.end) if period is not None else ())
    )
    day = next((bound for bound in bounds if bound is not None), None)
    if day is None:
        raise InvalidInput("Dites pour quel jour, par exemple «\u00a0pour le 1er mars 2027\u00a0».")
    await library.propose_review(context, version.id, day, reason=" ".join(question.split())[:500])
    return (
        f"La relecture de {version.code}, version {version.label}, pour le "
        f"{format_date(day)} est proposée. Rien ne change avant l’accord de la qualité ou "
        f"de la direction.{APPROVE[surface]}"
    )


def find_roles(said: str) -> list[AccessRole] | None:
    """The roles that folded words name (« les commerciaux et la qualité »); None for others."""
    parts = [WHO_ARTICLE.sub("", part.strip()) for part in re.split(r",| et ", said)]
    found: list[AccessRole | None] = [
        ROLE_WORDS.get(part) or ROLE_WORDS.get(stem(part)) for part in parts
    ]
    known: list[AccessRole] = [role for role in found if role is not None]
    return known if known and len(known) == len(found) else None


async def tell_base(context: Context, _: str, __: Surface) -> str:
    """The state of the documentary base."""
    lines = tell_state(await read_state(context))
    order = f"«{NBSP}Relancez la lecture des documents{NBSP}»"
    again = f"*Pour relire les dossiers sans attendre{NBSP}: {order}.*"
    return "\n".join(["**État de la base documentaire**", "", *lines, "", again])


async def tell_again(context: Context, _: str, __: Surface) -> str:
    """Ask for another reading of the documents."""
    is_new = await ask_reading(context.database, context.identity, get_settings().documents_dir)
    told = "La lecture des documents est demandée" if is_new else "Une lecture attend déjà"
    return f"{told}. Suivez-la par «{NBSP}État de la base documentaire{NBSP}»."


ORDERS = (READERS, REVIEW)
OF_ONE_DOCUMENT: Sequence[tuple[Callable[[str], bool], Tell]] = (
    (is_approval_asked, tell_approval), (is_revision_asked, tell_revision),
    (is_history_asked, tell_versions), (is_owner_asked, tell_owner),
    (are_standards_asked, tell_standards),
)  # fmt: skip
TELLERS: Sequence[tuple[re.Pattern[str], Tell]] = (
    (STANDING, tell_versions), (EXPORT, tell_table), (IN_FORCE, tell_in_force),
    (CHANGED, tell_changed), (REVIEWS, tell_reviews), (UNREAD, tell_unread),
    (VERSIONS, tell_versions), (WHO, tell_readers), (READ, tell_read),
    (DECIDE, tell_decision), (READERS, tell_new_readers), (REVIEW, tell_new_review),
    (STATE, tell_base), (AGAIN, tell_again),
)  # fmt: skip


def _tell_export(surface: Surface, day: dt.date | None) -> str:
    """Where the whole table is, in the words of the surface; nothing where it cannot be had."""
    if surface == "chat":
        asked = f"?as_of={day.isoformat()}" if day is not None else ""
        return f"[Table complète pour Excel]({API}/knowledge/documents.xlsx{asked})"
    asked = f" --as-of {day.isoformat()}" if day is not None else ""
    command = f"«{NBSP}voltaire documents{asked} --xlsx FICHIER{NBSP}»"
    return f"*Table complète pour Excel{NBSP}: {command}.*" if surface == "cli" else ""


def _tell_state(version: ControlledVersion) -> str:
    told = f"{version.label} – {version.title}{NBSP}: {STANDINGS[version.standing]}"
    approved = [f"approuvée par {version.approved_by}"] if version.approved_by else []
    return ", ".join([told, *library.list_bounds(version), *approved])


def _tell_version(version: ControlledVersion, today: dt.date) -> str:
    parts = [f"- **{version.code}**, version {version.label} – {version.title}"]
    since = format_date(version.valid_from) if version.valid_from else None
    parts.append(f"depuis le {since}" if since else "date d’entrée en vigueur non indiquée")
    if version.review_due_on is not None:
        late = version.review_due_on < today
        told = f"à relire pour le {format_date(version.review_due_on)}"
        parts.append(f"**{told}, en retard**" if late else told)
    parts.append(version.owner_name or "sans responsable")
    return "; ".join(parts).replace("; ", f"{NBSP}; ")
