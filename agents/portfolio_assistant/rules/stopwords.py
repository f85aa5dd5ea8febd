"""Words of a question that carry no condition of their own."""

GLUE = frozenset(
    """
a ai ait afin alors as au aucun aucune aujourd aujourdhui aura auront aussi autre autres aux avec
avez avoir avons ayant bien bon bonjour bonsoir car ce ceci cela celle celles celui ces cet cette
ceux chaque chez ci comme comment compris concernant concerne concernent concernes concernees dans
date d de deja depuis des dis dit dire dites doit doivent donc donne donnez donner dont du e elle
elles en encore ensemble entre es est et etait etaient ete etes etre eu eux fait faire fais faites
faut fois font garde ici il ils j je jour jours jusqu l la là laquelle le lequel les lesquelles
lesquels leur leurs liste listes lister listez lui m ma mais me meme mes mette mettre mieux moi mon
montre montrer montrez moins mois n ne ni nom noms non nos notre nous on ont ou où oui par parmi
part pas pendant peu peut peuvent peux plus plusieurs plutot point pour pourrais pourriez pourquoi
pouvez pres presente presentent propos puis qu quand quant que quel quelle quelles quels qui quoi
quelqu quelque quelques rappelle rappeler rapport rien s sa sait sans sauf se sera serait seront
ses si soit sommes son sont sous stp suis sur svp t ta tel telle tels tes ti toi ton tous tout
toute toutes tres trop trouve trouver tu un une va vais veux vois voir voudrais vont vos votre vous
vu voit y affiche afficher affichez aimerais besoin cherche chercher connais connaitre connait
combien compte compter comptons comptes indique indiquez indiquer merci peux possede possedent
possedons precise precisez prie quelqu savoir sors sortir souhaite toujours veuillez visualiser
apparait disposons dispose disposent existe existent exactement environ gere gerent gerons
suit suivi suivis suivie suivies suivons suivent portefeuille cabinet firme base crm donnees
actuel actuelle actuels actuelles actuellement moment cours maintenant presentement present
annee annees an ans semaine semaines trimestre trimestres semestre semestres hier demain
prochain prochaine prochains prochaines dernier derniere derniers dernieres premier premiere
premiers premieres haut bas gros grosse grosses grand grande grands grandes petit petite petits
petites eleve elevee eleves elevees fort forte important importante importants importantes cher
chere chers cheres faible faibles meilleur meilleure meilleurs meilleures total totale totaux
totales somme cumul cumule global globale moyen moyenne moyens moyennes maximum minimum max min
nombre montants superieur superieure superieurs superieures inferieur inferieure inferieurs
inferieures egal egale egaux dessus dessous depasse depassent depassant excede repartition repartis
reparti ventilation ventile decoupage tri trie tries classe classes classement ordre croissant
decroissant tableau resume resumer synthese fiche situation bilan topo vue parle parlez sujet info
infos information informations detail details detaille detaillee complet complete tombe arrive
arrivent arrivant venir viennent vient passe passes passee passees proche proches recent recents
recente recentes ancien anciens ancienne anciennes tot tard vite urgent urgents urgente urgentes
reste restent restant restants restante restantes represente representent pese pesent vaut valent
consomme consomment paie paye paient payent payons coute coutent rapporte rapportent genere generent
touche touchent toucher appartient appartiennent appartenant rattache rattaches rattachee rattachees
lie lies liee liees relatif relatifs relative situe situes situee situees localise implante implantes
trouvent installe base bases basee basees habite dits nommes nommee appele appeles signe signee
avant apres entre fin debut milieu plein retard retards tard ouvert ouverte ouverts ouvertes
top principal principale principaux principales liste eur euro euros mwh kwh gwh kva kw mw m2
k millions million milliers millier cent deux trois quatre cinq six sept huit neuf dix vingt trente
quinze douze centaine numero quelconque est-il estil globalement reel reels auraient celui-ci
delai depasse depasses depassee depassees traite traites traitee traitees traiter attente attend
attendent regler regle reglee reglees clos close closes soldee solde fais-moi etat cote niveau
point faut-il soucis aucuns differents differentes different type types sorte genre dessous
responsable charge occupe vivant vivants vivante gagner beaucoup quelles hors excepte exclu
aie aient aillent aide aidez alors amener annonce annoncer apporte apporter apprend apprendre assez
attendre attends attendez attendons aupres autant autour auquel auxquels bosse boulot bref ca cadre
causer cela cependant certain certains certaine certaines certes charger chaud chauds chercher choisi
choisir coincer comportent comporte comprend comprendre compter conclure confirme confirmer confirmez
considere contient contiennent continue convient correspond correspondent correspondant couvert couverts
couvre crois croire dedans dehors demande demander demandez derriere detient detiennent devait devant
devez devons devra devrait dingue dispo doit-on donnons dossier durant effectivement emporte emporter
engage engages enleve enlever envoye envoyer ensuite entend entrer enverra espere essaie essayer etablir
evidemment excuse expliquer facon facons fameux fameuse filer finalement finis fini finie force
forcement franchement genial gens gros guere guise habite hein heures heure hors ici idem imagine
importe impossible inclus inclure inscrit interesse interessent jamais jolie joue jouer jusque juste
laisse laisser laissez lance lancer lors lorsque lourd lourds lourde maintient malgre manque manquent
marche matin maxi merde met mettent mettez mini monte monter montes mouais moyennant naturellement
necessaire niveau niveaux note notes obtenir obtenu obtient occupent occuper oublie oublier oublies
parait parler parles parlent parti partir partis pense penser pensez perd perdre permet permettre
personne personnes pique piquer place placer plein pleine plupart porte porter portent pose poser
possible pourrait pourront pouvait pouvoir pouvons preferable prend prendre prends prenez pris prise
prises prevenir prevoir prevoit prevu prevus prevue prevues probablement produit proposer propose
proposent quasi quasiment quelle que quitte quitter raison range rappels rate rates ratee recevoir
recherche recherchez recois recoit recu recus recue recues redis refaire refuse refuser regarde
regarder regardez remarque remet remonte remonter rend rends rendent repond repondent reponds
ressort ressorti ressortir restera retenir retrouve retrouver reviens revenir revient revoir rien
sache sachant salut sembl semble semblent sens sert servent servir simple simples sinon soient soir
soit solution sorte sortes sorti sortie sortis sortent souvent souviens suffit suivante suivant suit
suivre supplementaire suppose surement tant taper taf tellement tenir tiens tient tirer tomber
tombent tombe tourne toutefois traine trainent traine trouvons truc trucs tuyaux urgent utile utiles
utilise utiliser vachement valoir vaudrait venait venant venu venus venue veuille viens voire voient
vois vont voudrait voulu vouloir voulons vraiment zut ouais oui non ok okay bah ben euh dac coucou
mensuel mensuels annuel annuels annuelle annuelles trimestriel contre envers vers via hormis
meme memes pareil pareille egalement idem differemment combien celui bout coup coups fois ensemble
part parts tete lieu lieux suite suites titre cas sujet sujets egard occasion mesure permettez
numeros reference references codes code fiche fiches ligne lignes enregistre enregistres
pourcentage pourcentages proportion taux salut identifie derriere suis-je tableaux chiffres chiffre valeur global ainsi egalement svp urgence
possible possibles eventuel eventuels probable probables accessoirement voici voila allons vas
aller sera serez notamment surtout uniquement seulement juste simplement rapidement globaux
    """.split()
)
