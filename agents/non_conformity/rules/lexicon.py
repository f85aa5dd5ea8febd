"""Words by which a mail tells a requirement, a deviation from it, doubt, anger, settlement."""

from __future__ import annotations

import re

CONTRAST = re.compile(
    r"\balors (?:meme )?qu|\bau lieu d|\bcontrairement a\b|\bpourtant\b|(?:^|[.;,] )or[ ,]|\btandis qu|\bmalgre\b|\ben depit d|\bet non (?:pas )?\w|\bne correspond\w* pas|\bwhereas\b|\binstead of\b|\bdespite\b|\bquand (?:le contrat|notre contrat|l'offre|le marche)\b|\ben violation d|\b(?:a l')?encontre d|\bplutot que\b|\bsans rapport avec|\bbien que\b|\brather than\b|\b(?:mais|but) (?:le contrat|the contract|l'offre|le marche|le cctp|la facture)|\ben desaccord avec|\bqui n'est pas (?:celui|celle)"
)
FAILURE = re.compile(
    r"\bn'(?:a|ont|avons|est|etait|y a|avez)\b.{0,12}\b(?:jamais|pas|toujours pas|aucune?|rien|plus)\b|\bne (?:s'est|sont|se sont|porte|portent|figure\w*|comporte\w*|mentionne\w*|respecte\w*|tient|tiennent|fait|font|prend|recoi\w*|repond\w*|correspond\w*|vaut)\b.{0,16}\b(?:pas|plus|jamais|aucune?|nulle part)\b"
    r"|\btoujours (?:pas|rien|aucune?)\b|\bjamais (?:bascul|recu|ete|eu|repond|transm|rembours|credit|rectifi|corrig|install|activ|venu|applique|tenu)\w*|\bsans (?:reponse|nouvelle|preavis|prevenir|avertir|avertissement|(?:notre|mon|leur|aucun|l'?) ?(?:accord|autorisation|consentement|mandat|signature)|numero|code|justifi\w*|motif)\b|\b(?:aucune?) (?:reponse|retour|courrier|nouvelle|preavis|versement|remboursement|avoir|alerte|information)\b"
    r"|\bil (?:nous )?manque\b|\bmanqu(?:ant|e|ent)\w*\b|\boubli\w+|\bomis\w*|\bomission|\berrone\w*|\bfaux\b|\bfausse\w*|\bincorrect\w*|\bmauvais(?:e|es)? (?:prix|tarif|index|taux|compteur|prm|pdl|pce|site|adresse|coefficient|option|puissance|societe|client|destinataire|fichier|piece)|\ben double\b|\bdouble(?:s|e)?[- ](?:factur|prelev|paiement)\w*|\bdoublons?\b|\b(?:deux|2) fois\b|\ba tort\b|\bpar erreur\b|\bindu(?:e|s|es|ment)?\b|\btromp\w+\b|\bnon (?:conform|respect|tenu|honor|justifi|prevu)\w*|\binvers(?:ion|e|es|ee|ees)\b"
    r"|\bdepass\w+|\ben retard\b|\bhors delai\b|\btardi\w+|\bretard d|\breconduit\w*|\breconduction\b|\bcoupures?\b|\b(?:nous |m')?(?:a|ont|avez|est|etes|sommes|ete) (?:ete )?coupe\w*|\bde nous couper|\binterromp\w*|\bmajor(?:e|ation)\b|\bsurfactur\w*|\btrop[- ]percu|\bapplique\w* (?:un|une|le|la|des|les)\b|\becart\b|\bexpir\w+|\bperime\w*|\brate\w*\b|\blaisse passer|\bnous en sommes a\b|\bn'est toujours|\bnever\b|\bnot (?:been|received|yet)\b|\bwrong\b|\bmissing\b|\bovercharg\w*|\btwice\b"
    r"|\bautre (?:societe|client|entreprise|commune|abonne|syndic|etablissement|titulaire)|\bressort a\b|\bau-dela d|\bfactur\w+ (?:a|en|un|une|des|sur)\b|\bcontinu\w+ (?:a|de|d')\b"
)
REQUIREMENT = re.compile(
    r"\bcontrat\w*|\bcontractuel\w*|\bclauses?\b|\barticles? ?\d|\bart\. ?\d|\bl'article\b|\bcctp\b|\bccap\b|\bccp\b|\bcahier des (?:charges|clauses)|\bmarches? (?:public|n°|subsequent|\w*\d)|\bbpu\b|\bbordereau|\bmandat\b|\bconvention\b|\bconditions (?:generales|particulieres)|\bcgv\b|\boffre (?:signee|ferme|acceptee|retenue|validee)|\b(?:prix|tarif) (?:ferme|fixe|signe|contractu\w*|garanti|convenu|negocie|bloque)|\bferme\b|\bsigne(?:e|s|es)?\b|\bconvenu\w*|\bprevoi\w*|\bprevue?s?\b|\bengage(?:e|s|es|ment|ments|r)?\b|\bs'(?:est|etait|etaient) engage\w*|\bpromis\w* par ecrit|\bconfirme\w* (?:par|le|pour)\b|\bvalide(?:e|es|s)\b|\bavions (?:valide|demande|convenu|signe|transmis|fourni)\w*"
    r"|\bpreavis\b|\bdelais?\b|\b(?:sous|dans les|fixe|de) \d+ (?:jours|heures|mois|semaines)|\b\d+ jours (?:ouvr\w+|calendaires|francs)|\blrar\b|\brecommandee?\b|\bloi\b|\bdecret\b|\breglement\w*|\brgpd\b|\bcode d[eu]\b|\bobligat\w*|\btelereleve\w*|\bcommunicant\w*|\bprogramme(?:e|s|es)? (?:le|a|pour|par)|\bcreneaux?\b|\brendez-vous\b|\brdv\b|\bdate (?:prevue|convenue|d'effet)|\bmise en demeure|\barrete (?:du|tarifaire)|\blegal\w*|\bresili(?:e|ation|es|ee)\b|\bdenonc\w*|\bfacture (?:est |a ete |deja )?(?:payee|reglee)|\bpaye(?:e|s|es)?\b|\breglee?s?\b|\bvirement\b|\bvalidite\b|\battestation\w*|\bmaximum\b|\bau plus\b|\bplafon\w*|\bseuil\b|\bperimetre\b|\bagree\w*|\bcontract\w*|\bsigned\b|\bwithin \d+|\bgaranti\w*|\bchart\w+|\baccord\b|\bconfidenti\w+|\binclus\w*\b|\bcompris(?:e|es)?\b|\bforfait"
)
TRADE = re.compile(
    r"\bfactur\w*|\bprix\b|\btarif\w*|\bindex\b|\bcompteurs?\b|\bcomptage\b|\bbascul\w*|\bcoup\w{1,5}\b|\bcontrat\w*|\boffres?\b|\bprm\b|\bpdl\b|\bpce\b|\bpoints?\b|\bsites?\b|\bdossier\b|\breclamation\w*|\bdemandes?\b|\brendez-vous\b|\brdv\b|\btechnicien\w*|\bdonnees\b|\bconso\w*|\bfournisseur\w*|\bengie\b|\bedf\b|\benedis\b|\bgrdf\b|\btotalenergies\b|\bekwateur\b|\balpiq\b|\bvattenfall\b|\beni\b|\bilek\b|\bohm\b|\bgaz\b|\belec\w*|\benergie\w*|\bmwh\b|\bkwh\b|\bkva\b|\babonnement\w*|\bacheminement\b|\bturpe\b|\bcapacite\b|\baccises?\b|\btaxes?\b|\bprelev\w*|\bavoirs?\b|\bmandat\b|\bpuissance\w*|\bmise en service\b|\braccordement\b|\bdce\b|\bconsultation\b|\bannexe\b|\bfichier\b|\bpreavis\b|\breconduit\w*|\bresili\w*|\brapport\w*|\bbilan\w*|\btc\b|\bcoefficient\w*|\binvoice\w*|\bmeter\w*|\bsupply\b|\bcar\b|\bbranchement\b|\bpostes?\b|\bhp\b|\bhc\b|\bheures (?:pleines|creuses)\b|\bvert\b|\bgaranties? d'origine|\bcee\b|\bprime\b"
)
ENERGY = re.compile(
    r"\benerg\w*|\belectri\w*|\belec\b|\bgaz\b|\benedis\b|\bgrdf\b|\bkwh\b|\bmwh\b|\bkva\b|\bprm\b|\bpdl\b|\bpce\b|\blinky\b|\bcompteur\w*|\bfournisseur\w*|\bcourtier\w*|\bcourtage\b|\bedf\b|\bengie\b|\btotalenergies\b|\bekwateur\b|\bconso\w*|\bchorus\b|\bdce\b|\bturpe\b|\bcourant\b|\bfactur\w*|\boffre\w*|\bprix\b|\bbascul\w*|\bpuissance\b|\bmise en service\b|\bindex\b|\bcontrats?\b|\bsupply\b|\bpower\b|\bprelevement\w*"
)
HYPOTHETIC = re.compile(r"^(?:\W*)(?:si (?!je (?:comprends|lis|ne m|me (?:trompe|fie))|j'en crois|besoin)|s'il|en cas d|au cas ou|a supposer|if |que se passe|imaginons|dans l'hypothese)")
ORAL = re.compile(
    r"\b(?:avai\w+|a|ont|m'a|nous a|avez) (?:bien )?(?:dit|promis|assure|laisse entendre|raconte|jure)\b(?!.{0,30}\bpar (?:ecrit|mail|courriel|courrier))|\b(?:dit|promis|assure|annonce|garanti)\w* (?:au telephone|oralement|de vive voix|verbalement)|\boralement\b|\bverbalement\b|\bde vive voix\b|\bpromesse (?:orale|verbale)"
)
HEARSAY = re.compile(r"\bil parait\b|\bon m'a (?:dit|rapporte)|\bj'ai (?:entendu|lu)\b|\bapparemment\b|\bd'apres (?:un|une|mon|ma) (?:ami|collegue|confrere|voisin|copain|beau)\w*|\bmon (?:voisin|confrere|beau-frere) (?:m'|me |nous |dit|pretend)|\bparait-il\b|\bla rumeur\b|\bon dit que\b")
ALTERNATIVE = re.compile(
    r"\bil faut (?:dire|reconnaitre|avouer)\b|\balors (?:ok|oui|certes)\b|\b(?:bon|ok),? (?:ok|c'est vrai)|\b(?:c'est|il est) vrai qu|\bcertes\b|\bj'avoue\b|\bpeut-etre (?:que )?(?:c'est |de )?(?:nous|notre|ma|mon|nos|le froid|l'hiver|la meteo|les)\b|\bl'hiver a ete|\bil a fait (?:tres )?froid|\b(?:on|nous) (?:a|avons) (?:aussi |juste |recemment |entre-temps )?(?:mis|ajoute|installe|laisse|achete|agrandi|ouvert|embauche|augmente|change)\w*"
)
SUSPICION = re.compile(
    r"\bdoi(?:t|vent) (?:etre|avoir|y avoir)\b|\bl'impression\b|\bsoupconn\w*|\bil (?:me|nous) semble|\bsans doute\b|\bsurement\b|\bprobablement\b|\bbizarre\w*|\betrange\w*|\banorma\w*|\bpas normal\w*|\bme demande si\b|\bsuspect\w*|\bun doute\b|\bdouteux\b|\bcurieux\b|\bpas clair\b|\bvous etes surs?\b|\bcela me parait (?:eleve|beaucoup|enorme)|\bdetraque\w*|\bexcessi\w*|\bexorbitant\w*|\benorme\b|\bpris \d+ ?%|\ben (?:forte )?hausse\b|\bexplos\w*|\bdoubl[ee]\b|\btripl[ee]\b|\bplus cher\b|\bmoins cher\b"
)
ANGER = re.compile(
    r"\bvol(?:eur\w*)?\b|\bscandal\w*|\bhont\w*|\binadmissible\w*|\binacceptable\w*|\blamentable\w*|\bmarre\b|\bras[- ]le[- ]bol|\bescro\w*|\barnaqu\w*|\bfurieu\w*|\bexcede\w*|\bincompeten\w*|\bn'importe quoi\b|\bse moqu\w*|\bse foutr?e?\w*|\bfoutage\b|\bdegout\w*|\bindign\w*|\bridicule\w*|\binsupportable\w*|\bdecu(?:e|s|es)?\b|\bdeception\b|\bmecontent\w*|\bpas (?:tres |du tout )?(?:content|satisfait|serieux|professionnel)\w*|\ba quoi (?:vous )?serv\w*|\bpatience\b.{0,20}\blimites?|\bunacceptable\b|\bdisappoint\w*|\bpenible\b|\bdeplora\w*|\binsatisf\w*|\bregrett\w* (?:vivement|profondement)|\blaisse a desirer|\bpas a la hauteur|\bdesinvolt\w*"
)
SARCASM = re.compile(
    r"\b(?:merci|bravo|felicitations|chapeau)\b.{0,20}\b(?:cette|votre|pour (?:la|votre|cette|l')) ?(?:\w+ )?(?:reactivite|efficacite|rapidite|diligence|celerite|professionnalisme|silence|suivi|prouesse)\b|\bforce l'admiration|\btoujours en (?:activite|vie)\b|\bexistez[- ]vous encore|\bquelle (?:reactivite|efficacite|rapidite)\b|\bpar pure curiosite\b|\bj'imagine que vous etes (?:tres )?(?:occupe|debord)|\bsans vouloir (?:vous )?(?:deranger|presser)\b.{0,60}\b(?:depuis|semaines|mois)"
)
SETTLED = re.compile(
    r"\b(?:est|sont) bien (?:arrive|parvenu|rentre)\w*|\b(?:a|ont) (?:bien )?(?:ete|enfin ete) (?:regl|resol|rembours|corrig|regularis|sold|retabli|credit|annul)\w*|\bc'est (?:regle|resolu|bon|rentre dans l'ordre)|\b(?:probleme|litige|sujet|dossier|affaire)\b.{0,25}\b(?:regle|resolu|clos|solde|derriere nous)\b|\btout est (?:en ordre|rentre dans l'ordre|bon|regle)|\brentre dans l'ordre|\bse reglerait (?:aussi|si)\b|\bavoir\b.{0,30}\b(?:bien )?(?:recu|arrive)\b|\bplus de souci\b|\bproblem solved"
)
NEUTRAL = re.compile(
    r"\bne conteste rien|\bpour (?:ma|notre) (?:culture|information|comprehension)|\bsimple (?:question|curiosite)|\bcherche (?:juste|simplement) a comprendre|\bje n'y comprends rien|\brien de grave a signaler|\bsans reproche|\bnous n'avons pas encore (?:decide|choisi|signe)"
)
"""What makes a mere doubt no doubt at all."""
