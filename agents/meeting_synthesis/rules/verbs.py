"""Verbs of work and their forms: what one says when one undertakes or asks something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

REGULAR = """
accompagner actualiser adapter adresser ajouter alerter analyser annuler anticiper archiver auditer
avertir bloquer boucler budgeter caler calculer chercher chiffrer cloturer collecter commander communiquer
comparer completer confirmer consolider construire consulter contacter contester contracter
controler convoquer corriger creer croiser debloquer deposer declarer demander demonter denoncer
deployer depouiller detailler diffuser documenter dresser echanger elaborer estimer etudier evaluer
exporter extraire facturer figer finaliser former formaliser identifier informer installer
integrer interroger inventorier lister livrer mandater mesurer modifier monter negocier notifier
ordonner organiser partager payer piloter planifier poser positionner preciser preparer presenter
programmer proposer publier purger qualifier questionner rapporter rapprocher recalculer recenser
reclamer recuperer redemander rediger regler regulariser relancer rencontrer renegocier
renseigner reporter reserver resilier resoumettre retourner retrouver reverifier reviser saisir
signaler signer simuler solliciter sourcer surveiller tester traduire transferer trier valider
verifier verser visiter
rattraper recompter recouper croiser pointer eplucher decortiquer traiter trier classer ranger scanner
numeriser imprimer photographier telecharger mailer recopier synthetiser resumer reformuler nettoyer
recaler reprogrammer rapatrier expedier poster balancer filer retirer enclencher rebasculer justifier
affiner reclasser desarchiver migrer parametrer activer desactiver provisionner rembourser
""".split()
IRREGULAR: dict[str, str] = {
    "envoyer": "envoie envoies envoyons envoyez enverrai enverra enverras enverrons enverrez",
    "renvoyer": "renvoie renvoies renvoyons renvoyez renverrai renverra renverras renverrons renverrez",
    "faire": "fais fait faisons faites ferai fera feras ferons ferez fasse fassiez",
    "refaire": "refais refait refaisons refaites referai refera referons referez refasse",
    "ecrire": "ecris ecrit ecrivons ecrivez ecrirai ecrira ecrirons ecrirez ecrive",
    "transmettre": "transmets transmet transmettons transmettez transmettrai transmettra transmettrons transmettrez transmette",
    "remettre": "remets remet remettons remettez remettrai remettra remettrons remettrez remette",
    "soumettre": "soumets soumet soumettons soumettez soumettrai soumettra soumettrons soumettrez",
    "fournir": "fournis fournit fournissons fournissez fournirai fournira fournirons fournirez fournisse",
    "etablir": "etablis etablit etablissons etablissez etablirai etablira etablirons etablirez etablisse",
    "reunir": "reunis reunit reunissons reunissez reunirai reunira reunirons reunirez reunisse",
    "prevenir": "previens previent prevenons prevenez previendrai previendra previendrons previendrez",
    "relire": "relis relit relisons relisez relirai relira relirons relirez relise",
    "sortir": "sors sort sortons sortez sortirai sortira sortirons sortirez sorte",
    "ressortir": "ressors ressort ressortons ressortez ressortirai ressortira ressortirons ressortirez ressorte",
    "produire": "produis produit produisons produisez produirai produira produirons produirez produise",
    "joindre": "joins joint joignons joignez joindrai joindra joindrons joindrez joigne",
    "rendre": "rends rend rendons rendez rendrai rendra rendrons rendrez rende",
    "repondre": "reponds repond repondons repondez repondrai repondra repondrons repondrez reponde",
    "construire": "construis construit construirai construira construisez construise",
    "appeler": "appelle appelles appelons appelez appellerai appellera appellerons appellerez",
    "rappeler": "rappelle rappelles rappelons rappelez rappellerai rappellera rappellerons rappellerez",
    "revenir": "reviens revient revenons revenez reviendrai reviendra reviendrons reviendrez revienne",
    "obtenir": "obtiens obtient obtenons obtenez obtiendrai obtiendra obtiendrons obtiendrez obtienne",
    "mettre": "mets met mettons mettez mettrai mettra mettrons mettrez mette",
    "tenir": "tiens tient tenons tenez tiendrai tiendra tiendrons tiendrez tienne",
    "prendre": "prends prend prenons prenez prendrai prendra prendrons prendrez prenne",
    "dire": "dis dit disons dites dirai dira diras dirons direz dise",
    "voir": "vois voit voyons voyez verrai verra verras verrons verrez voie",
    "regarder": "regarde regardes regardons regardez regarderai regardera regarderons regarderez",
    "creuser": "creuse creuses creusons creusez creuserai creusera creuserons creuserez",
    "donner": "donne donnes donnons donnez donnerai donnera donnerons donnerez",
    "passer": "passe passes passons passez passerai passera passerons passerez",
    "lancer": "lance lances lancons lancez lancerai lancera lancerons lancerez",
    "suivre": "suivons suivez suivrai suivra suivrons suivrez suive",
    "definir": "definis definit definissons definissez definirai definira definirons",
    "saisir": "saisis saisit saisissons saisissez saisirai saisira",
    "avertir": "avertis avertit avertissons avertissez avertirai avertira",
    "gerer": "gere geres gerons gerez gererai gerera gererons gererez",
    "poser": "pose poses posons posez poserai posera poserons poserez",
    "essayer": "essaie essaies essayons essayez essaierai essaiera",
    "apporter": "apporte apportes apportons apportez apporterai apportera apporterons apporterez",
    "terminer": "termine termines terminons terminez terminerai terminera terminerons terminerez",
    "debuter": "debute debutons debuterai debutera debuterons",
    "reprendre": "reprends reprend reprenons reprenez reprendrai reprendra reprendrons reprendrez reprenne",
    "refuser": "refuse refuses refusons refusez refuserai refusera refuserons refuserez",
    "parler": "parle parles parlons parlez parlerai parlera parlerons parlerez",
}  # fmt: skip
WEAK = frozenset(
    """
    mettre tenir prendre dire voir regarder creuser donner passer lancer suivre proposer partager
    payer poser figer bloquer essayer apporter parler gerer former positionner valider purger
    signer echanger surveiller retrouver chercher visiter sortir obtenir rappeler appeler reprendre refuser
    pointer traiter croiser activer
    """.split()
)
PRODUCE = frozenset(
    "faire refaire preparer rediger ecrire etablir monter elaborer dresser construire consolider "
    "finaliser chiffrer calculer produire regarder verifier".split()
)
DELIVER = frozenset(
    "envoyer renvoyer transmettre livrer fournir remettre adresser communiquer diffuser retourner "
    "soumettre presenter rendre balancer filer expedier poster mailer partager donner dire confirmer transferer deposer".split()
)


@dataclass(frozen=True)
class Verb:
    """A verb as found: its infinitive, folded."""

    infinitive: str

    @property
    def is_strong(self) -> bool:
        """Tell a verb that says by itself what work is undertaken."""
        return self.infinitive in INFINITIVES and self.infinitive not in WEAK


def _conjugate(infinitive: str) -> list[str]:
    stem = infinitive[:-2]
    if not infinitive.endswith("er"):
        return []
    soft = stem + "e" if stem.endswith("g") else stem
    return [
        stem + "e", stem + "es", soft + "ons", stem + "ez", stem + "erai", stem + "era",
        stem + "eras", stem + "erons", stem + "erez",
    ]  # fmt: skip


def _forms() -> dict[str, str]:
    forms: dict[str, str] = {}
    for infinitive in REGULAR:
        for form in _conjugate(infinitive):
            forms[form] = infinitive
    for infinitive, written in IRREGULAR.items():
        for form in written.split():
            forms[form] = infinitive
    return forms


NOT_WORK = frozenset(
    """
    etre avoir pouvoir devoir vouloir savoir falloir aller venir penser croire comprendre attendre rester
    commencer continuer avancer parler discuter reflechir imaginer esperer souhaiter aimer preferer trouver
    sembler paraitre rappeler entendre ecouter connaitre gagner perdre baisser monter descendre augmenter
    depasser couter consommer economiser beneficier profiter arriver partir finir demarrer changer revoir
    reparler decider trancher choisir accepter notre votre autre entre titre maitre hier papier dossier
    chantier courrier calendrier fevrier janvier dernier premier particulier loyer levier metier atelier
    """.split()
)
FORMS = _forms()
INFINITIVES = frozenset(REGULAR) | frozenset(IRREGULAR)


def _is_work(infinitive: str) -> bool:
    """A verb of the list, or another that is neither an auxiliary nor a state of mind."""
    if infinitive in INFINITIVES:
        return True
    return infinitive.endswith(("er", "ir", "re")) and infinitive not in NOT_WORK


@dataclass(frozen=True)
class Found:
    """A pattern's place in a folded text, with its verb and the pronouns before it."""

    verb: Verb
    start: int
    end: int
    pronouns: str
    words: str


@dataclass(frozen=True)
class VerbPattern:
    """A pattern with a place for one verb of work, conjugated or not."""

    pattern: re.Pattern[str]

    def find_all(self, folded: str) -> Iterator[Found]:
        """Every place where the word that stands for the verb is one."""
        for match in self.pattern.finditer(folded):
            groups = match.groupdict()
            form, infinitive = groups.get("form"), groups.get("infinitive")
            word = infinitive or form or ""
            is_known = _is_work(infinitive) if infinitive else word in FORMS
            if is_known or (groups.get("either") or "") in FORMS.keys() | INFINITIVES:
                word = word or groups["either"]
                verb = Verb(FORMS.get(word, word))
                pronouns = (groups.get("pron") or "").strip()
                yield Found(verb, match.start(), match.end(), pronouns, match.group())

    def find(self, folded: str) -> Found | None:
        """The first place."""
        return next(self.find_all(folded), None)


def compile_with(pattern: str) -> VerbPattern:
    """`pattern`, its `{form}`, `{infinitive}` or `{either}` standing for a verb of work."""
    for name in ("form", "infinitive", "either"):
        pattern = pattern.replace("{" + name + "}", f"(?P<{name}>[a-z]+)")
    return VerbPattern(re.compile(pattern))
