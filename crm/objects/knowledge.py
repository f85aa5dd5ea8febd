"""What the firm writes and follows: knowledge articles, document templates, market watch."""

from crm.catalogue import BusinessObject, Choice, Field, Link
from crm.objects.choices import DOCUMENT_STATUSES, ROLES, SEGMENTS

KB_ARTICLES = BusinessObject(
    name="kb_articles",
    singular="article de la base de connaissances",
    plural="articles de la base de connaissances",
    is_feminine=False,
    title="title",
    words=("articles kb", "article kb", "articles de connaissance", "base de connaissances",
           "articles internes"),
    fields=(
        Field("title", "Titre", "text"),
        Field("standard", "Norme", "enum", is_feminine=True, words=("référentiel",), choices=(
            Choice("ISO 9001", "ISO 9001", ("9001",)),
            Choice("ISO 14001", "ISO 14001", ("14001",)),
            Choice("ISO 50001", "ISO 50001", ("50001",)),
        )),
        Field("clause", "Clause", "text", is_feminine=True),
        Field("kind", "Nature", "enum", is_feminine=True, words=("type",), choices=(
            Choice("procedure", "Procédure", ("procédures",)),
            Choice("instruction", "Instruction", ("instructions",)),
            Choice("record", "Enregistrement", ("enregistrements",)),
            Choice("guide", "Guide", ("guides",)),
        )),
        Field("document_version", "Version", "text", is_feminine=True),
        Field("status", "Statut", "enum", words=("état",), choices=DOCUMENT_STATUSES),
        Field("valid_from", "Valable du", "date"),
        Field("valid_to", "Valable jusqu’au", "date"),
        Field("review_due_on", "Relecture prévue", "date", is_feminine=True, words=(
            "revue", "relecture", "à réviser", "révision", "à revoir")),
        Field("body", "Texte", "text"),
    ),
    columns=("title", "standard", "kind", "document_version", "status", "review_due_on"),
    order="title",
    links={"owner": Link("users", "owner_id", "Responsable")},
    search=("title",),
    date="review_due_on",
)  # fmt: skip

DOCUMENT_TEMPLATES = BusinessObject(
    name="document_templates",
    singular="modèle de document",
    plural="modèles de documents",
    is_feminine=False,
    title="name",
    words=("modèle", "modèles", "gabarit", "gabarits", "trame", "trames"),
    fields=(
        Field("name", "Nom", "text"),
        Field("kind", "Nature", "enum", is_feminine=True, words=("type",), choices=(
            Choice("technical_memo", "Mémoire technique", ("mémoires techniques", "mémoire")),
            Choice("offer", "Offre", ("offres", "d’offre")),
            Choice("email", "Courriel", ("mail", "e-mail", "courriels")),
            Choice("minutes", "Compte rendu", ("comptes rendus", "pv")),
            Choice("letter", "Lettre", ("courrier", "lettres", "courriers")),
        )),
        Field("target_segment", "Segment visé", "enum", choices=SEGMENTS),
        Field("language", "Langue", "text", is_feminine=True),
        Field("document_version", "Version", "text", is_feminine=True),
        Field("status", "Statut", "enum", words=("état",), choices=DOCUMENT_STATUSES),
        Field("body", "Texte", "text"),
    ),
    columns=("name", "kind", "target_segment", "document_version", "status"),
    order="name",
    links={"owner": Link("users", "owner_id", "Responsable")},
    search=("name",),
)  # fmt: skip

DOCUMENTS = BusinessObject(
    name="documents",
    singular="document de la base",
    plural="documents de la base",
    is_feminine=False,
    title="code",
    fields=(
        Field("code", "Code", "code"),
        Field("title", "Titre", "text"),
        Field("clause", "Clause", "text", is_feminine=True),
        Field("must_read", "À lire par", "list", choices=ROLES),
    ),
    columns=("code", "title", "clause", "owner.full_name", "must_read"),
    order="code",
    links={"owner": Link("users", "owner_id", "Responsable")},
    search=("code", "title"),
)

DOCUMENT_VERSIONS = BusinessObject(
    name="document_versions",
    singular="version de document",
    plural="versions de documents",
    is_feminine=True,
    title="designation",
    fields=(
        Field("designation", "Désignation", "text", is_feminine=True),
        Field("status", "Statut", "enum", choices=DOCUMENT_STATUSES),
        Field("valid_from", "Valable du", "date"),
        Field("valid_to", "Valable jusqu’au", "date"),
        Field("review_due_on", "Relecture prévue", "date", is_feminine=True),
    ),
    columns=("designation", "status", "valid_from", "valid_to", "review_due_on"),
    order="designation",
    links={"document": Link("documents", "document_id", "Document")},
    search=("designation",),
    date="review_due_on",
)

MARKET_WATCH = BusinessObject(
    name="market_watch",
    singular="élément de veille",
    plural="éléments de veille",
    is_feminine=False,
    title="title",
    words=("veille", "veilles", "actualité", "actualités", "avis détectés", "articles de veille",
           "avis de veille", "news"),
    fields=(
        Field("source", "Source", "enum", is_feminine=True, words=("origine",), choices=(
            Choice("boamp", "BOAMP"), Choice("ted", "TED", ("joue",)),
            Choice("cre", "CRE"), Choice("press", "Presse", ("articles de presse",)),
        )),
        Field("source_reference", "Référence", "code", is_feminine=True),
        Field("title", "Titre", "text"),
        Field("published_on", "Publication", "date", is_feminine=True, words=(
            "publiés", "publié", "parus", "paru", "datant")),
        Field("summary", "Résumé", "text"),
        Field("relevance", "Pertinence", "number", "/ 100", is_feminine=True, words=(
            "pertinents", "pertinent", "pertinente")),
        Field("status", "Statut", "enum", words=("état",), choices=(
            Choice("new", "Nouveau", ("nouveaux", "nouvelles", "nouvelle", "non lus", "à trier")),
            Choice("kept", "Conservé", ("conservés", "gardés", "retenus")),
            Choice("dismissed", "Écarté", ("écartés", "rejetés")),
            Choice("converted", "Converti", ("convertis", "transformés", "devenus appels d’offres",
                                             "convertis en appels d’offres")),
        )),
    ),
    columns=("title", "source", "published_on", "relevance", "status"),
    order="published_on",
    search=("title", "source_reference"),
    date="published_on",
)  # fmt: skip
