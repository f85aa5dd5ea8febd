"""Non-conformities."""

from crm.catalogue import BusinessObject, Choice, Field, Link

NON_CONFORMITIES = BusinessObject(
    name="non_conformities",
    singular="non-conformité",
    plural="non-conformités",
    is_feminine=True,
    title="reference",
    words=("nc", "ncs", "non conformité", "non conformités", "écart qualité", "écarts qualité",
           "écarts", "anomalies qualité", "anomalie", "anomalies", "problèmes qualité", "litiges",
           "litige", "fnc", "souci qualité", "soucis qualité", "problème qualité",
           "fiche d’écart", "fiche de non-conformité"),
    fields=(
        Field("reference", "Référence", "code", is_feminine=True),
        Field("detected_on", "Détection", "date", is_feminine=True, words=(
            "détectées", "détectée", "ouvertes depuis", "ouvertes en", "survenues", "survenue",
            "remontées", "signalées", "déclarées", "constatées", "relevées", "apparues")),
        Field("source", "Origine", "enum", is_feminine=True, choices=(
            Choice("email", "Courriel", ("par mail", "par courriel")),
            Choice("call", "Appel", ("par téléphone", "appel téléphonique")),
            Choice("audit", "Audit", ("en audit", "issues d’audit", "d’audit")),
            Choice("internal", "Interne", ("en interne", "internes")),
        )),
        Field("family", "Famille", "enum", is_feminine=True, words=(
            "type", "catégorie", "nature", "motif", "familles"), choices=(
            Choice("billing", "Facturation", ("facture", "factures", "de facturation")),
            Choice("metering", "Comptage", ("relève", "de comptage", "index")),
            Choice("contract", "Contrat", ("contractuelle", "contractuelles")),
            Choice("switching", "Bascule", ("changement de fournisseur", "bascules", "switch")),
            Choice("outage", "Coupure", ("coupures", "interruption", "interruptions")),
            Choice("price", "Prix", ("de prix", "tarifaire", "tarifaires")),
            Choice("delay", "Délai", ("délais", "retards de traitement", "de délai")),
            Choice("privacy", "Données personnelles", ("rgpd", "confidentialité",
                                                       "vie privée")),
            Choice("broker", "Cabinet", ("de notre fait", "courtier", "imputables au cabinet",
                                         "de notre faute")),
        )),
        Field("severity", "Gravité", "enum", is_feminine=True, words=("criticité",), choices=(
            Choice("minor", "Mineure", ("mineures", "mineur", "légères", "bénignes")),
            Choice("major", "Majeure", ("majeures", "majeur", "graves", "grave", "critiques",
                                        "sérieuses")),
        )),
        Field("requirement", "Exigence non respectée", "text", is_feminine=True, words=(
            "exigence",)),
        Field("evidence", "Preuve", "text", is_feminine=True, words=("constat",)),
        Field("containment", "Mesure immédiate", "text", is_feminine=True, words=(
            "mesures immédiates", "action immédiate", "correction")),
        Field("root_cause", "Cause", "text", is_feminine=True, words=(
            "cause racine", "causes", "analyse des causes", "origine profonde",
            "venait de quoi", "vient de quoi", "pourquoi")),
        Field("corrective_action", "Action corrective", "text", is_feminine=True, words=(
            "actions correctives", "actions", "action prévue")),
        Field("due_on", "Échéance", "date", is_feminine=True, words=(
            "à traiter", "date limite", "à solder", "échéances", "à clore", "en retard")),
        Field("effectiveness_check_on", "Contrôle d’efficacité", "date", words=(
            "efficacité", "vérification d’efficacité", "vérifie", "vérifier")),
        Field("effectiveness_criterion", "Critère d’efficacité", "text"),
        Field("status", "Statut", "enum", words=("état", "étape", "avancement"), choices=(
            Choice("draft", "Brouillon", ("brouillons", "à qualifier")),
            Choice("open", "Ouverte", ()),
            Choice("analysing", "En analyse", ("analyse en cours", "analysées")),
            Choice("acting", "Action en cours", ("en traitement", "en action",
                                                 "en cours de traitement")),
            Choice("checking", "En vérification", ("à vérifier", "vérification")),
            Choice("closed", "Clôturée", ("clôturées", "closes", "close", "soldées", "soldée",
                                          "fermées", "résolues", "terminées")),
        )),
        Field("closed_on", "Clôture", "date", is_feminine=True),
    ),
    columns=("reference", "account.name", "family", "severity", "status", "detected_on",
             "due_on", "requirement"),
    order="due_on",
    links={
        "account": Link("accounts", "account_id", "Client"),
        "contract": Link("contracts", "contract_id", "Contrat"),
        "owner": Link("users", "owner_id", "Responsable"),
        "opened_by": Link("users", "opened_by_id", "Ouverte par"),
    },
    search=("reference",),
    date="detected_on",
)  # fmt: skip
