"""Whether a question is about the records, about the documents, or about neither."""

from __future__ import annotations

import re
from typing import Literal

from agents.portfolio_assistant.rules.courtesy import find_order
from agents.portfolio_assistant.rules.reading import Reading
from agents.portfolio_assistant.rules.stopwords import GLUE
from core.legal import find_legal_references
from core.words import fold, tokenize
from knowledge.spoken import write_out

DOUBTFUL = 0.9
CERTAIN = 2.0
RULE = 2.5
GENERIC = 1.5
POSSESSION = 1.0
EVIDENCE = (0.6, 0.65, 0.72)
Route = Literal["records", "documents", "both"]

ASKS_RULE = re.compile(
    r"\b(?:comment|procedure|procedures|que dit|que disent|que prevoi\w+|que precise|selon (?:l[ea']|"
    r"notre|nos|iso)|faut-il|doit-on|devons-nous|peut-on|puis-je|est-il (?:possible|obligatoire|"
    r"permis|autorise)|a-t-on le droit|qui doit|qui valide|qui approuve|qui decide|qui signe|qui "
    r"peut|qui informe|sous quel delai|quel (?:est le )?delai|quels delais|dans quel delai|combien de "
    r"temps|quel(?:le)?s? [a-z]+ pour (?:denoncer|resilier|changer|"
    r"signer|souscrire|renouveler|repondre|deposer|obtenir|modifier|contester|cloturer)\b|"
    r"(?:la|une|les|notre|nos) regles?|"
    r"quelles? (?:sont les )?(?:etapes?|regles?|conditions?|obligations?|exigences?|modalites?)|"
    r"qu'est-ce qu|qu'est ce qu|c'est quoi|definition|signifie|veut dire|difference entre|explique|"
    r"expliquez|pourquoi|a quoi sert|iso ?\d|clause|reglement\w*|turpe|accise|vnu|arenh|cta\b|nebef|"
    r"cspe|ticfe|ticgn|rc du|cctp|ccap|bpu|dqe|dpgf|reglement de (?:la )?consultation|memoire technique|"
    r"norme|loi|decret|arrete|obligatoire|interdit|politique|manuel|instruction|modele de|"
    r"indicateur|objectif|cible|duree de conservation|conserve|archiv\w+|formulaire|modalites|"
    r"cotation|cotations|cal-?2\d|forward|note de marche|marche de gros|peg\b|offres? de base)\b"
)
ASKS_DUTY = re.compile(
    r"\b(?:peut|peuvent|pouvons|doit|doivent|devons|faut|que risque|risque-t|oblig\w+|droit|"
    r"autoris\w+|interdit\w*|combien de temps|delais?|seuils?|plafond|jusqu'a quel|au bout de|"
    r"mini|minimum|minimale?|maxi|\w+ait-on|\w{2,}-t-on|"
    r"(?:pese|compte) combien dans|avant quelle date|quelle annee|quel jour|au plus tard|"
    r"a partir de (?:quel|quelle|combien)|forcement|(?:je|on|faire|fais|fait) quoi|on prend combien|suffit|"
    r"compte (?:pour|dans)|penalites?|a quelle frequence|en dessous de quel|au-dela de quel|"
    r"tous les combien|sous combien|objectif|formulaire|attestation|calcul\w*|conserv\w+|garder|"
    r"garde-t-on|quand (?:faut|doit|reclame|est[- ]ce|dit)|dans quel cas|qu'est ce qui (?:se passe|arrive)|"
    r"qu'est-ce qui (?:se passe|arrive|remplace|change))\b"
)
# « Quels contrats faut-il dénoncer avant fin janvier ? »: what is due then, not a rule.
DUE = re.compile(
    r"^(?:quel(?:le)?s|combien de) (?:\w+ ){1,3}(?:doivent|devront|doit-on|faut-il|faudra-t-il|"
    r"devons-nous|dois-je)\b"
)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SPEAKS_GENERALLY = re.compile(
    r"\b(?:un|une|d'un|d'une|le|la|du|au) (?:petite? |gros(?:se)? )?(?:client|fournisseur|mairie|commune|"
    r"collectivite|hopital|usine|syndic|artisan|societe|entreprise|contrat|site|compteur|point|"
    r"garantie|facture|offre|marche|non-conformite|reclamation|mandat|document|procedure|copro\w*|"
    r"acheteur|industriel|mission|audit|fiche|lettre|visite)\b"
)
OUR_RECORDS = re.compile(
    r"^(?:quels|quelles|combien d|liste|lister|nos |mes |les |montre|donne|affiche|top |nombre d|"
    r"repartition|y a-t-il|on a (?:qui|quoi|combien)|avons-nous|a-t-on|qui (?:est|suit|gere|a ))|\b(?:nos|mes|notre portefeuille|"
    r"avons-nous|a-t-on|chez nous)\b|"
    r"\b(?:tu peux|peux-tu|pouvez-vous|vous pouvez|pourriez-vous|veux|voudrais|besoin de|merci de) "
    r"(?:me |nous )?(?:sortir|montrer|afficher|donner|lister|extraire|consulter|voir|avoir) "
    r"(?:la liste |tous |toutes )?(?:d'|(?:de|des|les|mes|nos)\b)"
)
ASKS_PEOPLE = re.compile(
    r"\b(?:qui (?:a|est|sont|ont)|quels? clients?|chez qui|avec qui|lesquels|lesquelles|combien de "
    r"(?:clients|contrats|sites|points))\b"
)
# Who speaks, or is spoken of: a case told has several clauses, a question of records one.
SUBJECT = re.compile(r"(?<!-)\b(?:j'|(?:je|tu|il|elle|on|nous|vous|ils|elles|moi)\b)")
# What opens or closes a request, and the relative clauses of what it asks for.
COURTESY = re.compile(
    r"\bs'il (?:te|vous) plait\b|\b(?:est-ce que )?(?:tu|vous) (?:peux|pouvez|pourrais|pourriez|"
    r"saurais|sauriez)(?: me| nous)?(?: \w+(?:er|ir|re))?|"
    r"\b(?:je (?:voudrais|veux|souhaite|cherche|prepare)|j'(?:ai besoin|aimerais))(?: de| d')?"
    r"(?: savoir)?|\b(?:que|qu'|dont|ou) ?(?:je|on|nous|vous) \w+|\bj'en ai besoin\b"
)
CASE_WORDS, CASE_SUBJECTS = 14, 2
# « Qui rappelle un client qui a… » is no question of who has.
RELATIVE = re.compile(r"^(?P<rule>(?:qui|comment|quand|peut|faut|doit|que) .*?\bune? \w+) qui\b")
PLAIN_WORDS = 4
FORECAST = re.compile(
    r"\b(?:quel(?:le)? (?:sera|seront) (?:le|la|les) (?:prix|cours|tarif|cotation)|prix spot de l|"
    r"cours (?:du|de l|en direct)|va(?:-t-il|-t-elle)? (?:monter|baisser|augmenter)|meteo|quel temps (?:fait|fera|va)|"
    r"faire quel temps)\b"
)
GREETING = re.compile(
    r"^(?:bonjour|bonsoir|salut|hello|coucou|merci|merci beaucoup|au revoir|bonne journee)[ !.,]*"
    r"(?:voltaire|a tous|tout le monde)?[ !.]*$"
)
IDENTITY = re.compile(
    r"\b(?:qui es-tu|qui etes-vous|que (?:sais|peux)-tu faire|que (?:savez|pouvez)-vous faire|"
    r"aide(?:-moi)?$|comment (?:ca|tu) (?:marche|fonctionne)s?|a quoi (?:sers-tu|servez-vous))"
)
# What opens every door of someone, asked for itself: a rule on passwords is no password.
CREDENTIAL = (
    r"(?:mots? de passe|passwords?|codes? (?:secrets?|confidentiels?|pin)|cles? (?:d')?api|api keys?|"
    r"identifiants? (?:de connexion|du portail|de compte|du compte)|ibans?|"
    r"(?:numeros? de )?(?:carte bancaire|securite sociale))"
)
THE = r"(?:le |la |les |l'|un |une |des |du |son |sa |ses |leurs? |mon |ma |mes )?"
SECRET = re.compile(
    rf"^{THE}{CREDENTIAL}(?: (?:de |du |des |d'|pour )[\w.@-]+(?:[ '][\w.@-]+){{0,3}})?[ ?!.]*$|"
    r"\b(?:quel(?:le)?s? (?:est|sont|etai(?:t|ent))|c'est quoi|(?:donne|affiche|montre|envoie|file|"
    r"communique|rappelle|trouve|retrouve|sors|dis|dites|lis)z?(?:[ -](?:moi|nous))?|"
    r"(?:me|nous) \w+(?:er|ir|re)|(?:je |j')(?:veux|voudrais|cherche|ai besoin|aimerais)(?: \w+r)?"
    rf"(?: d[e'])?|connais(?:-tu|sez-vous)?) ?{THE}{CREDENTIAL}\b|"
    rf"\b(?:avec|et|plus) (?:leurs?|ses|son|sa|vos|tes) {CREDENTIAL}\b|\bde tous les cabinets\b|"
    r"\b(?:a demande|ont demande|questions? posees?|historique).*\b(?:assistant|voltaire|chat)\b|"
    r"\b(?:autres? (?:tenants?|firmes?|courtiers? qui utilisent)|"
    r"(?:clients?|contrats?|donnees|documents?|portefeuilles?) (?:de |d'|des )(?:un |l')?autres? cabinets?|"
    r"conversations? (?:de|d'un|des) (?:mes )?(?:coll|autre|\w+ \w+)|"
    r"(?:ton|tes|votre|vos) prompts?|prompts? systeme|"
    r"ignore[rz]? (?:toutes )?(?:tes|vos) (?:instructions|consignes|regles))\b"
)
PAY = re.compile(
    r"\b(?:salaires?|remunerations?|(?:fiches?|bulletins?) de (?:paie|salaire)|"
    r"(?<!a )(?<!-il )(?<!-elle )(?<!-on )gagne\b.*\bpar (?:mois|an)|(?<!a )gagne combien|"
    r"combien gagne)\b"
)
OF_COLLEAGUE = re.compile(
    r"\b(?:salaires?|remunerations?|paie) (?:de |du |des |d')?(?:la |le |l'|les |mon |ma |mes |notre "
    r"|nos )?(?:collegues?|direct\w+|patron\w*|chef\w*|gerante?s?)\b"
)
WRITES = re.compile(
    r"(?:supprime|efface|modifie|change|cree|ajoute|mets? (?:a jour|le|la|fin)|passe[rz]? (?:le|la|"
    r"en)|envo[iy]e|ferme|cloture|resilie|valide|approuve|renomme|enregistre|remplace|corrige|archive|"
    r"drop |delete |update |insert )\w*\b"
)


