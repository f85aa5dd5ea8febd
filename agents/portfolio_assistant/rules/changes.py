"""Requests for a change read by rules: a task, a note, a new value, another person in charge.

A request becomes the arguments of a `propose_*` tool; what is missing or ambiguous is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.portfolio_assistant.rules.courtesy import find_order
from agents.portfolio_assistant.rules.field_values import (
    find_choice,
    find_field,
    find_value,
    read_value,
)
from agents.portfolio_assistant.rules.planning import Call
from agents.portfolio_assistant.rules.scene import Named
from agents.portfolio_assistant.rules.task_changes import (
    FindTask,
    asks_task_change,
    read_due,
    read_task_change,
)
from core.dates import find_period
from core.formats import NBSP, join_words
from core.words import fold
from crm.objects import OBJECTS
from crm.proposals.declarations import WRITABLES

E = r"(?:e[srz]?|ons|ions|iez)\b"
PUT = r"(?:re)?met(?:s|tre|tez|tes?|tons|tiez)?\b"
MAKE = (
    rf"(?:(?:cre|ajout|rajout|planifi|programm|enregistr|not|consign|mentionn|pos){E}|{PUT}|"
    r"pre?vo(?:is|it|ir|yez|yiez|ie[sz]?)\b|inscri(?:s|re|vez|ves?|viez)\b|"
    r"saisi(?:s|r|ssez|sses?|ssiez)\b|fai(?:s|re|tes)\b|fass\w+)"
)
ME = r"(?:[- ](?:moi|nous))?"
TASK = re.compile(
    rf"(?:{MAKE}{ME} (?:une |la |un )?(?:nouvelle |nouveau )?"
    r"(?P<noun>tache|relance|rappel|action)s?\b|"
    r"(?:(?:nouvelle |nouveau |une |un )?(?P<title>tache|relance|rappel|action)|a faire) ?(?=:))"
    r"(?P<rest>.*)", re.DOTALL,
)  # fmt: skip
REMIND = re.compile(
    rf"(?:(?:rappel|pens)\w*{ME}{ME}|fai\w*{ME} penser|(?:n')?oubli\w* pas) (?:penser )?"
    r"(?:a |de |d')(?!(?:quel|qui\b|quoi|combien|quand|partir de))(?P<rest>.+)", re.DOTALL,
)  # fmt: skip
NOTE = re.compile(
    rf"{MAKE}{ME} (?:(?:a|au|sur|chez|pour|dans) [^:«]{{1,80}}? (?=(?:une|la) note\b))?"
    r"(?:une |la |cette )?note\b(?P<rest>.*)"
    r"|(?:a |d'un )?not(?:e[rz]?|es(?= que)|iez|ons|es)(?:[- ]moi)? "
    r"(?=(?:sur|chez|pour|dans)\b.*(?:[:«]|\bqu[e'])|qu[e']|:)(?P<bare>.*)", re.DOTALL,
)  # fmt: skip
NOTE_TEXT = re.compile(
    r"«\s*(?P<quoted>[^»]+?)\s*»|[:]\s*(?P<after>.+)$|\b(?:disant|indiquant|precisant|pour dire|"
    r"qui dit)? ?(?:que |qu')(?P<that>.+)$", re.DOTALL,
)  # fmt: skip
IN_CHARGE = r"(?:responsable|charge[e]? d'affaires|proprietaire|interlocuteur)\b"
OWNER = re.compile(
    rf"(?:(?:chang|remplac|modifi|nomm|design){E}|{PUT}).*\b{IN_CHARGE}"
    rf"|que .*\b{IN_CHARGE}.*\bsoit\b"
    rf"|(?:confi|affect|attribu|assign|transfer|reattribu){E}", re.DOTALL,
)  # fmt: skip
SHOWN = re.compile(
    r"(?:pass|met|indiqu|class)\w*(?:[- ](?:moi|nous)\b| en revue| a jour (?:sur|de)\b)"
)
SET = re.compile(
    r"(?:chang|modifi|remplac|corrig|fix|pass|port|renseign|bascul|marqu|class|repouss|avanc|"
    rf"decal|report|augment|baiss|indiqu|rectifi|actualis){E}|corrige\w+|chang(?:eons|eez)|{PUT}"
    r"|que .*\b(?:soi(?:t|ent)|passe(?:nt)?|devienn\w+|porte|figure|revienne)\b", re.DOTALL,
)  # fmt: skip
DIRECT = (
    (re.compile(rf"(?:resili|denonc){E}"), {"contracts": ("status", "terminated")}),
    (
        re.compile(
            rf"(?:clotur|ferm|sold|termin|achev){E}|clo(?:s|re|se[sz]?)\b"
        ),
        {"non_conformities": ("status", "closed"), "incidents": ("status", "resolved"),
         "grid_requests": ("status", "done")},
    ),
    (re.compile(rf"annul{E}"), {"tenders": ("status", "cancelled")}),
)  # fmt: skip
LINKS = {"contracts": "contract_id", "tenders": "tender_id",
         "non_conformities": "non_conformity_id"}  # fmt: skip
TASK_VERBS = {"relance": "Relancer", "rappel": "Rappeler", "tache": "", "action": ""}
CHANGE_OBJECTS = ("contracts", "tenders", "non_conformities", "delivery_points", "sites",
                  "contacts", "grid_requests", "ppa_projects", "efficiency_opportunities",
                  "competitors", "accounts")  # fmt: skip
NO_SUBJECT = (
    f"[STATUT precision]Sur quelle fiche porte ce changement{NBSP}? Donnez sa référence (contrat, "
    "appel d’offres, non-conformité) ou le nom complet du client."
)
NO_FIELD = (
    f"[STATUT precision]Quel champ de {{what}} faut-il changer, et quelle valeur y mettre{NBSP}? "
    f"Par exemple{NBSP}: son statut, son préavis ou son montant."
)
NO_STATUS = (
    f"[STATUT precision]Ce statut n’existe pas pour {{what}}{NBSP}; les statuts possibles sont "
    f"{{choices}}. Lequel mettre{NBSP}?"
)
NAMES_STATUS = re.compile(
    r"\bstatut\b|\b(?:passe\w*|bascul\w*|class\w*|met\w*) (?:[^:]* )?en (?!place|revue|avant)\w"
)
NO_PERSON = f"[STATUT precision]Qui doit en être responsable{NBSP}? Donnez le nom de la personne."
NO_TEXT = f"[STATUT precision]Que doit dire la note{NBSP}? Écrivez-la après deux-points."
NO_ACCOUNT = f"[STATUT precision]Sur quel client porte cette note{NBSP}? Donnez son nom complet."
NO_TITLE = f"[STATUT precision]Que faut-il faire exactement, et pour quand{NBSP}?"


@dataclass(frozen=True)
class Ask:
    """What must be asked back, as the answer's text."""

    text: str


