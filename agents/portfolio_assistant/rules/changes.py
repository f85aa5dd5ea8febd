"""Requests for a change read by rules: a task, a note, a new value, another person in charge.

A request becomes the arguments of a `propose_*` tool; what is missing or ambiguous is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agents.portfolio_assistant.rules.planning import Call
from agents.portfolio_assistant.rules.scene import Named
from core.dates import find_period
from core.formats import NBSP
from core.words import fold, stem, tokenize
from crm.objects import OBJECTS
from crm.proposals.columns import Column
from crm.proposals.declarations import WRITABLES

POLITE = (
    r"(?:merci de |peux[- ]tu |pouvez[- ]vous |pourriez[- ]vous |pourrais[- ]tu |veuillez |"
    r"il faut |il faudrait |je veux |je voudrais |je souhaite |s'il (?:te|vous) plait,? )?"
)
COURTEOUS = re.compile(r"(?:peux|pouvez|pourriez|pourrais)[- ](?:tu|vous) ")
MAKE = r"(?:cre|ajout|prevo|planifi|programm|mets?\b|mett|inscri|sais|enregistr|not)\w*"
ME = r"(?:[- ](?:moi|nous))?"
TASK = re.compile(
    rf"^{POLITE}{MAKE}{ME} (?:une |la |un )?(?:nouvelle |nouveau )?"
    r"(?P<noun>tache|relance|rappel|action)s?\b(?P<rest>.*)", re.DOTALL,
)  # fmt: skip
REMIND = re.compile(
    rf"^{POLITE}(?:rappel|pens|fais)\w*{ME}{ME} (?:penser )?(?:a |de |d')(?P<rest>.+)",
    re.DOTALL,
)
NOTE = re.compile(
    rf"^{POLITE}{MAKE}{ME} (?:une |la |cette )?note\b(?P<rest>.*)"
    rf"|^{POLITE}not\w+{ME} (?=(?:sur|chez|pour|dans|que|:))(?P<bare>.*)", re.DOTALL,
)  # fmt: skip
NOTE_TEXT = re.compile(
    r"«\s*(?P<quoted>[^»]+?)\s*»|[:]\s*(?P<after>.+)$|\b(?:disant|indiquant|precisant|pour dire|"
    r"qui dit)? ?(?:que |qu')(?P<that>.+)$", re.DOTALL,
)  # fmt: skip
OWNER = re.compile(
    rf"^{POLITE}(?:chang|remplac|modifi|mett|mets|nomm|design)\w*\b.*\b(?:responsable|"
    rf"charge[e]? d'affaires|proprietaire|interlocuteur)\b"
    rf"|^{POLITE}(?:confi|affect|attribu|assign|transfer)\w*\b", re.DOTALL,
)  # fmt: skip
SET = re.compile(
    rf"^{POLITE}(?:chang|modifi|remplac|corrig|fix|pass|port|renseign|mets?\b|mett|bascul|marqu|"
    r"class|repouss|avanc|decal|augment|baiss)\w*\b", re.DOTALL,
)  # fmt: skip
DIRECT = (
    (re.compile(rf"^{POLITE}(?:resili|denonc)\w*\b"), {"contracts": ("status", "terminated")}),
    (
        re.compile(rf"^{POLITE}(?:clotur|clos|ferm|sold|termin|achev)\w*\b"),
        {"non_conformities": ("status", "closed"), "tasks": ("status", "done"),
         "incidents": ("status", "resolved"), "grid_requests": ("status", "done")},
    ),
    (re.compile(rf"^{POLITE}annul\w*\b"), {"tasks": ("status", "cancelled"),
                                            "tenders": ("status", "cancelled")}),
)  # fmt: skip
VALUE = re.compile(r"(?:\b(?:a|au|en|par|comme|vers)|[:=→])\s+(?P<value>[^\0]+)")
TAIL = re.compile(
    r"\s+(?:pour|sur|de|du|dans|chez|des)\s+(?:le |la |les |l'|notre |nos )?[\w’' -]{0,24}$"
)
NUMBER = re.compile(r"-?\d[\d  .]*(?:,\d+)?")
MONTHS_OF_DAYS = {"mois": 30, "semaine": 7, "an": 365}
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


Wish = Call | Ask | Choose


def asks_change(question: str) -> bool:
    """Tell whether the message orders a change that rules may understand."""
    text = fold(question).strip()
    patterns = (TASK, REMIND, NOTE, OWNER, SET, *(pattern for pattern, _ in DIRECT))
    is_asking = text.endswith("?") and not COURTEOUS.match(text)
    return any(pattern.match(text) for pattern in patterns) and not is_asking


def read_change(question: str, names: Sequence[Named], today: dt.date) -> Wish:
    """The proposal that a request asks for, or what to ask back."""
    shift = len(question) - len(question.lstrip())
    folded = fold(question)
    text = folded[shift:]
    if match := NOTE.match(text):
        return _read_note(question, match, shift, names)
    if match := TASK.match(text) or REMIND.match(text):
        return _read_task(question, match, shift, names, today)
    if OWNER.match(text):
        return _read_owner(question, names)
    return _read_update(question, folded, names, today)


def _is_ambiguous(named: Named) -> bool:
    return len(named.candidates) > 1


def _read_task(
    question: str, match: re.Match[str], shift: int, names: Sequence[Named], today: dt.date
) -> Wish:
    start = match.start("rest") + shift
    rest = question[start:]
    period = find_period(rest, today)
    if period is not None:
        rest = f"{rest[: period.span[0]]} {rest[period.span[1] :]}"
    noun = match.groupdict().get("noun") or "tache"
    title = _clean_title(rest, TASK_VERBS[noun])
    if not title:
        return Ask(NO_TITLE)
    links = _read_links(names)
    if isinstance(links, Named):
        return Choose(links)
    due = period and (period.end or period.start)
    people = [n for n in names if n.kind == "person" and n.candidates[0][1]]
    fields: dict[str, Any] = {"title": title, **links}
    if due is not None:
        fields["due_on"] = due.isoformat()
    if people and re.search(r"\b(?:pour|a) $", fold(question)[: people[-1].start]):
        fields["owner_id"] = str(people[-1].candidates[0][1])
    return "propose_task", {"fields": fields, "reason": _reason(question)}


def _read_note(question: str, match: re.Match[str], shift: int, names: Sequence[Named]) -> Wish:
    group = "rest" if match["rest"] is not None else "bare"
    start = match.start(group) + shift
    found = NOTE_TEXT.search(fold(question), start)
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
    return "propose_note", {"fields": {"body": text, **links}, "reason": _reason(question)}


def _read_owner(question: str, names: Sequence[Named]) -> Wish:
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
    return _update(subject, {"owner_id": owner}, question)


def _read_update(question: str, folded: str, names: Sequence[Named], today: dt.date) -> Wish:
    subject = _find_subject(names)
    if subject is None:
        return Ask(NO_SUBJECT)
    if _is_ambiguous(subject):
        return Choose(subject)
    for pattern, outcomes in DIRECT:
        if pattern.match(folded.strip()) and subject.object in outcomes:
            column, value = outcomes[subject.object]
            return _update(subject, {column: value}, question)
    blank = folded[: subject.start] + "\0" * (subject.end - subject.start) + folded[subject.end :]
    field = _find_field(subject.object, blank)
    value = _find_value(question, blank, field)
    parsed = None if field is None or value is None else _read_value(field, value, today)
    if parsed is None:
        field, choice = _find_choice(subject.object, value or "")
        if field is None:
            field, choice = _find_choice(subject.object, blank)
        parsed = choice or None
    if field is None or parsed is None:
        singular = OBJECTS[subject.object].singular
        return Ask(NO_FIELD.format(what=f"«{NBSP}{singular} {subject.candidates[0][0]}{NBSP}»"))
    return _update(subject, {field.name: parsed}, question)


def _update(subject: Named, fields: dict[str, Any], question: str) -> Call:
    arguments = {
        "record_id": str(subject.candidates[0][1]),
        "fields": fields,
        "reason": _reason(question),
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


def _find_field(name: str, blank: str) -> Column | None:
    """The field whose label, or a word for it, stands in the text; the longest wins."""
    written = " ".join(stem(token.form) for token in tokenize(blank))
    declared = OBJECTS[name]
    best: tuple[int, Column] | None = None
    for column in WRITABLES[name].columns.values():
        known = declared.by_name.get(column.name)
        words = (column.label, *(known.words if known else ()))
        for word in words:
            form = " ".join(stem(token.form) for token in tokenize(word))
            if re.search(rf"\b{re.escape(form)}\b", written) and (not best or len(form) > best[0]):
                best = (len(form), column)
    return best[1] if best else None


def _find_value(question: str, blank: str, field: Column | None) -> str | None:
    matches = list(VALUE.finditer(blank))
    if not matches:
        return None
    chosen = matches[-1]
    if field is not None and field.kind in ("text", "code"):
        chosen = next((m for m in matches if blank[m.start()] in ":=→"), matches[-1])
    value = question[chosen.start("value") : chosen.end("value")]
    if chosen.end("value") < len(blank):
        value = TAIL.sub("", value)
    return value.strip(" .!\t\n") or None


def _find_choice(name: str, text: str) -> tuple[Column | None, str]:
    """The closed-list value that the text names, the status first."""
    written = " ".join(stem(token.form) for token in tokenize(text))
    best: tuple[int, Column, str] | None = None
    for column in WRITABLES[name].columns.values():
        for choice in column.choices:
            for word in (choice.label, *choice.words):
                form = " ".join(stem(token.form) for token in tokenize(word))
                if not form or not re.search(rf"\b{re.escape(form)}\b", written):
                    continue
                weight = len(form) + (5 if column.name == "status" else 0)
                if best is None or weight > best[0]:
                    best = (weight, column, choice.value)
    return (best[1], best[2]) if best else (None, "")


def _read_value(column: Column, text: str, today: dt.date) -> Any:
    """The wire value that French text gives to a column; None when it gives none."""
    if column.choices:
        found, value = _find_choice_in(column, text)
        return value if found else None
    if column.kind == "date":
        period = find_period(text, today)
        day = period and (period.end or period.start)
        return day.isoformat() if day else None
    if column.kind == "boolean":
        folded = fold(text)
        return True if folded.startswith("oui") else False if folded.startswith("non") else None
    if column.kind in ("text", "code"):
        return text.strip('«» \u00a0"')
    if column.kind in ("reference", "list", "instant"):
        return None
    return _read_number(column, text)


def _read_number(column: Column, text: str) -> int | str | None:
    match = NUMBER.search(text.replace("\u00a0", " ").replace("\u202f", " "))
    if match is None:
        return None
    raw = match.group().strip().replace(" ", "")
    plain = raw.replace(".", "").replace(",", ".") if "," in raw else raw
    number = Decimal(plain.rstrip("."))
    after = fold(text[match.end() :]).strip()
    if column.name == "notice_days":
        number *= next((n for w, n in MONTHS_OF_DAYS.items() if after.startswith(w)), 1)
    if column.kind == "money":
        number *= 1000 if after.startswith(("k€", "k ", "keur")) else 1
        return f"{number:.2f}"
    if column.is_integral:
        return int(number) if number == number.to_integral_value() else None
    return f"{number:f}"


def _find_choice_in(column: Column, text: str) -> tuple[bool, str]:
    written = " ".join(stem(token.form) for token in tokenize(text))
    for choice in column.choices:
        for word in (choice.label, *choice.words):
            form = " ".join(stem(token.form) for token in tokenize(word))
            if form and re.search(rf"\b{re.escape(form)}\b", written):
                return True, choice.value
    return False, ""


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