def choose_route(reading: Reading) -> Route:
    """Records when the question reads well against them, documents when it asks for a rule.

    Both when no record has the very thing asked for.
    No record says what the law is: a question that names an article of it is for the documents.
    """
    if reading.target is None or find_legal_references(reading.question):
        return "documents"
    if not reading.names and tells_case(reading.question):
        return "documents"
    leaning = rule_leaning(reading)
    confidence = record_confidence(reading)
    is_rule = ASKS_RULE.search(fold(reading.question)) is not None
    is_plain = leaning == 0 and not is_rule and not reading.is_beyond
    if is_plain and confidence >= CERTAIN and _is_well_read(reading):
        return "records"
    if leaning >= RULE and confidence < 0:
        return "documents"
    return "both"


def rule_leaning(reading: Reading) -> float:
    """How much a question sounds like one about a rule: duties, delays, «un client», reasons."""
    text = fold(write_out(reading.question))
    is_named = any(n.object or n.kind == "supplier" for n in reading.names)
    if reading.has_explicit_target and DUE.search(text) and _has_period(reading):
        return 0.0
    leaning = (RULE / 2 if is_named else RULE) * bool(ASKS_DUTY.search(text))
    if ASKS_RULE.search(text):
        leaning += RULE / 4 if is_named else RULE
    if not is_named:
        leaning += GENERIC * bool(SPEAKS_GENERALLY.search(text))
    if _asks_people(text):
        leaning -= RULE
    if any(n.is_reference for n in reading.names) and not ASKS_DUTY.search(text):
        return 0.0
    return max(0.0, leaning)


