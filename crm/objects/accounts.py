"""Clients and their contacts."""

from crm.catalogue import BusinessObject, Choice, Field, Link
from crm.objects.choices import SEGMENTS

ACCOUNTS = BusinessObject(
    name="accounts",
    singular="client",
    plural="clients",
    is_feminine=False,
    title="name",
    words=("compte", "comptes", "sociétés clientes", "entreprises clientes",
           "donneurs d’ordre", "entreprises", "consommateurs"),
    fields=(
        Field("name", "Nom", "text", words=("dénomination", "raison sociale")),
        Field("siren", "SIREN", "code"),
        Field("siret", "SIRET", "code"),
        Field("naf", "Code NAF", "code", words=("naf", "ape", "code ape", "activité")),
        Field("segment", "Segment", "enum", words=("secteur", "type de client", "typologie"),
              choices=SEGMENTS),
        Field("status", "Statut", "enum", words=("état",), choices=(
            Choice("prospect", "Prospect", (
                "prospects", "en prospection", "à démarcher", "démarche", "démarchons",
                "pas encore signés")),
            Choice("client", "Client", ("clients actifs", "clients en cours")),
            Choice("at_risk", "À risque", (
                "en risque", "en danger", "fragile", "fragiles", "menacé", "menacés",
                "risquent de partir", "susceptibles de partir", "clients à risques")),
            Choice("former", "Ancien client", (
                "anciens clients", "perdus", "clients perdus", "ex-clients", "partis",
                "nous ont quittés", "qui sont partis")),
        )),
        Field("address", "Adresse", "text", words=("adresse postale", "siège", "coordonnées")),
        Field("postal_code", "Code postal", "code"),
        Field("city", "Ville", "text", words=("commune", "localité")),
        Field("region", "Région", "text", is_feminine=True),
        Field("annual_revenue_eur", "Chiffre d’affaires", "money", "€", is_additive=False, words=(
            "ca annuel", "chiffre d’affaires du client", "chiffre d’affaires annuel",
            "chiffre d’affaires", "taille", "revenu annuel", "chiffres d’affaires")),
        Field("cac_eur", "Coût d’acquisition", "money", "€", words=(
            "cac", "coûts d’acquisition", "acquérir", "aller chercher", "conquérir")),
        Field("cost_to_serve_eur", "Coût de service", "money", "€", words=(
            "coût à servir", "coûts de service", "coûte à servir")),
        Field("lifetime_value_eur", "Valeur vie client", "money", "€", is_feminine=True, words=(
            "ltv", "valeur vie", "valeur à vie", "rapporte", "rentables", "rentable")),
        Field("client_since_on", "Client depuis", "date", words=(
            "ancienneté", "arrivé le", "depuis quand client", "client depuis quand", "depuis quand",
            "date d’entrée", "fidèle depuis")),
    ),
    columns=("name", "segment", "status", "city", "region", "annual_revenue_eur"),
    order="name",
    links={
        "owner": Link("users", "owner_id", "Responsable"),
        "parent": Link("accounts", "parent_account_id", "Maison mère"),
    },
    search=("name", "siren", "siret"),
)  # fmt: skip

CONTACTS = BusinessObject(
    name="contacts",
    singular="contact",
    plural="contacts",
    is_feminine=False,
    title="name",
    words=("interlocuteur", "interlocuteurs", "interlocutrice", "personne à joindre",
           "qui appeler", "qui contacter", "correspondant", "référent", "joindre"),
    fields=(
        Field("name", "Nom", "text"),
        Field("role", "Fonction", "text", words=("poste", "rôle"), is_feminine=True),
        Field("email", "Courriel", "text", words=(
            "mail", "e-mail", "email", "adresse mail", "adresse électronique")),
        Field("phone", "Téléphone", "text", words=(
            "numéro de téléphone", "tél", "portable", "numéro")),
        Field("language", "Langue", "text", is_feminine=True),
        Field("consent", "Consentement", "boolean", words=("rgpd", "opt-in", "accord")),
        Field("consent_on", "Consentement le", "date"),
        Field("consent_origin", "Origine du consentement", "text"),
        Field("preferred_channel", "Canal préféré", "enum", words=("canal",), choices=(
            Choice("email", "Courriel", ("par mail", "par courriel")),
            Choice("phone", "Téléphone", ("par téléphone",)),
            Choice("teams", "Teams"),
            Choice("letter", "Courrier", ("par courrier", "par lettre")),
        )),
    ),
    columns=("name", "role", "account.name", "email", "phone"),
    order="name",
    links={"account": Link("accounts", "account_id", "Client")},
    search=("name", "email"),
)  # fmt: skip
