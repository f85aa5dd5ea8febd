"""What happens on the grid: incidents and requests to the grid operators."""

from crm.catalogue import BusinessObject, Choice, Field, Link

INCIDENTS = BusinessObject(
    name="incidents",
    singular="incident",
    plural="incidents",
    is_feminine=False,
    title="impact",
    words=("panne", "pannes", "incident réseau"),
    fields=(
        Field("kind", "Nature", "enum", is_feminine=True, words=("type",), choices=(
            Choice("outage", "Coupure", ("coupures", "interruption", "coupure de courant",
                                         "coupures de courant")),
            Choice("voltage", "Tension", ("creux de tension", "surtension", "de tension")),
            Choice("meter", "Compteur", ("comptage", "compteur défaillant", "de comptage")),
            Choice("data", "Données", ("données manquantes", "de données")),
        )),
        Field("started_at", "Début", "instant", words=("survenus", "survenu", "commencé",
                                                       "depuis quand")),
        Field("ended_at", "Fin", "instant", is_feminine=True),
        Field("impact", "Conséquence", "text", is_feminine=True, words=("impact",)),
        Field("status", "Statut", "enum", words=("état",), choices=(
            Choice("open", "Ouvert", ("ouverts", "en cours", "non résolus", "non résolu")),
            Choice("monitoring", "Sous surveillance", ("surveillés", "surveillance")),
            Choice("resolved", "Résolu", ("résolus", "clos", "terminés", "réglés")),
        )),
    ),
    columns=("kind", "account.name", "site.name", "delivery_point.code", "started_at",
             "ended_at", "status", "impact"),
    order="started_at",
    links={
        "delivery_point": Link("delivery_points", "delivery_point_id", "Point de livraison"),
        "contract": Link("contracts", "contract_id", "Contrat"),
    },
    paths={"site": "delivery_point.site", "account": "delivery_point.site.account"},
    date="started_at",
)  # fmt: skip

GRID_REQUESTS = BusinessObject(
    name="grid_requests",
    singular="demande au gestionnaire de réseau",
    plural="demandes au gestionnaire de réseau",
    is_feminine=True,
    title="operator_reference",
    words=("demande", "demandes", "demande grd", "demandes grd", "demandes enedis",
           "demande enedis", "demandes grdf",
           "demande grdf", "demandes au distributeur", "demandes réseau",
           "demandes au gestionnaire", "demandes en cours chez enedis"),
    fields=(
        Field("kind", "Nature", "enum", is_feminine=True, words=("type",), choices=(
            Choice("connection", "Raccordement", ("raccordements",)),
            Choice("power_change", "Changement de puissance", (
                "changements de puissance", "modification de puissance",
                "augmentation de puissance", "baisse de puissance")),
            Choice("meter_visit", "Intervention sur compteur", (
                "visite de compteur", "relevé spécial", "interventions sur compteur")),
            Choice("data_access", "Accès aux données", ("accès données", "collecte de données",
                                                       "courbe de charge")),
            Choice("complaint", "Réclamation", ("réclamations", "réclamation distributeur")),
        )),
        Field("operator_reference", "Référence du gestionnaire", "code", is_feminine=True),
        Field("sent_on", "Envoi", "date", words=("envoyées", "envoyée", "transmises")),
        Field("due_on", "Échéance", "date", is_feminine=True, words=(
            "attendue", "attendues", "en retard", "date limite", "réponse attendue")),
        Field("status", "Statut", "enum", words=("état",), choices=(
            Choice("draft", "Brouillon", ("à envoyer", "brouillons")),
            Choice("sent", "Envoyée", ("en attente", "sans réponse")),
            Choice("accepted", "Acceptée", ("acceptées",)),
            Choice("scheduled", "Planifiée", ("planifiées", "programmées")),
            Choice("done", "Réalisée", ("réalisées", "faites", "terminées")),
            Choice("refused", "Refusée", ("refusées", "rejetées", "rejetée")),
        )),
    ),
    columns=("operator_reference", "kind", "account.name", "delivery_point.code", "sent_on",
             "due_on", "status"),
    order="due_on",
    links={
        "delivery_point": Link("delivery_points", "delivery_point_id", "Point de livraison"),
        "owner": Link("users", "owner_id", "Responsable"),
    },
    paths={"site": "delivery_point.site", "account": "delivery_point.site.account"},
    search=("operator_reference",),
    date="due_on",
)  # fmt: skip