def tells_case(question: str) -> bool:
    """Tell whether a question first tells what happens to someone, in clauses of its own."""
    text = COURTESY.sub(" ", fold(question)).strip()
    is_long = len(text.split()) >= CASE_WORDS
    return is_long and len(SUBJECT.findall(text)) >= CASE_SUBJECTS and not asks_records(text)


def _has_period(reading: Reading) -> bool:
    """Tell whether a condition of the reading is on days."""
    values = [
        value for one in reading.filters if isinstance(one.value, list) for value in one.value
    ]
    return any(ISO_DAY.fullmatch(str(value)) for value in values)


def asks_duty(question: str) -> bool:
    """Tell whether a question is on what must or may be done, or on a limit."""
    return ASKS_DUTY.search(fold(write_out(question))) is not None


def record_confidence(reading: Reading) -> float:
    """How sure it is that records answer: what was recognised, less what was not."""
    told = len(reading.told) + len(reading.groups) + bool(reading.order_by)
    is_named = any(n.object or n.kind == "supplier" for n in reading.names)
    has_field = bool(reading.measure or reading.columns)
    is_firm = reading.has_explicit_target or has_field or is_named
    known = 2.0 * reading.has_explicit_target + min(told, 3) * (1.0 if is_firm else 0.8)
    known += reading.operation != "list"
    known += POSSESSION * bool(OUR_RECORDS.search(fold(reading.question)))
    if (not told and reading.operation == "list" and reading.columns) or _lists_everything(reading):
        known -= 2
    if any(n.is_reference for n in reading.names):
        known += 2
    elif is_named and has_field:
        known += 1
    if not reading.has_explicit_target and not has_field:
        known -= reading.doubt
    return known - reading.doubt - 3 * len(reading.unknown) - rule_leaning(reading)


