"""Sites and delivery points."""

from crm.catalogue import BusinessObject, Choice, Field, Link
from crm.objects.choices import ENERGIES

SITES = BusinessObject(
    name="sites",
    singular="site",
    plural="sites",
    is_feminine=False,
    title="name",
    words=("bâtiment", "bâtiments", "établissement", "établissements", "implantations",
           "implantation", "lieux", "locaux"),
    fields=(
        Field("name", "Nom", "text"),
        Field("address", "Adresse", "text", is_feminine=True),
        Field("postal_code", "Code postal", "code"),
        Field("commune", "Commune", "text", is_feminine=True, words=("ville",)),
        Field("insee_code", "Code INSEE", "code", words=("insee",)),
        Field("latitude", "Latitude", "number", is_feminine=True),
        Field("longitude", "Longitude", "number", is_feminine=True),
        Field("surface_m2", "Surface", "area", "m²", is_feminine=True, words=(
            "m2", "mètres carrés", "superficie", "grand", "grands", "surfaces")),
        Field("activity", "Activité", "text", is_feminine=True),
    ),
    columns=("name", "account.name", "commune", "postal_code", "surface_m2", "activity"),
    order="name",
    links={"account": Link("accounts", "account_id", "Client")},
    search=("name", "address"),
    measure="surface_m2",
)  # fmt: skip

DELIVERY_POINTS = BusinessObject(
    name="delivery_points",
    singular="point de livraison",
    plural="points de livraison",
    is_feminine=False,
    title="code",
    words=("pdl", "pdls", "prm", "prms", "pce", "pces", "compteur", "compteurs",
           "points de comptage", "point de comptage", "points de mesure", "point de mesure",
           "points référence mesure", "pds", "compteurs électriques"),
    fields=(
        Field("energy", "Énergie", "enum", is_feminine=True, choices=ENERGIES),
        Field("code", "Code", "code", words=("prm", "pce", "pdl")),
        Field("segment", "Segment", "enum", words=("segment tarifaire", "catégorie"), choices=(
            Choice("C1", "C1"), Choice("C2", "C2"), Choice("C3", "C3"), Choice("C4", "C4"),
            Choice("C5", "C5"), Choice("T1", "T1"), Choice("T2", "T2"), Choice("T3", "T3"),
            Choice("T4", "T4"),
        )),
        Field("grid_operator", "Gestionnaire de réseau", "text", words=(
            "grd", "distributeur", "gestionnaire", "eld", "gestionnaires de réseau",
            "distributeurs")),
        Field("fta", "Formule tarifaire", "code", is_feminine=True, words=(
            "fta", "formule tarifaire d’acheminement", "option tarifaire")),
        Field("highest_subscribed_kva", "Puissance souscrite", "power", "kVA", is_feminine=True,
              words=("puissance", "puissances", "kva", "puissant", "puissants",
                     "puissances souscrites")),
        Field("subscribed_power_kva", "Puissance par classe (kVA)", "text", is_feminine=True,
              words=("puissance par classe", "puissances par classe", "classe temporelle")),
        Field("max_power_kva", "Puissance maximale atteinte", "power", "kVA", is_feminine=True,
              words=("puissance maximale", "puissance atteinte", "puissance max", "pointe",
                     "puissance appelée")),
        Field("annual_consumption_mwh", "Consommation annuelle", "energy", "MWh",
              is_feminine=True, words=(
            "consommation", "consommations", "consomme", "consomment", "volume", "volumes", "mwh",
            "conso", "énergie consommée", "consommé", "consommateur", "consommateurs",
            "énergivore", "énergivores")),
        Field("car_kwh", "CAR", "energy", "kWh", is_feminine=True, words=(
            "consommation annuelle de référence",)),
        Field("data_consent", "Accord de collecte des données", "boolean", words=(
            "consentement", "mandat", "accord de collecte", "autorisation de collecte",
            "accès aux données", "autorisation")),
        Field("data_consent_expires_on", "Accord valable jusqu’au", "date", words=(
            "consentement expire", "mandat expire", "autorisation expire", "expiration du mandat",
            "expiration du consentement", "fin de consentement")),
    ),
    columns=("code", "energy", "segment", "site.name", "account.name", "grid_operator",
             "highest_subscribed_kva", "annual_consumption_mwh"),
    order="code",
    links={"site": Link("sites", "site_id", "Site")},
    paths={"account": "site.account"},
    search=("code",),
    date="data_consent_expires_on",
    measure="annual_consumption_mwh",
)  # fmt: skip

CONTRACT_DELIVERY_POINTS = BusinessObject(
    name="contract_delivery_points",
    singular="rattachement de point de livraison",
    plural="rattachements de points de livraison",
    is_feminine=False,
    title="from_on",
    key="delivery_point_id",
    words=("points de livraison rattachés", "points rattachés", "périmètre du contrat"),
    fields=(
        Field("from_on", "Depuis le", "date"),
        Field("to_on", "Jusqu’au", "date"),
    ),
    columns=("contract.reference", "delivery_point.code", "site.name", "account.name",
             "from_on", "to_on"),
    order="contract.reference",
    links={
        "contract": Link("contracts", "contract_id", "Contrat"),
        "delivery_point": Link("delivery_points", "delivery_point_id", "Point de livraison"),
    },
    paths={"site": "delivery_point.site", "account": "contract.account"},
    date="from_on",
)  # fmt: skip
