"""Tenders, their lots and criteria, and the competitors met."""

from crm.catalogue import BusinessObject, Choice, Field, Link
from crm.objects.choices import ENERGIES

TENDER_ENERGIES = (*ENERGIES, Choice("both", "Électricité et gaz", (
    "bi-énergie", "multi-énergie", "deux énergies")))  # fmt: skip

TENDERS = BusinessObject(
    name="tenders",
    singular="appel d’offres",
    plural="appels d’offres",
    is_feminine=False,
    title="reference",
    words=("ao", "aos", "consultation", "consultations", "appel d’offre", "appels d’offre",
           "appels d’offre public", "marché public", "marchés publics", "mise en concurrence",
           "dce", "affaires", "affaire", "pipeline", "amo"),
    fields=(
        Field("reference", "Référence", "code", is_feminine=True),
        Field("boamp_id", "Identifiant BOAMP", "code", words=("boamp",)),
        Field("title", "Intitulé", "text", words=("objet", "titre")),
        Field("buyer", "Acheteur", "text", words=("acheteurs", "pouvoir adjudicateur")),
        Field("cpv_codes", "Codes CPV", "list", words=("cpv",)),
        Field("procedure", "Procédure", "enum", is_feminine=True, words=("type de procédure",),
              choices=(
            Choice("open", "Appel d’offres ouvert", ("procédure ouverte", "ouverts")),
            Choice("restricted", "Appel d’offres restreint", ("restreinte", "restreints")),
            Choice("adapted", "Procédure adaptée", ("mapa", "mapas", "adaptée", "adaptées")),
            Choice("negotiated", "Procédure négociée", ("négociée", "négociées")),
            Choice("framework_call", "Marché subséquent", ("subséquent", "subséquents")),
            Choice("private", "Consultation privée", ("privée", "privées", "gré à gré")),
        )),
        Field("published_on", "Publication", "date", is_feminine=True, words=(
            "publié", "publiés", "parus", "paru", "parution", "publication", "sortis")),
        Field("submission_deadline", "Remise des offres", "instant", is_feminine=True, words=(
            "échéance", "à rendre", "rendre", "date limite", "remise", "limite de réponse",
            "à remettre", "remettre", "clôture", "clôturent", "répondre", "deadline", "à répondre",
            "limite de remise", "se termine", "dépôt", "à déposer", "dus", "échéances", "expirent",
            "ferment", "tombent")),
        Field("questions_deadline", "Fin des questions", "instant", is_feminine=True, words=(
            "questions", "limite des questions", "poser des questions",
            "date limite des questions")),
        Field("estimated_value_eur", "Valeur estimée", "money", "€", is_feminine=True, words=(
            "valeur", "montant", "montants", "montant estimé", "enjeu", "pèse", "euros",
            "chiffre d’affaires", "vaut", "valent", "estimation")),
        Field("volume_mwh", "Volume", "energy", "MWh", words=("volumes", "mwh", "consommation")),
        Field("energy", "Énergie", "enum", is_feminine=True, choices=TENDER_ENERGIES),
        Field("status", "Statut", "enum", words=("état", "avancement", "étape"), choices=(
            Choice("detected", "Détecté", ("détectés", "repérés", "repéré", "nouveaux")),
            Choice("qualifying", "En qualification", (
                "à qualifier", "en analyse", "qualification", "en cours de qualification")),
            Choice("go", "Go", ("go décidé", "à répondre", "en cours de réponse",
                                "en préparation")),
            Choice("no_go", "No-Go", ("no go", "nogo", "écartés", "écarté", "abandonnés",
                                      "abandonné", "déclinés", "non répondus")),
            Choice("submitted", "Déposé", (
                "déposés", "remis", "soumis", "envoyés", "en attente de résultat",
                "attente de réponse", "attend le résultat", "attendons le résultat", "résultat",
                "résultats", "en attente du résultat")),
            Choice("won", "Gagné", ("gagnés", "remportés", "remporté", "gagnées", "succès",
                                    "avons gagné", "attribués")),
            Choice("lost", "Perdu", ("perdus", "perdues", "avons perdu", "échecs", "non retenus",
                                     "ratés")),
            Choice("cancelled", "Annulé", ("annulés", "sans suite", "annulées",
                                           "déclarés sans suite")),
        )),
        Field("score", "Score", "number", "/ 100", words=("note", "noté", "scores")),
        Field("verdict", "Verdict", "enum", words=("décision",), choices=(
            Choice("GO", "Go"),
            Choice("GO_SOUS_RESERVE", "Go sous réserve", ("sous réserve", "go conditionnel")),
            Choice("NO_GO", "No-Go", ("no go", "nogo")),
        )),
        Field("verdict_reason", "Motif du verdict", "text", words=(
            "raison", "motif", "pourquoi")),
    ),
    columns=("reference", "title", "buyer", "status", "energy", "volume_mwh",
             "estimated_value_eur", "submission_deadline"),
    order="submission_deadline",
    links={
        "account": Link("accounts", "account_id", "Client"),
        "owner": Link("users", "owner_id", "Responsable"),
        "market_watch": Link("market_watch", "market_watch_id", "Veille"),
    },
    search=("reference", "boamp_id", "title", "buyer"),
    date="submission_deadline",
    measure="estimated_value_eur",
)  # fmt: skip

