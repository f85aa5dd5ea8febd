"""What in a mail tries to steer the assistant or to deceive its reader: reported, never obeyed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from ingest.mail.addresses import domain_of, find_look_alikes
from ingest.mail.facts import Anomaly
from ingest.mail.folding import fold
from ingest.mail.sentences import split_sentences
from ingest.mail.thread import CleanMessage, blank_long_runs

MACHINE = re.compile(
    r"\b(?:assistante? (?:ia|ai|virtuel\w*|automati\w*|numerique)|\[?assistant\]?\s?:|assistant ia|ia\b|intelligences? artificielles?|"
    r"automated (?:assistant|system|agent|processing)|ai (?:assistant|agent|model|system)|language model|modele de langage|"
    r"llm|gpt|chatgpt|copilot|claude|gemini|mistral|robots?\b|bots?\b|chatbot|systeme (?:de (?:traitement|gestion|tri)|automati\w*)|traitement automati\w*|"
    r"agent (?:ia|automati\w*|conversationnel|intelligent|virtuel)|outil (?:ia|d'ia|automati\w*|d'analyse)|logiciel (?:de traitement|d'analyse|ia)|moteur (?:d'analyse|de resume)|"
    r"assistant\b(?! (?:de direction|de gestion|technique|commercial|administratif|a maitrise|rh|social|maternel)))"
)
OVERRIDE = re.compile(
    r"\b(?:ignore[rz]?|oublie[rz]?|disregard|forget|override|outrepasse[rz]?|ne tene?z? (?:pas|plus) compte|fais abstraction|faites abstraction|bypass|contourne[rz]?)\b.{0,60}"
    r"\b(?:instructions?|consignes?|regles?|directives?|prompts?|rules|guidelines|parametres|above|precedent\w*|previous|garde-fous)\b"
    r"|\b(?:system prompt|prompt systeme|new instructions?|nouvelles? (?:instructions?|consignes?) (?:pour|a l'attention|du systeme)|mode (?:developpeur|administrateur|debug)|developer mode|jailbreak)\b"
    r"|<\|?(?:system|im_start|assistant|user)\|?>|\[/?(?:system|systeme|inst|assistant|admin|instruction)[^\]]{0,20}\]|###\s?(?:system|instruction)|begin system|end of (?:mail|email|user input)"
)
DIRECTIVE = re.compile(
    r"\b(?:ignore|envoie|envoyez|transfere[rz]?|transferez|supprime[rz]?|attribue[rz]?|classe[rz]?|considere[rz]?|marque[rz]?|enregistre[rz]?|valide[rz]?|approuve[rz]?|repond[sz]?|repondre|repondez|indique[rz]?|confirme[rz]?|"
    r"cloture[rz]?|cloturez|note[rz]?|notez|ajoute[rz]?|modifie[rz]?|mets|mettre|mettez|execute[rz]?|affiche[rz]?|resume[rz]?|redige[rz]?|genere[rz]?|exporte[rz]?|mentionne[rz]?|traite[rz]?|traitez|divulgue[rz]?|communique[rz]?|"
    r"send|forward|delete|confirm|update|mark|classify|reply|respond|approve|export|ignore|set|assign|include|add|write|do not|must|should|treat|rate|print|reveal|summari[sz]e|"
    r"merci de|veuillez|priere de|tu dois|vous devez|doit|doivent|il faut|ne (?:pas|jamais)|afin de)\b"
)
DICTATED = re.compile(
    r"\b(?:marque|classe|archive|supprime|traite|note)[rz]?\b.{0,20}"
    r"\b(?:ce|cet|le present) (?:message|courriel|e-?mail|mail|fil)\b"
    r"|\b(?:cloture|ferme|supprime|annule|efface|valide|approuve)[rz]?\b.{0,20}\btou(?:s|tes) (?:les|vos|nos)\b"
    r"|\brepond(?:ez|s|re)\s*(?:(?:simplement|uniquement|seulement|juste|par)\s*){0,2}[«\"“]"
    r"|\b(?:envoie|envoye[rz]|transmet\w*|transfere[rz]?|communique[rz]?|donne[rz]?)\b.{0,40}"
    r"\b(?:tou(?:s|tes) (?:vos|les|nos)|l'ensemble de (?:vos|nos))\b"
)
OUTCOME = re.compile(
    r"\b(?:score|decision (?:go|no)|priorite|urgence|categorie|non-conformite|resume|brouillon|registre|statut|fiche|validation|cloture|sans suite|sans verification|destinataire|mot de passe|liste (?:complete )?des (?:clients|contrats))\b"
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){3,7}(?:[ \u00a0]?[A-Z0-9]{1,4})?\b")
BANK_CHANGE = re.compile(
    r"\b(?:(?:nouve\w+|changement d[e'] ?|modification d[e'] ?|mise a jour d\w* |change\w* (?:de|nos|notre)|new|updated?) ?(?:\w+ ){0,3}(?:iban|rib|banque|coordonnees bancaires|compte bancaire|domiciliation|bank (?:account|details)|account details))\b"
)
REPORTED = 500
PASSAGE_LIMIT = 4000


def list_anomalies(
    message: CleanMessage, own_domains: Iterable[str], attached: Iterable[tuple[str, str]] = ()
) -> tuple[Anomaly, ...]:
    """The anomalies of a message: its words, what it quotes, hides and attaches.

    `attached` gives the name and text of its attachments.
    """
    found = [
        *_instructions(message),
        *_hidden(message),
        *_attached_instructions(attached),
        *_bank_details(message),
        *_addresses(message, tuple(own_domains)),
    ]
    return tuple({(a.kind, a.quote): a for a in found}.values())


def is_instruction(text: str) -> bool:
    """Tell whether a passage gives orders to a machine: it overrides its rules, or names it
    and tells it what to do."""
    folded = fold(text[:PASSAGE_LIMIT])
    if OVERRIDE.search(folded):
        return True
    machine = MACHINE.search(folded)
    return machine is not None and DIRECTIVE.search(folded) is not None and (
        _is_addressed(folded, machine) or OUTCOME.search(folded) is not None)  # fmt: skip


def is_dictated(text: str) -> bool:
    """Tell whether a passage, beside orders given to a machine, goes on giving it some: to settle
    this very message, to close or hand over everything, to answer given words."""
    return DICTATED.search(fold(text[:PASSAGE_LIMIT])) is not None


def _is_addressed(folded: str, machine: re.Match[str]) -> bool:
    """«Assistant : …», « à l'attention du système … », «To any assistant …», « IA, merci de … »."""
    before, after = folded[: machine.start()][-60:], folded[machine.end() :][:40]
    return bool(
        re.search(r"(?:attention d\w*|note|consigne|instruction|message|pour|to (?:any|the|all|every)|dear|cher|hey|hello)\W*(?:(?:l'|le |la |les |tout |toute )|\w+ ){0,2}$", before)
        or machine.group().endswith(":")
        or re.match(r"\s?\]?\s?[:,!-]|\s*(?:doit|devez|must|should|lisant|qui (?:lit|traite)|processing|reading)", after)
    )  # fmt: skip


