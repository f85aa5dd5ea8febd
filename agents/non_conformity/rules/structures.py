"""Deviations whose requirement goes without saying: law, usage, or the very nature of the order.

Each is read in one or two neighbouring sentences, folded (lower case, no accents).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.non_conformity.models import Family

COUNT = r"(?:\d+|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt)"
THIRD = r"(?:autres? de (?:vos|leurs) (?:clients?|abonnes?|adherents?)|autres? (?:societes?|clients?|entreprises?|communes?|abonnes?|syndics?|etablissements?|cabinets?|structures?|boites?)|(?:deux|trois|plusieurs|d'|vos )?autres (?:de vos )?clients?|d'un (?:tiers|concurrent|confrere)|d'a cote|d'en face|voisine?s?|du voisin|d'un particulier|d'un autre nom|un concurrent|notre concurrent|another (?:company|customer|client))"
DATA = r"(?:factures?|\brib\b|donnees|consos?|consommations?|contrats?|documents?|dossiers?|fichiers?|courbes?|coordonnees|\biban\b|zip|pieces?(?:[ -]jointes?)?|mails?|releves?|tableaux?|listes?|attachment|file)"
LACK = r"(?:jamais|toujours pas|pas encore|pas ete|n'a pas|n'ont pas|n'est pas|n'est toujours pas|aucunement|never|not)"


@dataclass(frozen=True)
class Structure:
    """A way of telling a deviation; `requirement` is what it goes against."""

    name: str
    family: Family
    pattern: re.Pattern[str]
    requirement: str


def _structure(name: str, family: Family, requirement: str, *patterns: str) -> Structure:
    return Structure(name, family, re.compile("|".join(patterns)), requirement)


STRUCTURES: tuple[Structure, ...] = (
    _structure(
        "wrong_metering", "metering",
        "Comptage conforme à l’installation\u00a0: compteur, coefficient et index du point facturé.",
        r"\bcoefficient\b[^.?!]{0,80}\b(?:au lieu|alors|errone|faux|double|mauvais|incorrect)", r"\b(?:compteurs?|prm|pdl|pce|index|points?)\b[^.?!]{0,60}\b(?:inverse\w*|intervert\w*|croise\w*|inversion)\b|\b(?:inversion|interversion)\b[^.?!]{0,60}\b(?:compteurs?|prm|pdl|pce|index|points?)\b",
        r"\bindex\b[^.?!]{0,100}\b(?:superieur|inferieur|ne correspond\w* pas|different|alors que (?:le compteur|l'afficheur|nous avons releve|j'ai releve)|faux|errone)\w*", r"\bcompteur\b[^.?!]{0,60}\b(?:a l'envers|bloque|arrete|tourne (?:alors|a vide)|ne (?:compte|remonte) (?:plus|pas))",
    ),
    _structure(
        "third_party_data", "privacy",
        "Confidentialité des données des clients\u00a0: factures, données de consommation et coordonnées bancaires ne vont qu’au client concerné (RGPD, art. 5 et 32).",
        rf"{DATA}[^.?!]{{0,80}}{THIRD}", rf"{THIRD}[^.?!]{{0,60}}{DATA}[^.?!]{{0,40}}(?:recu|envoy|joint|mes|nos)\w*",
        rf"\b(?:transmis|communique|envoye|divulgue|partage|diffuse)\w*[^.?!]{{0,80}}{DATA}?[^.?!]{{0,50}}sans (?:notre|mon|leur|aucun) (?:accord|consentement|autorisation)",
        rf"\b(?:recu|received)\b[^.?!]{{0,40}}{DATA}[^.?!]{{0,60}}(?:ne (?:nous|me) concern\w+|ne sont pas (?:a nous|les notres|a moi)|n'est pas (?:a nous|la notre|le notre|a moi))",
        rf"\b(?:recu|trouve|tombe\w* sur|decouvert|decouvre|ouvert|ouvrir|ouvrant|contient|contenait|received)\b[^.?!]{{0,60}}{DATA}[^.?!]{{0,120}}\bne (?:me|nous) concern\w+",
        rf"{DATA}[^.?!]{{0,80}}\b(?:pas (?:le|la|les) (?:notres?|miens?|miennes?)|not ours)\b",
        rf"\b(?:acces|voir|consulter)\b[^.?!]{{0,60}}\b(?:factures?|donnees|contrats?|consos?|consommations)\b[^.?!]{{0,40}}(?:d'en face|d'a cote|d'en face|voisine?s?|du voisin|d'un particulier|d'un autre nom|du voisin|{THIRD}|qui ne sont pas)",
        r"\badresses?\b[^.?!]{0,40}\b(?:clients|destinataires|abonnes)\b[^.?!]{0,30}\b(?:en clair|visibles?|apparentes?|en copie)",
        rf"\b(?:recu|trouve|envoye|joint|transmis)\w*\b[^.?!]{{0,40}}{DATA}[^.?!]{{0,80}}\ba la place d(?:u|e|es) (?:notres?|miens?|miennes?|votres?|nos|mes|mon|ma|notre|la notre|le notre)",
        rf"\b(?:on|je|nous) (?:y )?(?:voi[ts]|voyons|decouvr\w+|lis|lit)\b[^.?!]{{0,60}}\b(?:prix|contacts?|noms?|contrats?|factures?|donnees|coordonnees)\b[^.?!]{{0,60}}{THIRD}",
        rf"{DATA}[^?!]{{0,160}}\b(?:ne (?:devrions|devons|devrais|pense pas que (?:nous|je) dev\w+)[^?!]{{0,30}}(?:acces|voir)|confidentiel\w*[^?!]{{0,40}}(?:tiers|autre))",
        r"\bfuite de donnees|violation de donnees|adresses? (?:mails? )?(?:de tous|des autres)[^.?!]{0,40}(?:en copie|visibles?)",
    ),
    _structure(
        "cut_though_paid", "outage",
        "Pas d’interruption de fourniture pour une facture réglée\u00a0; une coupure suit un préavis écrit.",
        r"\b(?:coup(?:e|es|ee|ees|er|ure)|interrompu\w*|suspendu\w*|suspension)\b[^?!]{0,160}\b(?:payee?s?|reglee?s?|virement|preleve\w*|a jour|sans (?:le moindre |aucun )?(?:preavis|prevenir|avertir|courrier|avertissement)|aucun (?:courrier|preavis|avertissement)|personne (?:ne )?nous (?:a|avait) prevenu\w*|treve)\b",
        r"\b(?:coupee?s?|coupure|privee?s? d\w+)\b[^?!]{0,160}\b(?:impaye\w*|non-paiement|resiliation)\b[^?!]{0,120}\b(?:payee?s?|reglee?s?|virement|preuve|personne|jamais|erreur|a tort|rien demande)",
        r"\b(?:ne tourne|ne fonctionne|a l'arret|plus rien)\b[^?!]{0,160}\b(?:resiliation|impaye\w*)\b[^?!]{0,120}\b(?:personne|jamais|payee?s?|reglee?s?|preuve|pas demande|rien demande)",
        r"\b(?:sans|plus de|plus d') ?(?:gaz|electricite|courant|chauffage|elec)\b[^?!]{0,160}\b(?:impaye\w*)\b[^?!]{0,80}\b(?:payee?s?|reglee?s?|virement|preuve)",
        r"\b(?:payee?s?|reglee?s?|a jour)\b[^?!]{0,120}\b(?:vien\w* de (?:nous |me )?couper|(?:nous |m')?(?:a|ont|avez) coupe\w*|sommes coupe\w*)",
    ),
    _structure(
        "cut_unannounced", "outage",
        "Information des utilisateurs avant une coupure pour travaux.",
        r"\b(?:coupures?|coupee?s?|plus (?:de courant|d'electricite|de gaz)|travaux)\b[^?!]{0,160}\b(?:personne ne (?:nous|m')|(?:pas|jamais) (?:ete )?(?:prevenue?s?|avertie?s?|informee?s?)|sans (?:preavis|prevenir|avertir|avertissement|information prealable))",
    ),
    _structure(
        "too_many_cuts", "outage",
        "Continuité de fourniture\u00a0: nombre de coupures au plus égal à l’engagement du contrat d’accès au réseau.",
        rf"\b{COUNT} (?:(?:micro|breves?|longues?|tres)[- ]?)*coupures\b[^?!]{{0,160}}\b(?:contrat|prevoi\w*|maximum|engag\w*|seuil|au plus|plafonn\w*|autorise\w*|convention)\b",
        r"\b(?:contrat|convention|engagement)\b[^?!]{0,120}\b\d+ coupures\b[^?!]{0,120}\b\d+\b",
    ),
    _structure(
        "not_switched", "switching",
        "Changement de fournisseur effectif à la date prévue au contrat signé.",
        rf"\b{LACK}\b[^.?!]{{0,25}}\b(?:bascul|switch|rattach|transfer)\w*", rf"\b(?:changement de fournisseur|bascule|rattachement|switch)\b[^.?!]{{0,30}}\b{LACK}\b",
        r"\baucun\w*\b[^.?!]{0,50}\bn'(?:est|a|ont|sont) (?:ete )?(?:bascul|passe|transfer|rattach)\w*", r"\b(?:est|sont|soit|soient) (?:pas|jamais|toujours pas) (?:encore )?passee?s? (?:chez|sous)\b",
        r"\b(?:rest\w+|toujours|encore|still)\b[^.?!]{0,20}\b(?:factures? par|chez|au perimetre d\w+|with)\b[^.?!]{0,60}", r"\b(?:bascul|transfer|rattach|chang)\w*[^.?!]{0,60}\bsans (?:que|rien)\b", r"\bpasser\b[^.?!]{0,60}\bcompteur\b[^.?!]{0,40}\ba son nom", r"\baucune demande de (?:changement|bascule)\w*",
        r"\b(?:bascule|switch)\b[^.?!]{0,60}\b(?:pas (?:ete )?(?:faite|eu lieu|effecti)|echou\w*|rejet\w*|oubli\w*|n'a (?:pas|jamais) eu lieu|annulee)",
        r"\b(?:toujours|encore) (?:chez|factures? par) (?:l'ancien|notre ancien|mon ancien)\b", r"\b(?:bascul|transfer|rattach|souscri|engag)\w*[^.?!]{0,60}\bsans (?:notre|mon|aucun|avoir (?:notre|mon)) (?:accord|autorisation|mandat|signature|rien signe)",
        r"\boffre de (?:transition|secours|fourniture de secours)|\bfourniture de secours\b",
    ),
    _structure(
        "no_show", "switching",
        "Intervention au créneau confirmé.",
        r"\b(?:technicien|intervenant|agent|prestataire|enedis|grdf)\b[^.?!]{0,60}\b(?:ne s'est (?:pas|jamais) (?:presente|deplace)|n'est (?:pas|jamais) (?:venu|passe)|pas (?:venu|passe|presente|presentee)|jamais (?:venu|passe|presente)|a pose un lapin|absent|did not show)\w*",
        r"\b(?:creneau|rendez-vous|rdv|intervention|mise en service)\b[^?!]{0,120}\b(?:personne (?:n'est|ne s'est|a)|personne,|pas venu\w*|non honore\w*|pas honore\w*|jamais eu lieu|n'a pas eu lieu|annule\w* (?:sans|le jour))",
        r"\bmise en service\b[^.?!]{0,80}\b(?:prevue|programmee|confirmee)\b[^.?!]{0,80}\b(?:toujours|pas|jamais|rien)\b",
    ),
    _structure(
        "billed_twice", "billing",
        "Une consommation n’est facturée qu’une fois, par le fournisseur titulaire du point à cette date.",
        r"\b(?:continu\w+|encore|toujours|persist\w+)\b[^.?!]{0,50}\b(?:recevoir|recevons|recois|factur\w*|prelev\w*|envoy\w*)\b[^.?!]{0,100}\b(?:ancien\w*|memes?|resili\w*|ferme\w*|vendu\w*|cede\w*|sortis?|quitte\w*|sommes plus|suis plus)\b",
        r"\b(?:contrat (?:\w+ )?(?:fini|termine|clos|echu)|resili\w*|sommes (?:partis?|sortis?)|avons quitte)\b[^?!]{0,160}\b(?:continu\w+ (?:de|a|d')|encore|toujours)[^.?!]{0,30}\b(?:prelev|factur|debit)\w*",
        r"\brefactur\w*[^.?!]{0,30}\b(?:en|une|deux|encore|seconde)\b|\bdouble(?:s|e)?[- ](?:factur|prelev|paiement)\w*|\bfactur\w*[^.?!]{0,40}\b(?:en double|deux fois|2 fois|par deux fournisseurs|par les deux)\b|\bprelev\w*[^.?!]{0,30}\b(?:deux|2) fois\b|\b(?:preleve|debite|paye)\w* en double\b|\bdeux factures (?:pour|sur) (?:le|la|les) memes?\b|\bpay\w* deux fois\b|\bbilled twice\b|\bcharged twice\b",
        r"\bfactur\w*[^.?!]{0,70}\b(?:compteur|site|point|local|prm|pdl|pce|contrat|logement|batiment)s?\b[^.?!]{0,60}\b(?:resili\w*|ferm\w*|vendu\w*|cede\w*|depose\w*|demoli\w*|n'est pas (?:a nous|le notre)|ne (?:nous |m')?appart\w+|d'un autre|qui n'est plus)\b",
    ),
    _structure(
        "estimated_index", "metering",
        "Un point télérelevé est facturé sur index réels.",
        r"\b(?:index|releves?|consommations?|factur\w*)\b[^.?!]{0,60}\b(?:estim\w+|forfaitaire)\b[^?!]{0,120}\b(?:telereleve\w*|linky|gazpar|communicant\w*|alors qu|au lieu|releve\w* (?:transmis|reel)\w*|auto-?releve)",
        r"\b(?:telereleve\w*|linky|communicant\w*)\b[^?!]{0,120}\b(?:index|consommations?|factur\w*|releves?)\b[^.?!]{0,40}\bestim\w+",
    ),
    _structure(
        "renewed_though_ended", "contract",
        "Un contrat résilié dans le délai de préavis n’est pas reconduit.",
        r"\bcontrat\b[^.?!]{0,30}\b(?:relance|reparti|repart|prolonge|reconduit)\w*[^?!]{0,120}\b(?:malgre|alors qu|pourtant|fin\b)",
        r"\bcontrat (?:court|dure|continue|est valable) jusqu[^?!]{0,120}\b(?:resili\w*|denonc\w*|recommandee?)\b",
        r"\b(?:renewed|extended|rolled over)\b[^?!]{0,160}\b(?:although|despite|terminat\w*|notice|without)\b",
        r"\b(?:(?<!sera )(?<!serait )reconduit\w*|reconduction subie|renouvele\w*|prolong\w*|prorog\w*|repar(?:t|ti|tons|tie?s?) pour)\b[^?!]{0,160}\b(?:alors qu|malgre|pourtant|resili\w*|denonc\w*|lettre|lrar|recommandee?|sans (?:notre|mon) accord|sans que|sans (?:l'|aucun |aucune |la )?(?:avis|information|lettre)|preavis)\b",
        r"\b(?:resili\w*|denonc\w*|lettre recommandee|lrar|preavis)\b[^?!]{0,160}\b(?:(?<!sera )(?<!serait )(?<!etre )reconduit\w*|repar(?:t|ti|tons|tie?s?) pour|renouvele\w* (?:d'office|automatiquement)|prolong\w*|pas (?:ete )?(?:pris\w* en compte|traite\w*)|ignoree?|refus\w*)\b",
    ),
    _structure(
        "price_not_applied", "price",
        "Le prix et les options facturés sont ceux du contrat.",
        r"\b(?:prix|tarif|fourniture|mwh|part|terme|marge|remise|abonnement|accise|taxe|capacite|option|puissance|taux)\b[^?!]{0,140}\b(?:au lieu d\w*|alors qu\w*|contrairement|et non|instead of)\b[^?!]{0,140}\d", r"\d[^.?!]{0,40}(?:€|eur|/mwh|mwh|kwh|%|kva|ct)[^?!]{0,50}\b(?:au lieu d\w*|et non|instead of)\b[^?!]{0,40}\d",
        r"\b(?:ferme|fixe|signe\w*|contractu\w*|convenu|negocie|bloque)\b[^?!]{0,60}\b\d+[,.]?\d*[^?!]{0,160}\b(?:or|mais|pourtant|alors qu\w*|cependant|tandis qu\w*)\b[^?!]{0,120}\b(?:factur\w*|ressort|applique\w*|passe|appar\w+|preleve\w*|monte)\b[^?!]{0,60}\d",
        r"\bfactur\w*[^.?!]{0,60}\b(?:en|au|a|sur|comme) \w{0,12} ?(?:[ct]\d|hta|bt|hp|hc|[ct]artn|cu|mu|lu|\d)[^.?!]{0,80}\b(?:alors qu\w*|au lieu d\w*|et non)\b", r"\b(?:frais|ligne|penalite|indexation|majoration|option|supplement|surcout)\b[^.?!]{0,80}\b(?:ne figur\w+ (?:pas|nulle part)|n'est (?:pas|nulle part)|non prevue?s?|n'apparai\w+ pas|pas prevue?s?|absente?s? d[eu])\b",
        r"\b(?:contrat|prix)\b[^.?!]{0,40}\b(?:ferme|fixe)\b[^?!]{0,120}\b(?:indexe\w*|revis\w+|augment\w+|hausse)\b",
    ),
    _structure(
        "no_answer_in_time", "delay",
        "Réponse ou traitement dans le délai fixé par écrit (marché, contrat, engagement).",
        r"\b(?:aucune? (?:reponse|retour|suite|nouvelle|action)|sans (?:reponse|suite|retour)|pas de (?:reponse|retour)|toujours (?:pas|rien|aucun)\w*|n'a (?:pas|jamais) (?:ete )?(?:traite|repondu|realise|livre|verse)\w*|rien recu)\b[^?!]{0,200}\b(?:cctp|ccap|contrat|marche|delai|sous \d+|fixe \d+|\d+ (?:jours|semaines|mois)|s'engage\w*|engagement|prevoi\w*|article|art\.)",
        r"\b(?:cctp|ccap|contrat|marche|delai|s'(?:est|etait|etaient) engage\w*|engagement|par ecrit|garanti\w*|promis par ecrit|prevoi\w*)\b[^?!]{0,140}\b\d+ ?(?:jours?|heures?|h|semaines?|mois)\b[^?!]{0,140}\b(?:nous en sommes|on en est|toujours (?:pas|rien|aucun)\w*|aucune? \w+|depasse\w*|en retard|ecoule\w*|sans (?:reponse|suite|retour)|jamais|\d+ (?:semaines|mois|jours)|(?:six|sept|huit|trois|quatre|cinq|deux|dix) (?:semaines|mois))",
        r"\bdelai\b[^.?!]{0,60}\b(?:depasse\w*|non (?:tenu|respecte)|pas (?:ete )?(?:tenu|respecte))\b",
    ),
    _structure(
        "offer_expired", "broker",
        "Offres transmises au client avant la fin de leur validité (mandat).",
        r"\boffre\b[^?!]{0,120}\b(?:avait|a|etait|est|had) (?:deja )?(?:expire\w*|perime\w*|echu\w*|caduque|depassee)",
        r"\b(?:envoye|transmis|adresse|communique|recu|fait suivre)\w*[^?!]{0,80}\boffre\b[^?!]{0,80}\b(?:validite|valable|expir\w*|perime\w*|trop tard|echeance)\b", r"\boffre\b[^?!]{0,80}\b(?:expire\w*|perime\w*|caduque|echue|plus valable|trop tard)\b[^?!]{0,80}\b(?:vous|transm\w*|envoy\w*|courtier|recu\w*)\b",
    ),
    _structure(
        "beyond_mandate", "broker",
        "Le cabinet agit dans les limites de son mandat\u00a0: il ne s’engage pas pour le client.",
        r"\bvous (?:avez|aviez)\b[^.?!]{0,40}\b(?:valide|signe|accepte|engage|souscri)\w*[^.?!]{0,60}\bsans (?:notre|mon|l') ?(?:accord|aval|signature|mandat)",
    ),
    _structure(
        "left_out", "broker",
        "Travaux du cabinet conformes à ce que le client a validé (périmètre, données, dates).",
        r"\b(?:manque|oubli\w*|omis\w*|absente?s?|ne figure\w* pas|pas (?:dans|repris))\b[^?!]{0,120}\b(?:alors qu\w*|pourtant|que nous avions|qu'on avait|comme (?:convenu|prevu|valide)|valide\w*|mandat|liste (?:transmise|validee|envoyee))\b",
        r"\bvous (?:avez|aviez)\b[^.?!]{0,60}\b(?:laisse passer|rate|manque|oublie|depasse|omis)\w*\b[^.?!]{0,80}\b(?:date|echeance|preavis|denonciation|delai|depot|creneau|limite|site|prm|pdl|pce)\b", r"\b(?:signe|souscrit|engage)\w*[^.?!]{0,40}\b(?:a (?:notre|ma) place|en notre nom)\b|\bsans (?:notre|mon) mandat\b|\bhors mandat\b|\bau-dela du mandat\b",
    ),
    _structure(
        "missing_mentions", "billing",
        "Factures conformes aux mentions et au dépôt exigés par le marché ou la loi.",
        r"\bfactur\w*[^?!]{0,100}\b(?:sans|ne (?:porte\w*|comporte\w*|mentionne\w*)|manqu\w*|absence d\w*)\b[^.?!]{0,50}\b(?:numeros?|n°|code|engagement|service|siret|mention\w*|bon de commande|detail)\b",
    ),
)  # fmt: skip
