"""Spoken verb forms brought to what minutes write: «on retient» → «retenir», «je veux» → «veut»."""

from __future__ import annotations

from core.words import fold


def _pairs(text: str) -> dict[str, str]:
    return {form: written for form, _, written in (pair.partition(":") for pair in text.split())}


IRREGULAR = _pairs("""
prend:prendre prenons:prendre prendra:prendre reprend:reprendre reprenons:reprendre fait:faire faisons:faire
fera:faire refait:refaire met:mettre mettons:mettre mettra:mettre remet:remettre soumet:soumettre
transmet:transmettre permet:permettre maintient:maintenir maintenons:maintenir retient:retenir
retenons:retenir obtient:obtenir convient:convenir tient:tenir part:partir partons:partir partira:partir
sort:sortir sortons:sortir descend:descendre suspend:suspendre suspendons:suspendre vend:vendre
rend:rendre étend:étendre réduit:réduire réduisons:réduire introduit:introduire reconduit:reconduire
reconduisons:reconduire construit:construire produit:produire inclut:inclure incluons:inclure
exclut:exclure excluons:exclure conclut:conclure souscrit:souscrire souscrivons:souscrire
inscrit:inscrire écrit:écrire écrivons:écrire choisit:choisir choisissons:choisir investit:investir
définit:définir établit:établir élargit:élargir convertit:convertir garantit:garantir
répartit:répartir ralentit:ralentir ouvre:ouvrir ouvrons:ouvrir rouvre:rouvrir couvre:couvrir
couvrons:couvrir offre:offrir poursuit:poursuivre suit:suivre interdit:interdire dit:dire
disons:dire revoit:revoir prévoit:prévoir revient:revenir rejoint:rejoindre restreint:restreindre
""")
OPEN_E = _pairs("""
intègre:intégrer réintègre:réintégrer complète:compléter gère:gérer règle:régler cède:céder
diffère:différer accélère:accélérer récupère:récupérer considère:considérer tolère:tolérer
libère:libérer préfère:préférer suggère:suggérer renouvelle:renouveler appelle:appeler
rappelle:rappeler rejette:rejeter jette:jeter achète:acheter rachète:racheter enlève:enlever
lève:lever relève:relever prélève:prélever élève:élever pèse:peser mène:mener amène:amener
échelonne:échelonner gèle:geler modèle:modeler
""")
NOT_CHOICES = frozenset(
    """
    est a sait peut doit veut voit va voit entend croit connaît comprend attend trouve pense parle compte
    arrive consomme paie paye reste dispose soit regarde note aime préfère espère imagine souhaite
    demeure dépend fonce rate perd gagne dépense subit tombe ressent manque semble
    """.split()
)
FIRST = _pairs("""
veux:veut peux:peut dois:doit ai:a suis:est prends:prend retiens:retient maintiens:maintient
choisis:choisit dis:dit fais:fait mets:met attends:attend pars:part crois:croit vois:voit
sais:sait tiens:tient voudrais:voudrait souhaiterais:souhaiterait aimerais:aimerait
préférerais:préférerait serais:serait verrais:verrait pourrais:pourrait devrais:devrait
proposerais:proposerait dirais:dirait prendrais:prendrait penserais:penserait
""")
SAME_IN_THIRD = frozenset(
    """
    propose suggère conseille souhaite préfère demande valide signe garde refuse accepte confirme vote
    exige recommande déconseille laisse reste pense impose fixe arrête privilégie écarte renonce
    """.split()
)
ADDRESSED = frozenset("propose suggère conseille recommande demande déconseille confirme".split())
"""Verbs after which «vous» is only the person spoken to: «je vous propose»."""


def find_infinitive(form: str) -> str | None:
    """The infinitive of a present or future form said with «on» or «nous»; None if not known.

    Accents are those of `form`. States of mind and auxiliaries choose nothing: None.
    """
    form = form.lower()
    if form in NOT_CHOICES or len(form) < 3:
        return None
    found = IRREGULAR.get(form) or OPEN_E.get(form)
    if found is not None:
        return found
    if form.endswith("ie") and form[-3] in "aou":
        return f"{form[:-2]}yer"
    if form.endswith("ons"):
        return _from_we(form[:-3])
    if form.endswith("era") and len(form) > 5:
        return f"{form[:-1]}"
    return f"{form}r" if form.endswith("e") and not _is_altered(form) else None


def find_third_person(form: str) -> str | None:
    """The third person of a form said with «je»; None if not known."""
    form = form.lower()
    return FIRST.get(form) or (form if form in SAME_IN_THIRD else None)


def _from_we(stem: str) -> str | None:
    if stem.endswith("iss"):
        return f"{stem[:-2]}r"
    stem = f"{stem[:-1]}c" if stem.endswith("ç") else stem
    stem = stem[:-1] if stem.endswith("ge") else stem
    return f"{stem}er"


def _is_altered(form: str) -> bool:
    """«relève», «nivelle»: the vowel before the ending is not that of the infinitive."""
    return "è" in form[-5:] or fold(form).endswith(("elle", "ette"))
