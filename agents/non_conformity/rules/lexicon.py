"""Words by which a mail tells a requirement, a deviation from it, doubt, anger, settlement."""

from __future__ import annotations

import re

CONTRAST = re.compile(
    r"\balors (?:meme )?qu|\bau lieu d|\bcontrairement a\b|\bpourtant\b|(?:^|[.;,] )or\b|\btandis qu|\bmalgre\b|\ben depit d|\bet non (?:pas )?\w|\bne correspond\w* pas|\bwhereas\b|\binstead of\b|\bdespite\b|\balthough\b|\beven though\b|\b(?:a l')?encontre d|\bplutot que\b|\bbien que\b|\brather than\b|\ben violation d|\bsans rapport avec|\ben desaccord avec|\bn'est pas (?:celui|celle|ceux|ce) (?:qu|d|convenu|prevu|signe)\w*|\bmais (?:ils|elle|il|on|le|la|les|nous|votre|vous)\b|\bcependant\b|\btoutefois\b|\bneanmoins\b|\ben revanche\b|\bquand (?:le contrat|notre contrat|l'offre|le marche)"
)
OTHERS_FAILURE = re.compile(
    r"\bn(?:'|e (?:le |la |les |l'|nous |m'|me |lui |leur |s'|se )?)(?:a|ont|avez|est|sont|etes|avaient|avait|etait|fut|s'est|se sont|m'a|nous a|nous ont|m'ont|m'est|nous est)\b(?: \w+){0,2}? ?\b(?:jamais|pas|toujours pas|aucune?|rien|plus|guere)\b(?! (?:encore )?(?:ete )?(?:resili|signe|decid|choisi|vote|lance|publi|urgent|grave|bloquant|clair|encore le|la peine|sur[e]?s?\b|certain|contest))"
    r"|\bne (?:le |la |les |nous |m'|me |lui |s'|se )?(?:porte|portent|figure\w*|comporte\w*|mentionne\w*|respecte\w*|tient|tiennent|prend|prennent|recoi\w*|repond\w*|correspond\w*|concern\w*|applique\w*|tien\w*|apparai\w*|remonte\w*|fonctionne\w*)\b.{0,16}\b(?:pas|plus|jamais|aucune?|nulle part|rien)\b"
    r"|\b(?:je|nous|on) n'(?:ai|avons|a|y ai)\b.{0,16}\b(?:rien|pas|jamais|aucune?|toujours pas)\b.{0,12}\b(?:recu\w*|eu|vu|obtenu|percu|touche)\b|\b(?:rien|toujours rien) (?:recu|vu|eu|venu|ne vient|obtenu)\b|\bne vois rien venir|\bvois (?:toujours )?rien venir"
    r"|\btoujours (?:pas|rien|aucune?|en attente)\b|\bjamais (?:bascul|recu|ete|eu lieu|repond|transm|rembours|credit|rectifi|corrig|install|activ|venu|applique|tenu|parvenu|enregistr|pris)\w*|\bsilence (?:complet|total|radio|depuis)|\blettre morte\b|\bpersonne (?:n'est|ne s'est|n'a|,|pas)\b"
    r"|\bsans (?:que (?:nous|j'|je|personne)|reponse|nouvelle|preavis|prevenir|avertir|avertissement|explication|justifi\w*|motif|le moindre|la moindre|rien (?:nous |me )?(?:dire|demander)|(?:notre|mon|leur|aucun|avoir (?:notre|mon|l')) ?(?:accord|autorisation|consentement|mandat|signature|avis)?|numero|code)\b|\baucune? (?:reponse|retour|courrier|nouvelle|preavis|versement|remboursement|avoir|alerte|information|suite|action|trace|reaction)\b"
    r"|\b(?:il (?:nous )?|y )?manqu(?:e|ent|ant|antes?|ants)\b|\b(?:oublie|omis|omet)(?:e|es|s|ent)?\b|\bomission|\berrone\w*|\b(?:est|sont|etait) (?:faux|fausses?|incorrect\w*)|\bincorrect\w*|\bmauvais(?:e|es)? (?:prix|tarif|index|taux|compteur|prm|pdl|pce|site|adresse|coefficient|option|puissance|societe|client|destinataire|fichier|piece|calibre)|\ben double\b|\bdouble(?:s|e)?[- ](?:factur|prelev|paiement)\w*|\bdoublons?\b|\b(?:deux|2) fois (?:la|le|pour|par|les)\b|\ba tort\b|\bpar erreur\b|\bindu(?:e|s|es|ment)\b|\b(?:vous etes|se sont|s'est|etes-vous) tromp\w+|\bnon (?:conform|respect|tenu|honor|justifi|prevu|applique)\w*|\binterverti\w*|\binvers(?:e|ee|es|ees|ion)\b"
    r"|\b(?:est|etait|avait|a|ont|avaient|deja|etant) (?:largement |deja )?(?:depasse|expire|perime|echu|caduc|forclos)\w*|\ben retard\b|\bhors delai\b|\btardivement\b|\breconduit\w*|\breconduction\b|\bprolong\w+|\bproroge\w*|\brenewed\b|\b(?:a|ont|nous a|nous ont|m'a|m'ont|avez|ete|sommes) (?:ete )?coupe\w*|\bde nous couper|\binterromp\w*|\bsurfactur\w*|\btrop[- ]percu|\brate\b|\blaisse passer|\bnous en sommes a\b|\bon en est a\b|\bnever\b|\b(?:has|have|was|were|did) not\b|\bstill (?:not|being|charg|bill)\w*|\bwrong\b|\bmissing\b|\bovercharg\w*|\btwice\b|\bfail(?:ed|ure)\b"
    r"|\b(?:encore|toujours|continu\w+ (?:a|de|d')|persist\w+ a)\b.{0,30}\b(?:factur|prelev|appliq|debit|compt|adress|envo)\w*|\b(?:factur|prelev|appliq|debit|compt|rest)\w{1,8} (?:\w+ ){0,2}?(?:encore|toujours|chez|factures? par)\b|\brefus\w+|\bressort a\b|\bau-dela d(?:u|e la|es) (?:seuil|plafond|contrat|mandat|tolerance)\b|\binacceptable retard|\bnon[- ]reponse"
)
EXPECTATION = re.compile(
    r"\bcontrat\w*|\bcontractuel\w*|\bclauses?\b|\barticles? ?\d|\bart\. ?\d|\bl'article\b|\bcctp\b|\bccap\b|\bccp\b|\bcahier des (?:charges|clauses)|\bmarche (?:public|n°|subsequent|\w*\d|prevoi\w*|exige\w*)|\b(?:exige\w*|prevue?s?|fixee?s?) par le marche|\bbpu\b|\bmandat\b|\bconvention\b|\bconditions (?:generales|particulieres)|\bcgv\b|\bl?'?offre (?:signee|ferme|acceptee|retenue|validee|que (?:nous|j'))|\b(?:prix|tarif) (?:ferme|fixe|signe|contractu\w*|garanti|convenu|negocie|bloque)|\bferme\b|\bsigne(?:e|s|es)?\b|\bconven\w+|\bconvenu\w*|\bprevo\w+|\bprevue?s?\b|\bengage(?:e|s|es|ment|ments)?\b|\bengages par\b|\bpromis\w* par (?:ecrit|mail|courriel)|\bconfirm\w+ (?:par|le|pour|d'|de|du|du)\b|\bselon (?:la |le |l'|votre |leur |vos |leurs )?(?:confirmation|courrier|mail|planning|calendrier|devis|offre|contrat|engagement|sms)|\bd'apres (?:leur|votre|le|la|l') ?(?:courrier|contrat|mail|confirmation|devis|offre|planning|engagement)"
    r"|\bvalidee?s?\b|\bavions (?:valide|demande|convenu|signe|transmis|fourni)\w*|\bdev(?:ait|aient|ions|iez|ais)\b|\baur(?:ait|aient|iez|ions) du\b|\bfix(?:e|ait|ent|es) (?:a |un |une |\d)|\bfixait\b|\bplafonn\w+|\bstipul\w+|\bexig\w+|\bpreavis\b|\bdans les delais?\b|\bdelai (?:de|legal|reglementaire|contractuel|maxim\w*|prevu|annonce|fixe)|\b(?:sous|dans les|fixe|de) \d+ (?:jours|heures|mois|semaines)|\b\d+ jours (?:ouvr\w+|calendaires|francs)|\blrar\b|\brecommandee?\b|\bla loi\b|\bdecret\b|\breglementa\w*|\brgpd\b|\bcode d[eu] l\w+|\bobligat\w*|\btelereleve\w*|\blinky\b|\bgazpar\b|\bcommuniqu?\w* (?:tres |parfaitement )?bien|\bcommunicant\w*|\bprogramme(?:e|s|es)? (?:le|a|pour|par)|\bcreneaux?\b|\bdate (?:prevue|convenue|d'effet)"
    r"|\bresili(?:e|ation|es|ee|ions)\b|\bdenonc\w*|\bfactures? (?:\w+ )?(?:est |sont |a ete |ont ete |deja |toutes )?(?:payee?s?|reglee?s?|a jour)|\b(?:est|sont|toutes|tout) a jour\b|\ba paye\b|\bavons paye\b|\bai paye\b|\breglee?s?\b(?! en)|\bdeja (?:paye|regle)\w*|\battestation\w*|\bmaximum\b|\bseuil\b|\bperimetre\b|\bgaranti\w*|\bgratuite\b|\bcharte\b|\bnotre accord\b|\baccuse reception\b|\bconfidenti\w+|\bfactur\w+ reel\w*|\binclus(?:e|es)?\b|\bforfait\w*|\bagree\w*|\bcontract\w*|\bsigned\b|\bwithin \d+|\btermination\b|\bnotice period\b|\bshould have\b|\bwas due\b|\bpromised in writing\b|\bd'usage\b"
)
STATED = re.compile(
    r"\b(?:contrat|offre|marche|convention|avenant|mandat|proposition|devis|cctp|ccap|bpu|contract|agreement|offer)\b[^.?!]{0,60}\b(?:dit|indiqu\w+|prevo\w+|mention\w+|stipul\w+|fix\w+|plafonn\w+|precis\w+|annonc\w+|garanti\w*|est (?:bien )?(?:a|en|de)|says?|states?|provides?|sets?)\b|\b(?:convenu|negocie|signe|accepte|valide)\w*[^.?!]{0,40}\d|\bl'offre le confirme\b"
)
ACTUAL = re.compile(
    r"\bfactur\w+|\bcompt(?:e|ent|ait|ee?s?)\b|\bapplique\w*|\bfigur\w+|\bmentionn\w+|\bressort\w*|\bpreleve\w*|\bprelevement|\binvoice\w*|\bbill\w*|\bshows?\b|\bcharg(?:e|ed|es|ing)\b|\brecu\b|\bapparai\w*|\bligne\b|\bon (?:est|paie|en est)\b|\bj'en compte\b|\bcela fait\b"
)
TRADE = re.compile(
    r"\bfactur\w*|\bprix\b|\btarif\w*|\bindex\b|\bcompteurs?\b|\bcomptage\b|\bbascul\w*|\bcoup\w{1,5}\b|\bcontrat\w*|\boffres?\b|\bprm\b|\bpdl\b|\bpce\b|\bpoints?\b|\bsites?\b|\bdossier\b|\breclamation\w*|\bdemandes?\b|\brendez-vous\b|\brdv\b|\btechnicien\w*|\bdonnees\b|\bconso\w*|\bfournisseur\w*|\bengie\b|\bedf\b|\benedis\b|\bgrdf\b|\btotalenergies\b|\bekwateur\b|\balpiq\b|\bvattenfall\b|\beni\b|\bilek\b|\bohm\b|\bgaz\b|\belec\w*|\benergie\w*|\bmwh\b|\bkwh\b|\bkva\b|\babonnement\w*|\bacheminement\b|\bturpe\b|\bcapacite\b|\baccises?\b|\btaxes?\b|\bprelev\w*|\bavoirs?\b|\bmandat\b|\bpuissance\w*|\bmise en service\b|\braccordement\b|\bdce\b|\bconsultation\b|\bannexe\b|\bfichier\b|\bpreavis\b|\breconduit\w*|\bresili\w*|\brapport\w*|\bbilan\w*|\btc\b|\bcoefficient\w*|\binvoice\w*|\bmeter\w*|\bsupply\b|\bcar\b|\bbranchement\b|\bpostes?\b|\bhp\b|\bhc\b|\bheures (?:pleines|creuses)\b|\bvert\b|\bgaranties? d'origine|\bcee\b|\bprime\b"
)
HYPOTHETIC = re.compile(r"^(?:\W*)(?:si (?!je (?:comprends|lis|ne m|me (?:trompe|fie))|j'en crois|besoin)|s'il|en cas d|au cas ou|a supposer|if |que se passe|imaginons|dans l'hypothese)")
ORAL = re.compile(
    r"\b(?:avai\w+|a|ont|m'a|nous a|avez) (?:bien )?(?:dit|promis|assure|laisse entendre|raconte|jure)\b(?!.{0,30}\bpar (?:ecrit|mail|courriel|courrier))|\b(?:dit|promis|assure|annonce|garanti)\w* (?:au telephone|oralement|de vive voix|verbalement)|\boralement\b|\bverbalement\b|\bde vive voix\b|\bpromesse (?:orale|verbale)"
)
HEARSAY = re.compile(r"\bil parait\b|\bon m'a (?:dit|rapporte)|\bj'ai (?:entendu|lu)\b|\bapparemment\b|\bd'apres (?:un|une|mon|ma) (?:ami|collegue|confrere|voisin|copain|beau)\w*|\bmon (?:voisin|confrere|beau-frere) (?:m'|me |nous |dit|pretend)|\bparait-il\b|\bla rumeur\b|\bon dit que\b")
RUMOUR = re.compile(
    r"(?=.*\b(?:il parait|parait-il|d'apres (?:un|une|mon|ma)|on m'a (?:dit|rapporte)|j'ai entendu|la rumeur|on dit que)\b)(?=.*\b(?:vous|votre|vos|courtiers?|fournisseurs?)\b)(?=.*\b(?:cache\w*|commissions?|tromp\w*|abus\w*|ment(?:ez|ent|i)|profit\w*|surfactur\w*|retro\w*|marges?|erreurs?|probleme)\b)"
)
COMPLAINT = re.compile(
    r"\b(?:pas le cas|ne vois rien|rien venir|toujours (?:pas|rien)|n'est pas|n'a pas|plus cher|aucun|ou est|explication|decu\w*|pas tenu\w*|en realite|au final|resultat|finalement)\b"
)
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