def _is_well_read(reading: Reading) -> bool:
    return reading.doubt < DOUBTFUL and not reading.unknown


def weakest_evidence(reading: Reading) -> float:
    """The score below which a sentence is not quoted: the less it sounds like a rule, the higher."""
    leaning = rule_leaning(reading)
    if leaning >= RULE or reading.target is None:
        return EVIDENCE[0]
    is_client = any(n.kind == "account" for n in reading.names)
    is_open = leaning > 0 or is_client or record_confidence(reading) < 0
    return EVIDENCE[1] if is_open else EVIDENCE[2]


def asks_records(question: str) -> bool:
    """Tell whether a question plainly asks for the firm's records: to list, count or name them."""
    text = fold(question).strip()
    return bool(OUR_RECORDS.search(text)) or _asks_people(text)


def _asks_people(text: str) -> bool:
    return ASKS_PEOPLE.search(RELATIVE.sub(r"\g<rule>", text)) is not None


def _lists_everything(reading: Reading) -> bool:
    """Tell whether all that a question of several words was read as is the list of an object."""
    is_whole = reading.operation == "list" and not (
        reading.told or reading.groups or reading.order_by or reading.names
    )
    is_short = len(reading.question.split()) <= PLAIN_WORDS
    return is_whole and not is_short and not asks_records(reading.question)


def is_greeting(question: str) -> bool:
    """Tell whether the message is only a courtesy."""
    return bool(GREETING.match(fold(question).strip()))


def says_nothing(question: str) -> bool:
    """Tell whether no word of the message carries a meaning of its own."""
    return not any(len(token.form) > 1 and token.form not in GLUE for token in tokenize(question))


def is_thanks(question: str) -> bool:
    """Tell whether the message thanks."""
    return fold(question).strip().startswith("merci")


def asks_identity(question: str) -> bool:
    """Tell whether the question is about the assistant itself."""
    return bool(IDENTITY.search(fold(question)))


def asks_forecast(question: str) -> bool:
    """Tell whether the question wants the future or a live quotation."""
    return bool(FORECAST.search(fold(question)))


def asks_secret(question: str) -> bool:
    """Tell whether the question wants what nobody may read through the assistant."""
    return bool(SECRET.search(fold(question)))


def asks_pay(reading: Reading) -> bool:
    """Tell whether the question wants what someone named earns; a pay scale is for the documents."""
    text = fold(reading.question)
    is_named = any(name.kind in ("person", "contact") for name in reading.names)
    return bool(OF_COLLEAGUE.search(text)) or (is_named and bool(PAY.search(text)))


def asks_write(question: str) -> bool:
    """Tell whether the message orders a change rather than asks a question."""
    order = find_order(question)
    return order is not None and WRITES.match(fold(question), order.start) is not None
