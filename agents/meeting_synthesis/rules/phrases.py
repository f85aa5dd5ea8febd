"""The phrases by which French meetings agree, decide, refuse, doubt and leave things open.

Every pattern is matched on folded text (lower case, no accents).
"""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns))


AGREES = _any(
    r"\b(?:je suis|on est|nous sommes|tout a fait|entierement|bien) d'accord\b",
    r"^(?:\w+ ?, )?(?:bon |donc |ah |alors |et )?(?:d'accord|ok|okay|entendu|parfait|banco|vendu|adjuge|valide|accorde|super)\b",
    r", d'accord\b", r"\bd'accord pour\b",
    r"\bok pour\b", r"\bok,? (?:on|c'est)\b", r", (?:ok|oui|parfait|tres bien)\b",
    r"^(?:oui|voila|exact|exactement|tout a fait|absolument|bien sur|tres bien|bien|volontiers|c'est bon|ca roule)\b",
    r"\bca (?:me|nous) (?:va|convient|parle|(?:parait|semble) (?:bien|bon|sage|raisonnable|correct|jouable|coherent|acceptable|pertinent))\b", r"\bca marche\b",
    r"\bca peut (?:passer|se faire)\b", r"\bc'est (?:note|acte|cale|decide|valide|bon pour|supportable|jouable|acceptable|parti|entendu|convenu)\b",
    r"\bje (?:dis oui|valide|prends|signe|suis pour|vote pour|suis partant)\b",
    r"\b(?:bon|ok) pour (?:moi|nous)\b", r"\bpas d'objection\b", r"\b(?:allons|allez|vas)-y\b", r"\bon y va\b",
    r"\bacte de notre cote\b", r"\bje (?:note|retiens)\b", r"\bon est bons?\b", r"\bje te suis\b",
    r"\bje confirme la date\b", r"\bvalidons\b", r"\bunanim", r"\bon peut partir (?:la-dessus|comme ca|sur)", r"\bje suis (?:a l'aise|ok|en phase|aligne)",
    r"\b(?:banco|nickel|vendu|adjuge|top)\b", r"\bpas de (?:probleme|souci)s?\b",
    r"\bje m'incline\b", r"\brien a redire\b", r"\bca se (?:defend|tient)\b", r"\b(?:tu as|t'as|vous avez) raison\b",
    r"\bc'est (?:plus|mieux|bien) (?:clair|prudent|simple|sain|logique|juste)\b", r"\bca roule\b",
    r"\bje trouve (?:ca|cela) (?:sain|bien|juste|normal|logique|raisonnable)\b", r"\bon sait (?:le )?faire\b", r"^pour nous aussi\b",
    r"^moi (?:aussi|egalement)\b", r"^nous egalement\b", r"\bca m'arrange\b", r"\bje (?:te|vous) rejoins\b", r"\bbonne idee\b",
    r"^(?:fais|faites|foncez?|adopte|volontiers|avec (?:plaisir|joie)|on fonce|c'est raisonnable|ca me plait)\b", r"\bje partage\b",
    r"\bje suis (?:de cet|du meme) avis\b", r"^pareil\b", r"^nous aussi\b", r"^moi de meme\b", r"\bca rentre dans\b",
)  # fmt: skip
STRONG_AGREES = _any(
    r"\bd'accord\b", r"^(?:\w+ ?, )?(?:bon |donc |ah )?(?:ok|entendu|parfait|banco|adjuge|vendu)\b",
    r"\bca (?:me|nous) (?:va|convient)\b", r"\bc'est (?:note|acte|cale|decide|valide|entendu|convenu)\b",
    r"\bje (?:dis oui|valide|suis pour)\b", r"\bbon pour (?:moi|nous)\b", r"\bon y va\b", r"\bok\b",
    r"\bvoila\b", r"\bca marche\b", r"\b(?:allons|allez|vas)-y\b", r"\bparfait\b", r"\bimpeccable\b", r"\btout a fait\b",
    r"\bje veux bien\b", r"\bpas d'objection\b", r"\bje (?:te|vous) rejoins\b", r"^adopte\b", r"\b(?:banco|nickel|vendu|adjuge)\b", r"\bon sait (?:le )?faire\b",
    r"\b(?:je suis|on est) (?:ok|raccord)\b", r"\bc'est bon\b", r"\bje m'incline\b", r"\brien a redire\b", r"\bca se (?:defend|tient)\b",
    r"\bon peut partir (?:la-dessus|comme ca|sur)", r"\bje suis (?:a l'aise|en phase|aligne)",
    r"\bca (?:me|nous) (?:parait|semble) (?:bien|bon|correct|raisonnable|jouable|acceptable)\b",
)  # fmt: skip
OBJECTS = _any(
    r"^non\b(?! (?:justement|pas de))", r"^(?:mais|attend|attendez|attention|enfin)\b",
    r"\bje ne (?:peux|veux|suis) pas\b", r"\bpas d'accord\b", r"\bc'est (?:optimiste|trop|non|peu|risque|court)\b",
    r"\bje prefere", r"\bon ne sait pas encore\b", r"\bje m'y oppose\b", r"\bhors de question\b",
    r"\bje ne (?:crois|pense) pas\b", r"\bsi ?, mais\b", r"\bimpossible\b", r"\bca ne (?:va|marche|passe) pas\b",
    r"\bil (?:vaut|vaudrait) mieux\b", r"\bc'est un (?:samedi|dimanche|jour ferie)\b", r"\bpas possible\b",
    r"\bpas question\b",
)  # fmt: skip
DECIDES = _any(
    r"\bc'est (?:decide|acte|cale|valide|tranche|arrete|adopte|entendu|convenu|vote)\b(?! (?:de|en|par) )",
    r"\b(?:donc|on|nous) (?:actons|acte|decide|decidons|tranche|arrete) (?!pas\b|que (?:plus tard))",
    r"\bdonc acte\b", r"^acte\b", r"\bon (?:valide|retient|adopte|enterine|approuve)\b(?! pas)",
    r"\bnous (?:validons|retenons|adoptons|approuvons|decidons)\b", r"\bje (?:valide|tranche|decide)\b",
    r"\bon part (?:sur|avec)\b", r"\bon (?:se cale|s'arrete|se fixe|s'accorde|se met d'accord|est d'accord) (?:sur|pour)\b",
    r"\bje retiens\b", r"\bon dit (?:donc )?que\b", r"\b(?:la )?decision (?:est|:)", r"\bon est d'accord\b",
    r"\bla (?:date|solution|proposition|version|strategie) (?:retenue|validee) (?:est|c'est)\b",
    r"\bon fait comme (?:ca|cela)\b", r"\bva pour\b", r"\bon s'(?:y|en) tient\b", r"\bc'est parti pour\b", r"\bon part comme (?:ca|cela)\b", r"\bon (?:reste|est) la-dessus\b", r"\bc'est la (?:solution|date|formule|version) (?:qu'on|que nous) (?:retient|retenons|garde|prend)",
    r"\bon choisit\b(?! pas)", r"\bon opte pour\b", r"\bon confirme (?:le|la|les|que|l')",
    r"\bvalide (?:a l'unanimite|par tous)\b", r"\badopte a l'unanimite\b", r"\bon se decide pour\b",
)  # fmt: skip
CHOOSES = _any(
    r"\bon (?:le |la |les |l'|en |y |se )?(?:prend|lance|fait|met|vise|fixe|passe|pose|garde|maintient|couvre|clique|achete|signe|baisse|monte|descend|augmente|reduit|limite|plafonne|demande|exige|impose|integre|inclut|conserve|reconduit|renouvelle|resilie|denonce|souscrit|arrete|suspend|reporte|decale|avance|publie|remplace|confie|attribue|sort|bascule|change|applique|generalise|instaure|cree|ajoute|fonce|choisit|equipe|installe|investit|harmonise|centralise|externalise|internalise|recrute|supprime|reprend|ouvre|separe|regroupe|fusionne|mutualise|prolonge|allonge|etale|mandate|autorise|accepte|refuse)\b(?! pas| jamais| plus )",
    r"\bje (?:suis|serais) (?:plutot )?(?:pour|favorable|partant)", r"\bje propose (?:que|de|le|la|les|un|une|l'|d')",
    r"\bje (?:vous )?propose\b", r"\b(?:disons|fixons|prenons|partons|gardons|visons|lancons|mettons|retenons|actons|validons)\b(?!-)",
    r"\bje (?:(?:la |le |les |l' ?)?(?:prends|choisis|retiens|vote)|(?:la |le |les |l' ?)(?:signe|garde|valide|veux)) ?(?!pas)", r"\bon (?:peut|va|pourrait) (?:donc )?(?:dire|prendre|retenir|partir|fixer|lancer|valider)\b",
    r"\b(?:desormais|dorenavant|a partir de maintenant|a compter d[ue])\b",
    r"\bce sera (?:donc )?(?:le|la|les|un|une|l'|en|du|des|avec)\b",
)  # fmt: skip
LIMITS = _any(
    r"\bne (?:veux|veut|voulons|souhaite|peux|peut|dois|doit) pas (?:depasser|aller (?:au-dessus|au-dela|plus haut)|"
    r"descendre|monter|passer|payer plus)", r"\bpas (?:plus|moins) (?:de|que)\b",
)  # fmt: skip
CONFIRMS_CHOICE = _any(
    r"\b(?:c'est (?:bien )?(?:ca|cela)|on est (?:bien )?d'accord|on valide|c'est valide|ca (?:vous|te) va|d'accord|c'est bon|"
    r"on fait comme ca|c'est note|tout le monde est (?:d'accord|pour|partant)|vous etes (?:tous )?(?:pour|partants?)|tu es (?:pour|partante?))(?: pour (?:tout le monde|tous|vous))? ?\?"
)  # fmt: skip
ACTS = re.compile(
    r"\b(?:on|nous) (?:(?:le|la|les|l'|en|y|se|vous|leur) ?){0,2}(?P<verb>[a-z]+(?:e|ons|it|d|t|et))\b(?! pas\b| plus\b| jamais\b| rien\b)"
)
STATES = frozenset(
    """
    est a ait avait sait peut doit veut voit va fait dit parle attend trouve pense croit connait comprend
    compte arrive consomme paie paye utilise reste dispose etait fut soit entend regarde verrait aurait serait
    pourrait devrait voudrait aimerait sent note depend tient ressent approche tombe subit perd gagne depense
    retrouve imagine espere souhaite aime prefere connaitra sera aura verra ira fera dirait rate
    sommes avons pouvons devons voulons allons savons voyons pensons croyons
    """.split()
)
INTENT = _any(r"\bje (?:suis|serais) (?:plutot )?(?:pour|favorable)", r"\bj'aurais (?:dit|pris|vu|tendance)",
    r"\bje serais tente", r"\bon pourrait\b", r"\bon aurait (?:voulu|pu)\b", r"\bpourquoi pas\b",
    r"\bil disait\b", r"\bon avait (?:dit|parle|evoque|propose|pense)\b", r"\bvous aviez (?:propose|dit|parle)\b",
    r"\bje (?:verrais|penserais) bien\b", r"\bon pourra\b", r"\bil faudra(?:it)? voir\b", r"\bje me demand",
    r"\bj'imagin", r"\beventuellement\b", r"\bpeut-etre\b", r"\bon reflechit\b", r"\bsi on\b", r"\bdans ce cas\b",
    r"\bsoit .* soit\b", r"\bj'aimerais\b", r"\bje voudrais\b", r"\bl'idee (?:ce serait|serait)\b",
)  # fmt: skip
PAST = _any(
    r"\b(?:on|j'|je|vous|nous|il|elle) ?(?:avait|avais|aviez|avions|etait|etais|etions|etiez)\b",
    r"\bc'etait\b", r"\b(?:on a|j'ai|vous avez|nous avons|ils ont|il a|elle a) (?:deja |bien |tous )?\w+(?:e|is|it|u|rt)s?\b",
    r"\bl'annee derniere\b", r"\bl'an (?:dernier|passe)\b", r"\bla derniere fois\b", r"\bil y a (?:\w+ ){1,2}(?:mois|semaines|jours|ans)\b",
    r"\bje proposais\b", r"\bon proposait\b",
)  # fmt: skip
DROPS = _any(
    r"\bon (?:l'|le |la |les )?(?:oublie|laisse tomber|laisse (?:\w+ )?de cote|ecarte|abandonne|enleve|retire|raye|met de cote|exclut|renonce)\b",
    r"\bon (?:oublie|laisse tomber|ecarte|abandonne|exclut|renonce)\b", r"\bje (?:retire|renonce|n'insiste pas)\b",
    r"\b(?:c'est|est|sont|c'etait) (?:donc )?(?:ecarte|exclu|ferme|abandonne|enterre|non|mort|hors de question|hors perimetre|rejete|refuse)e?s?\b",
    r"\bhors de question\b", r"\bpas question\b", r"\blaisse(?:r)? tomber\b", r"\bde cote\b",
    r"\bon (?:ne |n')(?:l'|la |le |les |en |y |se )?(?:prend|fait|met|touche|recale|retient|garde|lance|change|part|bouge|va|souscrit|demande|modifie|veut|prendra|fera|change|achete|couvre|renouvelle|signe|engage)\w* (?:pas|plus|rien|jamais)\b",
    r"\b(?:ne|n') ?\w* ?(?:souhaite|veut|veux|voudra|refusera|acceptera) (?:pas|jamais)\b", r"\bnon plus\b",
    r"\bpas raisonnable\b", r"\btrop (?:long|cher|tot|risque|complique|serre|lourd)\b",
    r"\bpas (?:dans (?:cette|ce|les|l')|cette annee|pour (?:l'instant|cette))", r"\bon n'est pas murs?\b",
    r"^non(?: ?,)? (?:pas |on ne |on n'|je ne |ca on |ca je |c'est non|merci)", r"\bl'idee est abandonnee\b", r"\bpas de blocage\b",
    r"\bje (?:vous )?(?:la |le |les )?deconseille\b", r"\bje ne (?:paie|prends|veux|signe) pas\b", r"\bje ne veux pas\b",
    r"\bfausse bonne idee\b", r"\bon s'en pass(?:e|era)\b", r"\bon fera sans\b", r"\bca ne nous (?:interesse|servira?) pas\b", r"\bsans facon\b", r"\bsurtout pas\b", r"\bon n'en parle plus\b", r"\bon clot (?:le|ce) (?:sujet|point|dossier)\b", r"\bimpossible\b", r"\boublie(?:z|s)?\b(?! (?:pas|rien)\b)", r"\bn'en parl(?:ons|e) plus\b", r"\bne suit pas\b", r"\btant pis\b", r"\bjuste une idee\b",
    r"\bn'?\w* ?(?:engagera|acceptera|donnera|signera|voudra|validera|paiera|donne|accepte|signe) jamais\b", r"\b(?:dira|dirons|disons|dit|repondra) non\b", r"^pas maintenant\b", r"\bon (?:remet|reporte|repousse) (?:ca|cela) a plus tard\b", r"\bon (?:ferme|raye|enterre)\b",
    r"\bj'oublie\b", r"\bon ne donne pas suite\b", r"\bpas retenue?s?\b", r"\bce sera non\b", r"\bon en reste la\b", r"\bce n'est pas (?:le sujet|d'actualite|une priorite|dans les priorites)\b",
)  # fmt: skip
NOTHING_NOW = _any(r"\bpour (?:l'instant|le moment)\b")
OPENS = _any(
    r"\ben suspens\b", r"\breste(?:nt)? (?:inconnue?s?|en attente|a l'etude|floue?s?)\b", r"\bje n'ai aucune? (?:garantie|visibilite|info|idee|date|certitude|retour|nouvelle)",
    r"\bon n'a pas (?:les|d'|tous les) elements\b", r"\bpas assez d'elements\b", r"\bpas tranche\b", r"\blaisse ouvert\b", r"\bpoint ouvert\b", r"\breste (?:ouvert|a (?:confirmer|definir|trancher|arbitrer|voir|valider|preciser|verifier|discuter|negocier|finaliser|caler|fixer|determiner|regler))\b",
    r"\ba (?:confirmer|verifier|trancher|arbitrer|creuser|eclaircir|clarifier|revoir)\b", r"\bon ne sait pas (?:encore)?\b",
    r"\bje ne sais pas\b", r"\bje n'en sais rien\b", r"\bpas encore (?:fiable|recu|defini|tranche|arbitre|decide|eu|de|le|la|les|sur|valide|connu)",
    r"\bje ne (?:vais pas )?tranche(?:r)?(?: pas)?\b", r"\bon n'a pas (?:encore )?(?:arbitre|tranche|decide|arrete|choisi|fixe|statue|defini|valide|finalise|le retour|de retour|la reponse|de reponse|l'info|le chiffre|la main|de visibilite)",
    r"\bpas de decision\b", r"\b(?:n'est|ne sont) pas (?:encore )?(?:decide|tranche|arrete|fixe|valide|defini|fige)e?s?\b",
    r"\bon attend (?:le|la|les|l'|un|une|leur|que|encore|toujours)\b", r"\bon (?:le |la |en )?(?:verra|reparlera|reparle)\b",
    r"\bil faudra voir\b", r"\bje n'ai pas (?:encore )?(?:de|d'|le|la|l'|les|cette) ?(?:date|montant|chiffre|reponse|retour|visibilite|info|elements?|prix|delai)",
    r"\bje ne m'engage pas\b", r"\bje ne peux pas (?:vous |te )?(?:dire|le donner|m'engager|repondre|confirmer|vous le donner|garantir|affirmer)",
    r"\bavant de trancher\b", r"\bje prefere ne pas (?:toucher|trancher|decider|m'engager)", r"\bsuspendue? a\b",
    r"(?<=\w )en attendant\b", r"\bil faut verifier\b", r"\bquestion (?:reste )?ouverte\b", r"\bon ne fige (?:pas|rien)\b",
    r"\bca depend\b", r"\btrop tot pour (?:se prononcer|le dire|decider|trancher|repondre|savoir)\b", r"\baucune idee\b",
    r"\b(?:n'est|ne sont) pas (?:encore )?(?:rendu|termine|arrive|pret|recu|disponible|connu)e?s?\b",
    r"\bon n'a pas (?:encore )?(?:le|la|les) (?:devis|chiffrage|offre|rapport|etude|resultat|prix|tarif)",
    r"\bpas (?:encore |toujours )?(?:statue|tranche|arbitre)\b", r"\b(?:y|d'y) reflechir\b", r"\bje (?:vais )?y reflechi", r"\bje vous (?:redis|redirai)\b",
    r"\b(?:chiffrage|devis|etude|rapport|reponse|accord) (?:nous )?manque\b",
    r"\bpas le montant\b", r"\ben attente (?:de|du|d')\b", r"\bsans reponse\b", r"\btoujours pas\b(?! (?:question|possible))",
    r"\bon tranchera\b", r"\bon decidera\b", r"\bon arbitrera\b", r"\ba ce stade\b", r"\bon y reviendra\b", r"\bon y revient\b",
    r"\breporte (?:au|a la|a) prochain", r"\bje ne ferme pas la porte\b", r"\bil (?:faut|faudra|faudrait) que je (?:verifie|regarde|voie|mette|me renseigne|demande)\b",
    r"\bmanque (?:encore|toujours|le|la|les|\w+ (?:deliberations|signatures|pieces|documents))\b",
)  # fmt: skip
CONDITION = _any(
    r"\bsous reserve\b[^.?!]*", r"\ba condition (?:que|de|d')[^.?!]*", r"\bsauf si\b[^.?!]*",
    r"\bsi (?:le|la|les) (?:comite|conseil|direction|banque|fournisseur|client|siege|groupe|juridique|maire|assemblee)\b[^.?!,]*",
    r"\b(?:apres|une fois) (?:accord|validation|le feu vert|obtenu)\b[^.?!]*", r"\bpourvu que\b[^.?!]*",
    r"\bsous condition\b[^.?!]*", r"\bil faudra (?:l'accord|la validation|le feu vert)\b[^.?!]*",
)  # fmt: skip
RISKS = _any(
    r"\brisque\w*\b", r"\bdanger\b", r"\bpenalit", r"\bdepassements?\b", r"\ben retard\b", r"\bca (?:me )?bloque\b",
    r"\battention\b", r"\bpas acceptable\b", r"\bperd\w* (?:le|la|l') ?(?:certificat|historique|client|marche)",
    r"\binquiet", r"\brupture\b", r"\bnon-conformite\b", r"\bresiliation\b", r"\bcontentieux\b", r"\bforclusion\b",
)  # fmt: skip
PROPOSES = re.compile(
    r"\bje (?:vous )?propose|\bje suggere|\bon propose|\bdisons\b|^(?:avec|pour|sur) |\bje proposais"
)
ALONE = re.compile(
    r"^(?:oui|non|ok|d'accord|bon|bien|tres bien|parfait|merci|voila|exact|exactement|ah|euh|super|"
    r"c'est ca|c'est note|bonjour|au revoir|pas de souci|entendu|tout a fait|voila|alors|donc|hum|mm|"
    r"d'accord donc|c'est possible|bonne journee|ca marche|oui oui)[ ,.!?]*(?:merci|oui|bien)?[.!?]?$"
)
FILLERS = re.compile(
    r"\b(?:euh+|heu+|hum+|ben|bah|hein)\b,?\s*|"
    r"(?:^|(?<=[,.;:!?…] ))(?:du coup|en fait|bon alors|enfin bon)\b,?\s*|"
    r"(?:^|(?<=[,.;:!?…] ))(?:genre|tu vois|vous voyez|j'allais dire|comment dire|si tu veux|"
    r"si vous voulez|voilà)(?:,\s*|\s*(?=[.!…]|$))|"
    r"(?<=, )quoi(?:,\s*|\s*(?=[.!…]|$))",
    re.I,
)
"""What means nothing where it stands: a hesitation, or words set apart from the clause."""
