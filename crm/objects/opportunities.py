"""Opportunities: flexibility, PPA, energy efficiency."""

from crm.catalogue import BusinessObject, Choice, Field, Link

IDENTIFIED = Choice("identified", "Identifiée", ("identifiées", "repérées", "identifiés"))
STUDYING = Choice("studying", "À l’étude", ("en étude", "étudiées", "à l’étude", "étudiés"))
PROPOSED = Choice("proposed", "Proposée", ("proposées", "proposés"))
SIGNED = Choice("signed", "Signée", ("signées", "signés", "conclus", "conclues"))
ABANDONED = Choice("abandoned", "Abandonnée", ("abandonnées", "abandonnés"))
ACCOUNT_LINKS = {
    "account": Link("accounts", "account_id", "Client"),
    "owner": Link("users", "owner_id", "Responsable"),
}
SITE_LINKS = {**ACCOUNT_LINKS, "site": Link("sites", "site_id", "Site")}

FLEXIBILITY_OPPORTUNITIES = BusinessObject(
    name="flexibility_opportunities",
    singular="opportunité de flexibilité",
    plural="opportunités de flexibilité",
    is_feminine=True,
    title="mechanism",
    words=("flexibilité", "flexibilités", "effacement", "effacements", "flex",
           "opportunités d’effacement"),
    fields=(
        Field("mechanism", "Mécanisme", "enum", words=("type", "dispositif"), choices=(
            Choice("nebef", "NEBEF", ("effacement", "effacements")),
            Choice("capacity", "Capacité", ("mécanisme de capacité", "garantie de capacité")),
            Choice("system_services", "Services système", ("réserve primaire", "services système",
                                                           "réserve")),
            Choice("load_shifting", "Décalage de charge", ("décalage", "report de charge",
                                                          "déplacement de charge")),
        )),
        Field("power_kw", "Puissance", "power", "kW", is_feminine=True, words=(
            "puissance effaçable", "kw", "capacité effaçable", "potentiel")),
        Field("yearly_value_eur", "Valeur annuelle", "money", "€/an", is_feminine=True, words=(
            "valeur", "gain", "gains", "rapporte", "revenu", "revenus", "rémunération", "montant")),
        Field("status", "Statut", "enum", words=("état",), choices=(
            IDENTIFIED, STUDYING, PROPOSED, SIGNED, ABANDONED)),
    ),
    columns=("account.name", "site.name", "mechanism", "power_kw", "yearly_value_eur", "status"),
    order="yearly_value_eur",
    links=SITE_LINKS,
    measure="yearly_value_eur",
)  # fmt: skip

PPA_PROJECTS = BusinessObject(
    name="ppa_projects",
    singular="projet de PPA",
    plural="projets de PPA",
    is_feminine=False,
    title="name",
    words=("ppa", "ppas", "projet ppa", "projets ppa", "contrat d’achat direct",
           "achat direct d’électricité", "power purchase agreement"),
    fields=(
        Field("name", "Nom", "text"),
        Field("kind", "Nature", "enum", is_feminine=True, words=("type",), choices=(
            Choice("on_site", "Sur site", ("autoconsommation", "sur site")),
            Choice("off_site_physical", "Hors site physique", ("hors site", "physique")),
            Choice("virtual", "Virtuel", ("virtuels", "financier", "financiers")),
        )),
        Field("technology", "Technologie", "enum", is_feminine=True, words=("filière",), choices=(
            Choice("solar", "Solaire", ("photovoltaïque", "pv", "solaires", "panneaux")),
            Choice("wind", "Éolien", ("éoliens", "éolienne", "vent")),
            Choice("hydro", "Hydraulique", ("hydro", "barrage")),
            Choice("biomass", "Biomasse", ("bois",)),
        )),
        Field("capacity_mw", "Capacité", "power", "MW", is_feminine=True, words=(
            "puissance", "mw", "puissance installée")),
        Field("volume_mwh", "Volume annuel", "energy", "MWh", words=("volume", "volumes",
                                                                    "mwh", "production")),
        Field("price_eur_per_mwh", "Prix", "price", "€/MWh", words=("tarif", "prix moyen")),
        Field("duration_years", "Durée", "number", "ans", is_feminine=True, words=(
            "durées", "années")),
        Field("producer", "Producteur", "text", words=("producteurs", "développeur")),
        Field("status", "Statut", "enum", words=("état",), choices=(
            IDENTIFIED, STUDYING,
            Choice("negotiating", "En négociation", ("négociés", "négociation", "négocie")),
            SIGNED, ABANDONED)),
    ),
    columns=("name", "account.name", "kind", "technology", "capacity_mw", "volume_mwh",
             "price_eur_per_mwh", "duration_years", "status"),
    order="name",
    links=ACCOUNT_LINKS,
    search=("name",),
    measure="volume_mwh",
)  # fmt: skip

EFFICIENCY_OPPORTUNITIES = BusinessObject(
    name="efficiency_opportunities",
    singular="opportunité d’efficacité énergétique",
    plural="opportunités d’efficacité énergétique",
    is_feminine=True,
    title="action",
    words=("efficacité énergétique", "actions d’efficacité", "économies d’énergie",
           "économie d’énergie", "opportunités d’efficacité", "opportunités ee", "travaux cee",
           "fiches cee", "cee", "certificats d’économies d’énergie", "actions d’économie"),
    fields=(
        Field("action", "Action", "text", is_feminine=True),
        Field("cee_sheet_code", "Fiche CEE", "code", is_feminine=True, words=("fiche",)),
        Field("investment_eur", "Investissement", "money", "€", words=(
            "investissements", "investir", "coût", "coûte", "capex")),
        Field("savings_mwh", "Économies d’énergie", "energy", "MWh/an", is_feminine=True, words=(
            "économies en mwh", "mwh", "mwh économisés", "énergie économisée")),
        Field("savings_eur", "Économies", "money", "€/an", is_feminine=True, words=(
            "économies en euros", "économie", "économiser", "gains", "gain", "montant",
            "économies annuelles")),
        Field("payback_years", "Temps de retour", "number", "ans", words=(
            "retour sur investissement", "retour", "roi", "payback", "rentable", "rentables",
            "amortissement")),
        Field("cee_mwhcumac", "CEE", "number", "MWh cumac", words=("cumac", "mwh cumac",
                                                                 "gwh cumac")),
        Field("status", "Statut", "enum", words=("état",), choices=(
            IDENTIFIED, STUDYING, PROPOSED, SIGNED,
            Choice("done", "Réalisée", ("réalisées", "faites", "terminées")), ABANDONED)),
    ),
    columns=("account.name", "site.name", "action", "cee_sheet_code", "investment_eur",
             "savings_mwh", "savings_eur", "payback_years", "status"),
    order="payback_years",
    links=SITE_LINKS,
    search=("action", "cee_sheet_code"),
    measure="savings_eur",
)  # fmt: skip