@dataclass(frozen=True)
class Choose:
    """A name that fits several records: which one is asked."""

    named: Named


Wish = Call | Ask | Choose | FindTask


def asks_change(question: str) -> bool:
    """Tell whether the message orders a change that rules may understand."""
    order = find_order(question)
    if order is None:
        return False
    text = fold(question)[order.start : order.end]
    patterns = (TASK, REMIND, NOTE, OWNER, SET, *(pattern for pattern, _ in DIRECT))
    if SHOWN.match(text):
        return False
    return asks_task_change(text) or any(pattern.match(text) for pattern in patterns)


def read_change(question: str, names: Sequence[Named], today: dt.date) -> Wish:
    """The proposal that a request asks for, or what to ask back."""
    order = find_order(question)
    assert order is not None  # noqa: S101 - the caller asked asks_change
    reason, shift = _reason(question), order.start
    raw = question[shift : order.end]
    text = fold(raw)
    placed = [replace(n, start=n.start - shift, end=n.end - shift) for n in names]
    if asks_task_change(text):
        wish = read_task_change(text, raw, placed, today, reason)
        return Ask(wish) if isinstance(wish, str) else wish
    if match := NOTE.match(text):
        return _read_note(raw, match, placed, reason)
    if match := TASK.match(text) or REMIND.match(text):
        return _read_task(raw, match, placed, today, reason)
    if OWNER.match(text):
        return _read_owner(placed, reason)
    return _read_update(raw, placed, today, reason)


def _is_ambiguous(named: Named) -> bool:
    return len(named.candidates) > 1


def _read_task(
    question: str, match: re.Match[str], names: Sequence[Named], today: dt.date, reason: str
) -> Wish:
    rest = question[match.start("rest") :]
    owner = _find_assignee(question, names)
    if owner is not None:
        first, last = owner.start - match.start("rest"), owner.end - match.start("rest")
        rest = re.sub(r"(?:pour|à|a) $", "", rest[:first]) + rest[last:]
    period = find_period(rest, today)
    if period is not None:
        rest = f"{rest[: period.span[0]]} {rest[period.span[1] :]}"
    groups = match.groupdict()
    noun = groups.get("noun") or groups.get("title") or "tache"
    title = _clean_title(rest, TASK_VERBS[noun])
    if not title:
        return Ask(NO_TITLE)
    links = _read_links(names)
    if isinstance(links, Named):
        return Choose(links)
    due = read_due(question[match.start("rest") :], today)
    fields: dict[str, Any] = {"title": title, **links}
    if due is not None:
        fields["due_on"] = due.isoformat()
    if owner is not None:
        fields["owner_id"] = str(owner.candidates[0][1])
    return "propose_task", {"fields": fields, "reason": reason}


def _find_assignee(question: str, names: Sequence[Named]) -> Named | None:
    """The colleague a task is for: « pour Hortense Valmy »."""
    people = [n for n in names if n.kind == "person" and n.candidates[0][1]]
    is_for = people and re.search(r"\b(?:pour|a) $", fold(question)[: people[-1].start])
    return people[-1] if is_for else None