def _instructions(message: CleanMessage) -> Iterator[Anomaly]:
    for part in message.list_parts("new", "quoted", "forwarded", "signature", "disclaimer"):
        if part.is_known and part.kind == "quoted":
            continue
        for start, end in _passages(blank_long_runs(part.span.quote)):
            if is_instruction(part.span.quote[start:end]):
                span = message.span(part.span.start + start, part.span.start + end)
                yield Anomaly("instruction", _told("dans le texte du courriel"),
                              span.quote[:REPORTED], span)  # fmt: skip


def _passages(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, and pairs of neighbours none of which is an order alone: an order may follow
    the name of its addressee."""
    sentences = split_sentences(text)
    alone = [is_instruction(sentence.text) for sentence in sentences]
    yield from ((s.start, s.end) for s, is_order in zip(sentences, alone, strict=True) if is_order)
    for rank, (first, second) in enumerate(itertools.pairwise(sentences)):
        if not alone[rank] and not alone[rank + 1] and second.end - first.start < 600:
            yield first.start, second.end


def _hidden(message: CleanMessage) -> Iterator[Anomaly]:
    for hidden in message.hidden:
        is_order = is_instruction(hidden.text) or DIRECTIVE.search(fold(hidden.text)) is not None
        if hidden.reason == "zero_width" and not is_order:
            continue
        if is_order and len(hidden.text.split()) > 3:
            yield Anomaly("hidden_text", _told("dans un texte caché"), hidden.text[:REPORTED])


def _attached_instructions(attached: Iterable[tuple[str, str]]) -> Iterator[Anomaly]:
    for name, text in attached:
        for start, end in _passages(text[:200_000]):
            if is_instruction(text[start:end]):
                yield Anomaly("instruction", _told(f"dans la pièce jointe «\u00a0{name}\u00a0»"),
                              text[start:end][:REPORTED])  # fmt: skip


def _told(where: str) -> str:
    return (
        f"Consigne adressée à un système automatique, {where}\u00a0: elle n’a pas été suivie. "
        "Vérifiez l’intention de l’expéditeur."
    )


def _bank_details(message: CleanMessage) -> Iterator[Anomaly]:
    text = blank_long_runs(message.text)
    folded = fold(text)
    iban = IBAN.search(text)
    change = BANK_CHANGE.search(folded)
    if change is not None or (iban is not None and "iban" in folded):
        start, end = (change or iban).span()  # type: ignore[union-attr]
        yield Anomaly(
            "bank_details",
            "Changement de coordonnées bancaires\u00a0: ne payez et ne modifiez rien avant une "
            "vérification par téléphone, à un numéro déjà connu.",
            message.text[start:end],
            message.span(start, end),
        )


def _addresses(message: CleanMessage, own_domains: tuple[str, ...]) -> Iterator[Anomaly]:
    for address in message.message.reply_to:
        if domain_of(address.email) != domain_of(message.message.sender.email):
            yield Anomaly(
                "reply_to",
                "L’adresse de réponse n’est pas celle de l’expéditeur\u00a0: elle ne sera pas "
                "utilisée sans votre accord.",
                address.email,
            )
    ours = [f"x@{domain}" for domain in own_domains]
    seen = {
        message.message.sender.email,
        *re.findall(r"[\w.+-]{1,64}@[\w.-]+\.\w+", blank_long_runs(message.text)),
    }
    for email in sorted(seen):
        if email and find_look_alikes(f"x@{domain_of(email)}", ours):
            yield Anomaly(
                "look_alike",
                "Cette adresse imite celle de votre cabinet sans en être une\u00a0: tentative "
                "d’usurpation probable.",
                email,
            )
