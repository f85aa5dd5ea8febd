"""Closed lists that several objects share."""

from crm.catalogue import Choice

SEGMENTS = (
    Choice("local_authority", "Collectivité", (
        "collectivités", "collectivité locale", "collectivités locales",
        "collectivité territoriale", "secteur public", "public", "mairies", "mairie",
        "communes clientes", "acheteurs publics", "local authority")),
    Choice("industry", "Industrie", (
        "industriel", "industriels", "industrielle", "industrielles", "usines", "usine",
        "manufacturiers")),
    Choice("services", "Tertiaire", ("bureaux", "services", "tertiaires")),
    Choice("health", "Santé", (
        "hôpitaux", "hôpital", "hospitalier", "hospitaliers", "établissements de santé",
        "cliniques", "clinique", "sanitaire", "maisons de retraite", "maison de retraite", "médico-social", "EHPAD")),
    Choice("property_manager", "Gestionnaire immobilier", (
        "gestionnaires immobiliers", "syndics", "syndic", "immobilier", "bailleurs", "bailleur",
        "gestionnaires d’immeubles", "copro", "copropriété", "copropriétés", "foncières", "administrateurs de biens")),
)  # fmt: skip

ENERGIES = (
    Choice(
        "electricity",
        "Électricité",
        ("électrique", "électriques", "élec", "elec", "courant", "power"),
    ),
    Choice("gas", "Gaz", ("gaz naturel", "gazier", "gazière", "gaziers")),
)

DOCUMENT_STATUSES = (
    Choice("draft", "Brouillon", ("brouillons", "en rédaction")),
    Choice("in_review", "En relecture", ("en revue", "à relire", "en validation")),
    Choice("in_force", "En vigueur", ("applicable", "applicables", "valides")),
    Choice("superseded", "Remplacé", ("remplacés", "périmé", "périmés", "obsolète", "obsolètes")),
    Choice("withdrawn", "Retiré", ("retirés", "supprimé", "supprimés")),
)
ROLES = (
    Choice("all", "tout le cabinet"),
    Choice("reader", "lecteurs"),
    Choice("sales", "commerciaux"),
    Choice("quality", "qualité"),
    Choice("director", "direction"),
    Choice("admin", "administration"),
)