def _read_note(question: str, match: re.Match[str], names: Sequence[Named], reason: str) -> Wish:
    group = "rest" if match["rest"] is not None else "bare"
    found = NOTE_TEXT.search(fold(question), match.start(group))
    if found is None:
        return Ask(NO_TEXT)
    name = next(n for n in ("quoted", "after", "that") if found[n])
    body = question[found.start(name) : found.end(name)].strip()
    links = _read_links([n for n in names if n.end <= found.start()] or names)
    if isinstance(links, Named):
        return Choose(links)
    if not links:
        return Ask(NO_ACCOUNT)
    text = body[:1].upper() + body[1:]
    return "propose_note", {"fields": {"body": text, **links}, "reason": reason}


def _read_owner(names: Sequence[Named], reason: str) -> Wish:
    people = [n for n in names if n.kind == "person"]
    subject = _find_subject([n for n in names if n.kind != "person"])
    if subject is None:
        return Ask(NO_SUBJECT)
    if _is_ambiguous(subject):
        return Choose(subject)
    if not people:
        return Ask(NO_PERSON)
    if _is_ambiguous(people[-1]):
        return Choose(people[-1])
    if "owner_id" not in WRITABLES[subject.object].columns:
        return Ask(NO_SUBJECT)
    owner = str(people[-1].candidates[0][1])
    return _update(subject, {"owner_id": owner}, reason)


def _read_update(question: str, names: Sequence[Named], today: dt.date, reason: str) -> Wish:
    folded = fold(question)
    subject = _find_subject(names)
    if subject is None:
        return Ask(NO_SUBJECT)
    if _is_ambiguous(subject):
        return Choose(subject)
    for pattern, outcomes in DIRECT:
        if pattern.match(folded) and subject.object in outcomes:
            column, value = outcomes[subject.object]
            return _update(subject, {column: value}, reason)
    blank = folded[: subject.start] + "\0" * (subject.end - subject.start) + folded[subject.end :]
    field = find_field(subject.object, blank)
    value = find_value(question, blank, field)
    parsed = None if field is None or value is None else read_value(field, value, today)
    if parsed is None:
        named, choice = find_choice(subject.object, value or "")
        if named is None:
            # Past the verb, which is no value: « fixe le préavis » is not « prix fixe ».
            named, choice = find_choice(subject.object, blank.partition(" ")[2])
        field, parsed = named, choice or None
    if field is None or parsed is None:
        return _ask_field(subject, blank)
    return _update(subject, {field.name: parsed}, reason)


def _ask_field(subject: Named, blank: str) -> Ask:
    """Which field and value, or which status when one is named that the object has not."""
    what = f"«{NBSP}{OBJECTS[subject.object].singular} {subject.candidates[0][0]}{NBSP}»"
    status = WRITABLES[subject.object].columns.get("status")
    if status is not None and NAMES_STATUS.search(blank):
        labels = [f"«{NBSP}{choice.label}{NBSP}»" for choice in status.choices]
        return Ask(NO_STATUS.format(what=what, choices=join_words(labels)))
    return Ask(NO_FIELD.format(what=what))


def _update(subject: Named, fields: dict[str, Any], reason: str) -> Call:
    arguments = {
        "record_id": str(subject.candidates[0][1]),
        "fields": fields,
        "reason": reason,
    }
    return f"propose_{subject.object}", arguments


def _find_subject(names: Sequence[Named]) -> Named | None:
    """The record spoken of: a reference before a name, then the first that is said."""
    known = [n for n in names if n.object in CHANGE_OBJECTS and n.candidates[0][1] is not None]
    ordered = sorted(known, key=lambda n: (not n.is_reference, n.start))
    return ordered[0] if ordered else None


def _read_links(names: Sequence[Named]) -> dict[str, str] | Named:
    """The records a task or a note is tied to; a Named when its name fits several."""
    links: dict[str, str] = {}
    for named in names:
        column = LINKS.get(named.object) or {"accounts": "account_id"}.get(named.object)
        if column is None or named.candidates[0][1] is None or column in links:
            continue
        if _is_ambiguous(named):
            return named
        links[column] = str(named.candidates[0][1])
    return links


def _clean_title(rest: str, verb: str) -> str:
    text = re.sub(r"\s+", " ", rest).strip(" .!,:;-")
    text = re.sub(r"^(?:pour|afin de|de|d['’]|à|:|«)\s*", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\s+(?:pour|avant|le|d['’]ici|au|à)$", "", text.strip(" »,.;"))
    text = text.strip(" «»,.;:")
    if verb and text and not re.match(r"\w+(?:er|ir|re)\b", text):
        text = f"{verb} {text}"
    return text[:1].upper() + text[1:]


def _reason(question: str) -> str:
    return f"Demandé dans la conversation{NBSP}: «{NBSP}{question.strip()[:1500]}{NBSP}»"
