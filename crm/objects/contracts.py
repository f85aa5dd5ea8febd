"""Energy contracts and their amendments."""

from crm.catalogue import BusinessObject, Choice, Field, Link
from crm.objects.choices import ENERGIES

CONTRACTS = BusinessObject(
    name="contracts",
    singular="contrat",
    plural="contrats",
    is_feminine=False,
    title="reference",
    words=("contrat d’énergie", "marchés en cours", "engagement fournisseur", "contrat énergie"),
    fields=(
        Field("reference", "Référence", "code", is_feminine=True, words=("numéro de contrat",)),
        Field("supplier", "Fournisseur", "text", words=(
            "fournisseurs", "fournit", "chez qui", "fourni par", "alimenté par")),
        Field("energy", "Énergie", "enum", is_feminine=True, choices=ENERGIES),
        Field("price_type", "Type de prix", "enum", words=("structure de prix", "formule de prix"),
              choices=(
            Choice("fixed", "Prix fixe", ("fixe", "fixes", "prix fixes", "prix ferme", "bloqué",
                                          "figé")),
            Choice("indexed", "Prix indexé", ("indexé", "indexés", "indexée", "variable",
                                              "prix indexés", "indexation")),
            Choice("click", "Prix à clics", ("clic", "clics", "à clic", "à clics")),
            Choice("block_spot", "Bloc + spot", ("bloc", "spot", "blocs", "bloc spot",
                                                 "bloc et spot")),
        )),
        Field("price_eur_per_mwh", "Prix", "price", "€/MWh", words=(
            "prix du mwh", "au mwh", "du méga", "au méga", "méga", "tarif", "prix moyen", "prix de l’énergie", "coût du mwh", "paie",
            "payent", "paient", "cher")),
        Field("annual_volume_mwh", "Volume annuel", "energy", "MWh", words=(
            "volume", "volumes", "consommation contractuelle", "mwh", "énergie contractée",
            "consommation")),
        Field("annual_amount_eur", "Montant annuel", "money", "€", words=(
            "montant", "montants", "valeur", "chiffre d’affaires", "budget", "revenu",
            "dépense annuelle", "facture annuelle", "pèse", "pèsent", "budget énergie", "coûte", "euros")),
        Field("start_on", "Début", "date", words=(
            "démarre", "démarrent", "commence", "commencent", "débute", "débutent", "prise d’effet",
            "date de début", "signés", "démarrage", "entrée en vigueur")),
        Field("end_on", "Échéance", "date", is_feminine=True, words=(
            "fin", "finit", "finissent", "se termine", "se terminent", "échéances", "expire",
            "expirent", "arrive à terme", "arrivent à terme", "arrivant à échéance", "terme",
            "date de fin", "s’arrête", "s’arrêtent", "à renouveler", "renouveler",
            "renouvellement", "renouvellements", "arrive à échéance", "arrivent à échéance",
            "prend fin", "prennent fin", "tombent", "tombe à échéance", "jusqu’à quand")),
        Field("notice_days", "Préavis", "number", "jours", words=(
            "délai de préavis", "durée de préavis", "durée du préavis", "jours de préavis",
            "sortir du contrat")),
        Field("notice_deadline_on", "Date limite de préavis", "date", is_feminine=True, words=(
            "dénoncer", "dénonciation", "dénonciations", "à dénoncer", "être dénoncés",
            "être dénoncé", "limite de préavis",
            "date de préavis", "fin de préavis", "résilier", "résiliation", "préavis à envoyer",
            "préavis tombe", "préavis tombent", "préavis arrive", "préavis arrivent",
            "préavis à poser", "préavis à donner", "préavis à respecter", "préavis à venir",
            "poser le préavis", "donner le préavis", "envoyer le préavis")),
        Field("tacit_renewal", "Tacite reconduction", "boolean", is_feminine=True, words=(
            "tacite", "reconduction tacite", "reconduits automatiquement",
            "reconduit tout seul", "reconduisent tout seuls", "se reconduit", "se reconduisent",
            "reconduction automatique")),
        Field("tolerance_band_pct", "Bande de tolérance", "percent", "%", is_feminine=True,
              words=("tolérance", "bandeau", "clause de tolérance")),
        Field("green_share_pct", "Part verte", "percent", "%", is_feminine=True, words=(
            "énergie verte", "vert", "verte", "renouvelable", "garantie d’origine",
            "électricité verte", "part renouvelable")),
        Field("status", "Statut", "enum", words=("état",), choices=(
            Choice("draft", "Brouillon", ("en projet", "pas encore signés", "à signer")),
            Choice("active", "Actif"),
            Choice("ending", "En fin de vie", ("en fin", "bientôt finis", "en fin de contrat")),
            Choice("ended", "Échu", ("échus", "terminés", "terminé", "finis", "expirés")),
            Choice("terminated", "Résilié", ("résiliés", "rompus", "rompu", "dénoncés")),
        )),
        Field("risk_score", "Score de risque", "number", "/ 100", words=(
            "risque", "risqué", "risqués", "score", "scores de risque")),
        Field("risk_factors", "Facteurs de risque", "list", words=("facteurs",)),
    ),
    columns=("reference", "account.name", "supplier", "energy", "price_type",
             "price_eur_per_mwh", "annual_volume_mwh", "annual_amount_eur", "end_on"),
    order="end_on",
    links={
        "account": Link("accounts", "account_id", "Client"),
        "owner": Link("users", "owner_id", "Responsable"),
        "tender": Link("tenders", "tender_id", "Appel d’offres"),
    },
    search=("reference",),
    date="end_on",
    measure="annual_amount_eur",
)  # fmt: skip

AMENDMENTS = BusinessObject(
    name="amendments",
    singular="avenant",
    plural="avenants",
    is_feminine=False,
    title="summary",
    words=("modification de contrat", "modifications de contrat"),
    fields=(
        Field("number", "Numéro", "number"),
        Field("signed_on", "Signature", "date", is_feminine=True, words=(
            "signature", "signés", "signé")),
        Field("effective_on", "Prise d’effet", "date", is_feminine=True, words=(
            "prise d’effet", "effet")),
        Field("kind", "Nature", "enum", is_feminine=True, words=("type", "objet"), choices=(
            Choice("scope", "Périmètre", ("de périmètre", "ajout de sites")),
            Choice("price", "Prix", ("de prix", "tarifaire", "tarifaires")),
            Choice("duration", "Durée", ("de durée", "prolongation", "prolongations")),
            Choice("power", "Puissance", ("de puissance",)),
        )),
        Field("summary", "Résumé", "text"),
    ),
    columns=("contract.reference", "account.name", "number", "kind", "signed_on",
             "effective_on", "summary"),
    order="signed_on",
    links={"contract": Link("contracts", "contract_id", "Contrat")},
    paths={"account": "contract.account"},
    date="signed_on",
)  # fmt: skip
