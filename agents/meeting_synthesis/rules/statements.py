"""Spoken sentences as minutes write them: impersonal or third person, figures in digits.

A sentence is rewritten only where nothing has to be guessed: who «on» is, what «ça» points at, are
never supplied. What cannot be rewritten is quoted, with the one who said it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agents.meeting_synthesis.rules.conjugation import (
    ADDRESSED,
    find_infinitive,
    find_third_person,
)
from agents.meeting_synthesis.rules.lines import Line, content_words
from agents.meeting_synthesis.rules.phrases import CHOOSES, DECIDES, PROPOSES
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.wording import OPENING, clean, finish
from agents.meeting_synthesis.rules.written_numbers import write_days, write_numbers
from core.formats import NBSP, of
from core.words import fold

SPOKEN = re.compile(
    r"\b(?:je|me|moi|mon|ma|mes|tu|te|toi|ton|ta|tes|vous|votre|vos|nous|notre|nos|on|ca|cela|celui-ci|"
    r"celle-ci|celui-la|celle-la|la-dessus|y a|euh|ben|bah|hein|voila|ok|okay|c'est|c'etait|ce sera|"
    r"merci|bonjour|ouais|genre|truc|machin|bref|franchement|ouh|oh|attendez|attends|laissez-moi|banco|vendu|"
    r"adjuge|nickel|oui|va pour|oublie[sz]?)\b|\b[jmt]'|\bnon\b(?!-)|, (?:bon|la)\b(?! [a-z])|\bd'accord$|"
    r"\b(?:le|la|les) (?:premier|premiere|second|seconde|deuxieme|dernier|derniere|meme|autre)s?(?=[ .]*$|,)"
)
DANGLING = re.compile(
    r"^(?:elle|ils|elles|la mienne|le mien|celui|celle|ceux|lui|soit|si|quand|et|mais|aussi)\b|^(?:la )?ce (?:n'|(?:ne|sera|serait)\b)|"
    r"^il (?!(?:n'|ne |y )*(?:faut|faudra|faudrait|manque|reste|y a|a ete|convient|est (?:prevu|decide|possible|"
    r"necessaire|convenu|impossible))\b)"
)
LEADS = re.compile(
    r"^(?:(?:franchement|autre chose|acté|écoutez|écoute|justement|par contre|en revanche|de toute façon|"
    r"en gros|bref|voilà|disons|après|pour ma part|pour moi|de mon côté|ah|oh|ouh là|aussi(?= ?,)|"
    r"(?:je suis d'accord|je valide|(?:c'est|donc) (?:décidé|acté|validé|noté)|on est (?:bien )?d'accord)(?= ?,))\b"
    r" ?,? ?)+",
    re.I,
)
TAGS = re.compile(
    r"(?:[ ,;]+(?:et )?(?:c'est|ce sera) (?:bien )?(?:note|acte|cale|valide|decide|adopte|entendu|convenu|bon|ca|"
    r"parfait|notre objectif|tout)(?: pour (?:tout le monde|moi|nous))?|"
    r"[ ,]+ca (?:me|nous|vous|te) (?:va|convient|parle|(?:parait|semble) (?:bien|bon|correct|raisonnable|jouable|sage))|"
    r" ?,+ ?(?:d'accord|ok|oui|non|hein|je valide|pas de (?:souci|probleme)|on est (?:bien )?d'accord|"
    r"on sait (?:le )?faire|voila|merci|s'il (?:vous|te) plait|alors|du coup))[ ,.?!]*$"
)
ASIDE = re.compile(
    r",? (?:sinon|parce que|parce qu'|car|puisque|puisqu'|comme ca) |"
    r", (?:c'est|ca|en \w+ on|on (?:a|est|n'|ne)|j'|je) "
)
WEIGHTY = re.compile(
    r"\d|\b(?:si|sauf|reserve|condition|sans|pas|plus|jamais|seulement|maximum|minimum)\b"
)
IMPERSONAL = re.compile(
    r"(?:^|[ ,])(?:on|nous(?= (?:\w+ )?\w+ons\b)) (?P<ne>ne |n')?(?P<pron>(?:(?:le|la|les|en|y|se|leur|lui) |[ls]')*)"
    r"(?P<verb>[a-z]+)(?P<neg> (?:pas|plus|rien|jamais))?\b"
)
NEXT_CHOICE = re.compile(
    r"(?P<link>,? et|,? puis|,) (?:on|nous) (?P<verb>[a-z]+)\b(?! (?:pas|plus|rien|jamais)\b)"
)
GOING_TO = re.compile(r"^ (?P<verb>[a-z]+(?:er|ir|re))\b")
PERSONAL = re.compile(
    r"(?:^|[ ,])(?:je |j')(?P<ne>ne |n')?(?P<pron>(?:(?:le|la|les|en|y|me|vous|te) |[lmt]')*)(?P<verb>[a-z]+)\b"
)
ADVERBIAL = re.compile(
    r"^(?:pour|sur|a|au|aux|en|dans|chez|avec|des|du|d'ici|a partir|a compter|cote|desormais|dorenavant|"
    r"cette annee|cet? \w+|l'annee prochaine|finalement|aujourd'hui|d'abord|ensuite|d'un commun accord)\b"
)
VERBAL = re.compile(
    r"\b(?:je|j'|tu|vous|on|nous|il|elle|ils|elles|qui|que|si|quand|est|sont|ont|a|sera|serait|reste|manque|etait|soit)\b"
)
LATER_OBJECT = re.compile(r" de (?:(?:le|la|les) |l' ?)(?P<verb>[a-z]+(?:er|ir|re))\b")
DETERMINED = re.compile(
    r"^(?:(?:il|le|la|les|un|une|des|du|ce|cette|ces|cet|son|sa|ses|leurs?) |[ld]')"
)
WITHOUT_THING = re.compile(r"^(?:en|y|leur|lui)\b|\b(?:leur|lui)\b")
MINE = re.compile(r"\b(?:mes|mon|ma)\b", re.I)
HIS = {"mes": "ses", "mon": "son", "ma": "sa"}
DECIDING = ("décider", "dire", "acter", "convenir")
WISHES = frozenset(
    "propose suggère conseille recommande voudrait souhaite souhaiterait demande".split()
)
SPEAKS_OF = re.compile(r"^(?:on est d'accord|va|c'est parti) (?:sur|pour) ")
THEN = re.compile(r"^ (?:donc|alors|bien)\b", re.I)
AWAITED = re.compile(r"on attend (?:encore |toujours )?(?=(?:le|la|les|un|une|des) |l')")
UNKNOWN = re.compile(
    r"on ne sait (?P<still>toujours )?pas (?:encore )?(?=(?:si|quand|combien|comment|qui|quoi|ce qui|quel\w*) |s'il)"
)
UNSETTLED = re.compile(
    r"on n'a (?P<how>pas encore|toujours pas|pas) (?P<done>statue|tranche|arbitre|choisi|decide)(?= (?:sur|entre|pour|si)\b)"
)
SETTLED = {
    "statue": "statué",
    "tranche": "tranché",
    "arbitre": "arbitré",
    "choisi": "choisi",
    "decide": "décidé",
}
ADOPTED = "Il est décidé"
PLANNED = "Il était prévu"
PUT_FORWARD = "Il est proposé"
"""How a choice is told, in force, replaced, or merely mentioned; «de» and an infinitive follow."""


@dataclass(frozen=True)
class Statement:
    """A sentence rewritten; `is_wish` where it tells what one person proposes."""

    text: str
    is_wish: bool = False


def quote_line(scene: Scene, *lines: Line) -> str:
    """Sentences of one speaker, hesitations out, figures in digits: «MARTIN Léa : « … ».»"""
    said = " ".join(write_figures(scene, clean(line.text)) for line in lines)
    who = scene.people.who(lines[0].speaker)
    quoted = f"«{NBSP}{said.rstrip('.')}{NBSP}»"
    return f"{who}{NBSP}: {quoted}." if who else f"{quoted}."


def tell_exchange(scene: Scene, first: Line, second: Line) -> str:
    """A question and its answer, a statement and what another says of it: each with its speaker."""
    told, answer = quote_line(scene, first).rstrip("."), quote_line(scene, second)
    if first.speaker == second.speaker:
        answer = answer[answer.index("«") :]
        return f"{told} puis {answer}"
    return f"{told} – {answer}"


def tell_line(scene: Scene, line: Line) -> str:
    """A sentence rewritten where that is safe, else quoted."""
    written = write_statement(scene, line)
    return written.text if written else quote_line(scene, line)


def write_statement(scene: Scene, line: Line) -> Statement | None:
    """A sentence that states or tells what is open; None where it cannot be rewritten safely."""
    text = _spoken(scene, line)
    folded = fold(text)
    for pattern, write in (
        (AWAITED, "en attente\u00a0: "),
        (UNKNOWN, "reste à savoir "),
        (UNSETTLED, ""),
    ):
        found = pattern.search(folded)
        if found and _is_adverbial(folded[: found.start()]):
            led = write or f"il n’a {found['how']} été {SETTLED[found['done']]}"
            front = text[: found.start()].strip(" ,")
            told = f"{f'{front}, ' if front else ''}{led}{text[found.end() :]}"
            return _check(scene, told, is_made=True)
    return _check(scene, text) or _write_personal(scene, line, text)


def write_choice(scene: Scene, line: Line, lead: str) -> Statement | None:
    """A choice as «Il est décidé de…», «MARTIN Léa propose…», or words without a verb."""
    text = cut_tags(_spoken(scene, line))
    for candidate in dict.fromkeys((text, _cut_aside(text))):
        found = (
            _write_agreed(scene, candidate)
            or _check(scene, candidate)
            or _write_impersonal(scene, candidate, lead)
            or _write_personal(scene, line, candidate)
        )
        if found is not None:
            day = scene.day if scene.invitation.is_date_known else None
            return replace(found, text=write_days(found.text, day))
    return None


def _spoken(scene: Scene, line: Line) -> str:
    """The sentence without its hesitations, openings and the name of who is spoken to."""
    text = clean(line.text)
    for _ in range(2):
        text = _without_calls(scene, OPENING.sub("", LEADS.sub("", text)))
    return finish(text.strip(" ,.")) or clean(line.text)


def _without_calls(scene: Scene, text: str) -> str:
    folded = fold(text)
    for person in scene.people.everyone:
        names = [name for name in (person.first, person.last) if len(name) > 2]
        if not any(name in folded for name in names):
            continue
        called = rf"(?:(?:monsieur|madame) )?(?:{'|'.join(map(re.escape, names))})"
        found = re.search(rf"^{called} ?, ?|,? ?\b{called}(?=[ .?!]*$)", fold(text))
        if found and "," in found.group():
            text = text[: found.start()] + text[found.end() :]
    return text


def cut_tags(text: str) -> str:
    """Without «…, c’est noté», «…, d’accord ?», which say that it is agreed and nothing of it."""
    text = text.rstrip(" .?!")
    while (found := TAGS.search(fold(text))) and found.start():
        text = text[: found.start()].rstrip(" ,;")
    return text


def _cut_aside(text: str) -> str:
    """Without a reason given last, where it holds no choice, figure, condition or negation."""
    for found in reversed(list(ASIDE.finditer(fold(text)))):
        kept, cut = text[: found.start()], fold(write_numbers(text[found.start() :], None))
        if WEIGHTY.search(cut) or any(p.search(cut) for p in (CHOOSES, DECIDES, PROPOSES)):
            return text
        if len(set(content_words(fold(kept)))) > 1:
            return kept
    return text


def _check(scene: Scene, text: str, *, named: str = "", is_made: bool = False) -> Statement | None:
    """The sentence finished, unless something in it is still spoken or points elsewhere."""
    bare = fold(text.replace(named, "", 1) if named else text)
    hangs = not (named or is_made) and DANGLING.search(bare)
    if SPOKEN.search(bare) or hangs or text.rstrip().endswith("?"):
        return None
    return Statement(write_figures(scene, text)) if any(content_words(bare)) else None


def write_figures(scene: Scene, text: str) -> str:
    """A sentence with its figures in digits and French apostrophes.

    The meeting's day tells two-digit years.
    """
    day = scene.day if scene.invitation.is_date_known else None
    return finish(write_numbers(text, day).replace("'", "’"))


def _is_adverbial(front: str) -> bool:
    """What stands before the subject only sets the scene: «Pour les astreintes d’août, »."""
    front = front.strip(" ,")
    return not front or bool(
        ADVERBIAL.match(front) and not VERBAL.search(front) and not SPOKEN.search(front)
    )


def _write_agreed(scene: Scene, text: str) -> Statement | None:
    """«Va pour deux ans» → «Accord pour 2 ans»."""
    found = SPEAKS_OF.match(fold(text))
    return _check(scene, f"Accord pour {text[found.end() :]}") if found else None


def _write_impersonal(scene: Scene, text: str, lead: str) -> Statement | None:
    """«On les pose à Noël», its object named before: «Il est décidé de poser…»."""
    found = IMPERSONAL.search(fold(text))
    if found is None:
        return None
    front, rest = text[: found.start()].strip(" ,"), text[found.end() :]
    verb, rest = _read_verb(text[found.start("verb") : found.end("verb")], rest)
    placed = _place_object(front, found["pron"].strip())
    if verb is None or placed is None or (found["ne"] and not found["neg"]):
        return None
    setting, thing, reflexive = placed
    rest = _join_choices(THEN.sub("", rest))
    if verb in DECIDING and (said := re.match(r" (?:que |qu['’]|de |d['’])", rest)):
        told = f"{lead}{said.group()}{rest[said.end() :]}"
    else:
        negation = f"ne {found['neg'].strip()} " if found["neg"] else ""
        told = f"{lead} {of(f'{negation}{reflexive}{verb}')}{thing}{rest}"
    if setting:
        told = f"{setting}, {told[0].lower()}{told[1:]}"
    return _check(scene, told, is_made=True)


def _read_verb(form: str, rest: str) -> tuple[str | None, str]:
    """The infinitive of what is chosen: «on retient», «on va lancer»."""
    going = GOING_TO.match(fold(rest)) if fold(form) in ("va", "allons") else None
    if going is not None:
        return rest[going.start("verb") : going.end("verb")], rest[going.end() :]
    return find_infinitive(form), rest


def _place_object(front: str, pronouns: str) -> tuple[str, str, str] | None:
    """What stands first, then the object a pronoun stands for, then «se»; None if unresolved."""
    folded = fold(front)
    reflexive = {"se": "se ", "s'": "s’"}.get(pronouns, "")
    if not pronouns or reflexive:
        return (front, "", reflexive) if _is_adverbial(folded) else None
    nameless = WITHOUT_THING.search(pronouns) or not front or VERBAL.search(folded)
    if nameless or SPOKEN.search(folded) or len(front.split()) > 12 or ADVERBIAL.match(folded):
        return None
    return "", f" {lower_first(front)}", ""


def _join_choices(rest: str) -> str:
    """«…et on garde le reste» → «…et de garder le reste»."""
    while found := NEXT_CHOICE.search(fold(rest)):
        verb = find_infinitive(rest[found.start("verb") : found.end("verb")])
        if verb is None:
            return rest
        rest = f"{rest[: found.start()]}{found['link']} {of(verb)}{rest[found.end() :]}"
    return rest


def _write_personal(scene: Scene, line: Line, text: str) -> Statement | None:
    """«Je propose…» → «MARTIN Léa propose…»."""
    who, found = scene.people.who(line.speaker), PERSONAL.search(fold(text))
    if who is None or found is None:
        return None
    front, rest = text[: found.start()].strip(" ,"), text[found.end() :]
    verb = find_third_person(text[found.start("verb") : found.end("verb")])
    pronouns = found["pron"].strip()
    if pronouns in ("vous", "te") and verb in ADDRESSED:
        pronouns = ""
    if not pronouns:
        front, rest = _fetch_object(front, rest)
    placed = _place_object(front, pronouns)
    if verb is None or placed is None or placed[2]:
        return None
    setting, thing, _ = placed
    rest = MINE.sub(lambda match: HIS[match.group().lower()], rest)
    negation = ("n’" if fold(verb)[0] in "aeiouh" else "ne ") if found["ne"] else ""
    rest = f"{NBSP}:{rest[1:]}" if rest.startswith(",") else rest
    told = f"{f'{setting}, ' if setting else ''}{who} {negation}{verb}{thing}{rest}"
    checked = _check(scene, told, named=who)
    return Statement(checked.text, is_wish=verb in WISHES) if checked else None


def _fetch_object(front: str, rest: str) -> tuple[str, str]:
    """«L’audit, je propose de le décaler»: the object put back after its verb."""
    found = LATER_OBJECT.match(fold(rest))
    if found is None or not front or VERBAL.search(fold(front)) or ADVERBIAL.match(fold(front)):
        return front, rest
    verb = rest[found.start("verb") : found.end("verb")]
    return "", f" {of(verb)} {lower_first(front)}{rest[found.end() :]}"


def lower_first(text: str) -> str:
    """Words no longer first: an article loses its capital, a name keeps it."""
    return f"{text[0].lower()}{text[1:]}" if DETERMINED.match(fold(text)) else text