TENDER_LOTS = BusinessObject(
    name="tender_lots",
    singular="lot",
    plural="lots",
    is_feminine=False,
    title="title",
    words=("allotissement", "alloti", "allotis", "allotie"),
    fields=(
        Field("number", "Numéro", "number"),
        Field("title", "Intitulé", "text"),
        Field("energy", "Énergie", "enum", is_feminine=True, choices=ENERGIES),
        Field("volume_mwh", "Volume", "energy", "MWh", words=("volumes", "mwh")),
        Field("delivery_point_count", "Points du lot", "number"),
        Field("estimated_value_eur", "Valeur estimée", "money", "€", is_feminine=True, words=(
            "valeur", "montant")),
    ),
    columns=("tender.reference", "number", "title", "energy", "volume_mwh",
             "delivery_point_count", "estimated_value_eur"),
    order="tender.reference",
    links={"tender": Link("tenders", "tender_id", "Appel d’offres")},
    paths={"account": "tender.account"},
    measure="estimated_value_eur",
)  # fmt: skip

TENDER_CRITERIA = BusinessObject(
    name="tender_criteria",
    singular="critère d’attribution",
    plural="critères d’attribution",
    is_feminine=False,
    title="name",
    words=("critère", "critères", "pondération", "pondérations"),
    fields=(
        Field("name", "Critère", "text"),
        Field("weight_pct", "Poids", "percent", "%", words=("pondération", "pondérations", "pèse",
                                                           "pourcentage")),
    ),
    columns=("tender.reference", "name", "weight_pct"),
    order="tender.reference",
    links={
        "tender": Link("tenders", "tender_id", "Appel d’offres"),
        "lot": Link("tender_lots", "lot_id", "Lot"),
    },
    paths={"account": "tender.account"},
    measure="weight_pct",
)  # fmt: skip

COMPETITORS = BusinessObject(
    name="competitors",
    singular="concurrent",
    plural="concurrents",
    is_feminine=False,
    title="name",
    words=("concurrence", "rivaux", "concurrente"),
    fields=(
        Field("name", "Nom", "text"),
        Field("kind", "Nature", "enum", is_feminine=True, words=("type",), choices=(
            Choice("supplier", "Fournisseur", ("fournisseurs",)),
            Choice("broker", "Courtier", ("courtiers", "cabinets")),
        )),
        Field("strengths", "Forces", "text", is_feminine=True, words=(
            "points forts", "atouts", "avantages", "force")),
        Field("weaknesses", "Faiblesses", "text", is_feminine=True, words=(
            "points faibles", "défauts", "faiblesse")),
        Field("typical_price_eur_per_mwh", "Prix habituel", "price", "€/MWh", words=(
            "prix", "prix pratiqué", "prix pratiqués", "prix moyen")),
    ),
    columns=("name", "kind", "typical_price_eur_per_mwh", "strengths", "weaknesses"),
    order="name",
    search=("name",),
    measure="typical_price_eur_per_mwh",
)  # fmt: skip

TENDER_COMPETITORS = BusinessObject(
    name="tender_competitors",
    singular="offre concurrente",
    plural="offres concurrentes",
    is_feminine=True,
    title="outcome",
    key="tender_id",
    words=("offre de concurrent", "offres de concurrents", "offre d’un concurrent"),
    fields=(
        Field("outcome", "Issue", "enum", is_feminine=True, words=("résultat",), choices=(
            Choice("won", "Gagnée", ("remporté", "remportés", "gagné", "gagnés")),
            Choice("lost", "Perdue", ("perdu", "perdus")),
            Choice("withdrawn", "Retirée", ("retiré",)),
            Choice("unknown", "Inconnue", ("inconnu",)),
        )),
        Field("price_eur_per_mwh", "Prix proposé", "price", "€/MWh", words=("prix", "prix offert")),
    ),
    columns=("tender.reference", "competitor.name", "outcome", "price_eur_per_mwh"),
    order="tender.reference",
    links={
        "tender": Link("tenders", "tender_id", "Appel d’offres"),
        "competitor": Link("competitors", "competitor_id", "Concurrent"),
    },
    paths={"account": "tender.account"},
    measure="price_eur_per_mwh",
)  # fmt: skip
